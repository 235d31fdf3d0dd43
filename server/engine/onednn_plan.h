// A network as oneDNN's inner-product primitives.
#ifndef DIGITS_SERVER_ENGINE_ONEDNN_PLAN_H_
#define DIGITS_SERVER_ENGINE_ONEDNN_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/model/network.h"

namespace digits {

// What one call at a time needs beside the plan. Used by one thread at a time; destroyed before its
// plan.
class Workspace {
 public:
  // The most images in a run. Beyond it nothing gets cheaper, and the activations would leave the
  // second-level cache.
  static constexpr size_t kMaxImages = 128;

  virtual ~Workspace() = default;

  // pixels: n x 784, n from 1 to kMaxImages, or to what the plan is for. Returns n x
  // classes logits, valid until the next run. Computes on the calling thread alone. What ran once
  // fails later only for want of memory.
  virtual const float* Run(std::span<const uint8_t> pixels) = 0;

  // The same for n images of 784 that lie apart.
  virtual const float* RunEach(std::span<const uint8_t* const> images) = 0;
};

// Never changed, and shared by all threads.
class Plan {
 public:
  virtual ~Plan() = default;

  virtual std::unique_ptr<Workspace> MakeWorkspace() const = 0;
};

// Each runs every primitive once, so that no later run pays for that. `network` is as
// CheckNetwork() asks. Internal where oneDNN fails; throws std::bad_alloc where memory does not
// suffice.

// InvalidArgument where the first layer, with the input's scale and offset folded in, is not
// finite.
absl::StatusOr<std::unique_ptr<Plan>> MakeF32Plan(const Network& network);

// As int8_network.h defines it; `network` has its input ranges. Errors of MakeInt8Network(), too.
absl::StatusOr<std::unique_ptr<Plan>> MakeInt8Plan(const Network& network);

// To measure how fast MakeF32Plan()'s would be, of whose errors it has every one: the same
// primitives, with some number for every weight, so that the network's own need not be scaled,
// transposed and reordered. For 1 and kRaceImages images at a time alone.
absl::StatusOr<std::unique_ptr<Plan>> MakePlanLikeF32(const Network& network);
inline constexpr size_t kRaceImages = 32;

// FailedPrecondition, saying why, where int8 would be computed wrongly: without AVX-512 VNNI and
// AVX-VNNI, oneDNN adds two products of bytes in 16 bits, which saturate.
absl::Status CheckInt8IsExact();

}  // namespace digits

#endif  // DIGITS_SERVER_ENGINE_ONEDNN_PLAN_H_
