// What callers ask, checked. Nothing here knows how requests arrive.
#ifndef DIGITS_SERVER_SERVICE_REQUESTS_H_
#define DIGITS_SERVER_SERVICE_REQUESTS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "digits/v1/digits.pb.h"
#include "server/engine/registry.h"
#include "server/image/plane.h"

namespace digits {

// The most images in a request, unless the operator says otherwise; such a request has 25.7 MB.
inline constexpr size_t kDefaultMaxBatchImages = 32768;

// The largest request message, in bytes. Above what the largest batch needs, so that a batch that
// is too large is answered with a sentence and not by the transport.
inline constexpr size_t kMaxRequestBytes = size_t{32} << 20;

// The most pixels of a picture: as many as 2048 x 2048 has.
inline constexpr size_t kMaxPicturePixels = size_t{4} << 20;

// The largest request of each kind, in bytes.
template <typename Request>
inline constexpr size_t kMaxBytesOf = size_t{64} << 10;
template <>
inline constexpr size_t kMaxBytesOf<v1::ClassifyRequest> = kMaxPicturePixels + (size_t{64} << 10);
template <>
inline constexpr size_t kMaxBytesOf<v1::ClassifyStreamRequest> = kMaxBytesOf<v1::ClassifyRequest>;
template <>
inline constexpr size_t kMaxBytesOf<v1::ClassifyBatchRequest> = kMaxRequestBytes;

// What to classify and the model to do it. The views are the request's.
struct ClassifyTask {
  const ServedModel* model = nullptr;
  std::span<const uint8_t> pixels;             // n x 784; empty where there is a picture
  std::optional<PlaneView> picture{};          // to make the one image of
  std::string_view picture_field = "picture";  // where the request has it
};

// These fail with InvalidArgument naming `pixels` or a part of `picture`, or with NotFound naming
// `model` or `version`.
absl::StatusOr<ClassifyTask> CheckRequest(const ModelRegistry& models,
                                          const v1::ClassifyRequest& request);
// The field is one of `request`'s, as in "request.pixels", or `request` itself.
absl::StatusOr<ClassifyTask> CheckRequest(const ModelRegistry& models,
                                          const v1::ClassifyStreamRequest& request);
absl::StatusOr<ClassifyTask> CheckRequest(const ModelRegistry& models,
                                          const v1::ClassifyBatchRequest& request,
                                          size_t max_batch_images);

// ModelRegistry::Find; its NotFound names `model` or `version`.
absl::StatusOr<const ServedModel*> FindModel(const ModelRegistry& models, std::string_view name,
                                             std::string_view version);

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_REQUESTS_H_
