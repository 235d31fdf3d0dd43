#include "server/service/compute.h"

#include "server/service/status.h"

namespace digits {
namespace {

// The longest pass that a loop may run between two events.
constexpr std::chrono::milliseconds kLongestOnALoop{1};

}  // namespace

Compute::Compute(const ModelRegistry& models, size_t threads, size_t max_waiting)
    : workers_(threads) {
  for (const auto& model : models.models()) {
    const Classifier& classifier = *model->classifier;
    batchers_.push_back(
        classifier.pass_time() <= kLongestOnALoop
            ? nullptr
            : std::make_unique<Batcher>(classifier, workers_, threads, max_waiting));
  }
}

absl::Status Compute::Add(const ServedModel& model, WaitingImage& image, Loop& loop) {
  Batcher* const batcher = batchers_[model.index].get();
  if (batcher == nullptr) {
    loop.Compute(model, image);
    return absl::OkStatus();
  }
  if (batcher->Add(image)) return absl::OkStatus();
  return TryLater("as many images wait for this model as may; try again later",
                  batcher->time_to_clear());
}

}  // namespace digits
