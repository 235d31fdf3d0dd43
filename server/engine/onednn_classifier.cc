#include "server/engine/onednn_classifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cstddef>
#include <exception>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

#include "server/engine/onednn_plan.h"
#include "server/engine/softmax.h"
#include "server/engine/workspace_pool.h"
#include "server/image/image.h"

namespace digits {
namespace {

constexpr int kTimedPasses = 5;

// A plan, and the precision that it computes in.
struct Prepared {
  std::unique_ptr<const Plan> plan;
  std::string_view precision;
};

class OnednnClassifier final : public Classifier {
 public:
  OnednnClassifier(Prepared prepared, const Network& network)
      : plan_(std::move(prepared.plan)),
        precision_(prepared.precision),
        classes_(network.class_names.size()),
        temperature_(network.temperature) {
    std::unique_ptr<Workspace> workspace = workspaces_.Take();
    pass_time_ = TimeOfAPass(*workspace);
    workspaces_.Give(std::move(workspace));  // so that the first call finds one
  }

  int classes() const override { return static_cast<int>(classes_); }
  std::string_view precision() const override { return precision_; }

  // What ran at load fails later only for want of memory, which ends the process as elsewhere.
  void Classify(std::span<const uint8_t> pixels, std::span<float> probabilities,
                std::span<float> digit_scores) const noexcept override {
    const size_t images = pixels.size() / kImagePixels;
    assert(pixels.size() == images * kImagePixels);
    ClassifyInPasses(
        images, probabilities, digit_scores, [&](Workspace& workspace, size_t begin, size_t count) {
          return workspace.Run(pixels.subspan(begin * kImagePixels, count * kImagePixels));
        });
  }

  void ClassifyEach(std::span<const uint8_t* const> images, std::span<float> probabilities,
                    std::span<float> digit_scores) const noexcept override {
    ClassifyInPasses(images.size(), probabilities, digit_scores,
                     [&](Workspace& workspace, size_t begin, size_t count) {
                       return workspace.RunEach(images.subspan(begin, count));
                     });
  }

  size_t pass_images() const override { return Workspace::kMaxImages; }
  std::chrono::nanoseconds pass_time() const override { return pass_time_; }

 private:
  // The least of some runs: others may have been interrupted.
  static std::chrono::nanoseconds TimeOfAPass(Workspace& workspace) {
    const std::vector<uint8_t> pixels(Workspace::kMaxImages * kImagePixels);
    auto least = std::chrono::nanoseconds::max();
    for (int i = 0; i < kTimedPasses; ++i) {
      const auto start = std::chrono::steady_clock::now();
      workspace.Run(pixels);
      least = std::min<std::chrono::nanoseconds>(least, std::chrono::steady_clock::now() - start);
    }
    return least;
  }

  // run(workspace, begin, count) computes the logits of so many images from the begin-th.
  template <typename Run>
  void ClassifyInPasses(size_t images, std::span<float> probabilities,
                        std::span<float> digit_scores, const Run& run) const {
    assert(probabilities.size() == images * classes_);
    assert(digit_scores.empty() || digit_scores.size() == images);
    if (images == 0) return;
    std::unique_ptr<Workspace> workspace = workspaces_.Take();
    for (size_t begin = 0; begin < images; begin += Workspace::kMaxImages) {
      const size_t end = std::min(images, begin + Workspace::kMaxImages);
      const float* logits = run(*workspace, begin, end - begin);
      Softmax({logits, (end - begin) * classes_}, classes_, temperature_,
              probabilities.subspan(begin * classes_, (end - begin) * classes_),
              digit_scores.empty() ? digit_scores : digit_scores.subspan(begin, end - begin));
    }
    workspaces_.Give(std::move(workspace));
  }

  const std::unique_ptr<const Plan> plan_;
  const std::string_view precision_;
  const size_t classes_;
  const float temperature_;
  std::chrono::nanoseconds pass_time_{0};
  mutable WorkspacePool workspaces_{*plan_};
};

absl::Status CheckInt8(const Network& network) {
  if (absl::Status status = CheckInt8IsExact(); !status.ok()) return status;
  if (HasInputRanges(network)) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format(
      "the network {} has no input ranges, which int8 needs: its weights file would have them as "
      "digits.input_ranges",
      Architecture(network)));
}

using IsFasterFunction = std::function<bool(const Plan&, const Plan&)>;

// A plan in int8 where it is possible and faster than one in float32; else none.
std::unique_ptr<Plan> MakeFasterInt8Plan(const Network& network,
                                         const IsFasterFunction& is_faster) {
  // That there are ranges says that somebody has looked at what int8 makes of the network.
  if (network.input_ranges.empty() || !CheckInt8(network).ok()) return nullptr;
  const auto like_f32 = MakePlanLikeF32(network);
  if (!like_f32.ok()) return nullptr;
  absl::StatusOr<std::unique_ptr<Plan>> int8 = MakeInt8Plan(network);
  if (!int8.ok() || !is_faster(**int8, **like_f32)) return nullptr;
  return *std::move(int8);
}

absl::StatusOr<Prepared> Prepare(const Network& network, Precision precision,
                                 const IsFasterFunction& is_faster) {
  if (precision == Precision::kInt8) {
    if (absl::Status status = CheckInt8(network); !status.ok()) return status;
    absl::StatusOr<std::unique_ptr<Plan>> int8 = MakeInt8Plan(network);
    if (!int8.ok()) return int8.status();
    return Prepared{*std::move(int8), "int8"};
  }
  if (precision == Precision::kAuto) {
    if (auto int8 = MakeFasterInt8Plan(network, is_faster)) {
      return Prepared{std::move(int8), "int8"};
    }
  }
  absl::StatusOr<std::unique_ptr<Plan>> f32 = MakeF32Plan(network);
  if (!f32.ok()) return f32.status();
  return Prepared{*std::move(f32), "f32"};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Classifier>> MakeOnednnClassifier(
    const Network& network, Precision precision,
    const std::function<bool(const Plan&, const Plan&)>& is_faster) {
  if (absl::Status status = CheckNetwork(network); !status.ok()) return status;
  try {
    absl::StatusOr<Prepared> prepared = Prepare(network, precision, is_faster);
    if (!prepared.ok()) return prepared.status();
    return std::make_unique<OnednnClassifier>(*std::move(prepared), network);
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(
        fmt::format("there is not enough memory for the network {}", Architecture(network)));
  } catch (const std::exception& e) {
    return absl::InternalError(
        fmt::format("oneDNN cannot run the network {}: {}", Architecture(network), e.what()));
  }
}

}  // namespace digits
