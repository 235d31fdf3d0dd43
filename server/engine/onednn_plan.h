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

  // pixels: n x 784, n from 1 to kMaxImages, or to the largest size of the plan. Returns n x
  // classes logits, valid until the next run. Computes on the calling thread alone. What ran once
  // fails later only for want of memory.
  virtual const float* Run(std::span<const uint8_t> pixels) = 0;

  // The same for n images of 784 that lie apart.
  virtual const float* RunEach(std::span<const uint8_t* const> images) = 0;
};

// Prepared for some batch sizes. Never changed, and shared by all threads.
class Plan {
 public:
  virtual ~Plan() = default;

  virtual std::unique_ptr<Workspace> MakeWorkspace() const = 0;
};

// The batch sizes that a plan is prepared for.
enum class BatchSizes {
  kAll,   // a ladder up to Workspace::kMaxImages
  kRace,  // 1 and 32: enough to measure it by, in a fraction of the time
};

// A network in the form that plans are made from.
class PlanMaker {
 public:
  virtual ~PlanMaker() = default;

  // Runs every primitive once, so that no later run pays for that. Internal where oneDNN fails;
  // throws std::bad_alloc where memory does not suffice. The plan does not need its maker.
  virtual absl::StatusOr<std::unique_ptr<Plan>> Make(BatchSizes sizes) const = 0;
};

// In all of these `network` is as CheckNetwork() asks; they throw std::bad_alloc, too.

// InvalidArgument where the first layer, with the input's scale and offset folded in, is not
// finite.
absl::StatusOr<std::unique_ptr<PlanMaker>> PrepareF32(const Network& network);

// As int8_network.h defines it; `network` has its input ranges. Errors of MakeInt8Network().
absl::StatusOr<std::unique_ptr<PlanMaker>> PrepareInt8(const Network& network);

// For a race: what it makes takes as long as the plans in float32 and answers nothing of use, but
// is there without the weights having been turned, scaled and reordered, which takes longer than
// all the rest of a start.
absl::StatusOr<std::unique_ptr<PlanMaker>> PrepareLikeF32(const Network& network);

// FailedPrecondition, saying why, where int8 would be computed wrongly: without AVX-512 VNNI and
// AVX-VNNI, oneDNN adds two products of bytes in 16 bits, which saturate.
absl::Status CheckInt8IsExact();

}  // namespace digits

#endif  // DIGITS_SERVER_ENGINE_ONEDNN_PLAN_H_
