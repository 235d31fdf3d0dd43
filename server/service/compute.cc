#include "server/service/compute.h"

#include <chrono>
#include <utility>

#include "server/service/requests.h"
#include "server/service/status.h"

namespace digits {
namespace {

// The longest pass that a loop may run between two events.
constexpr std::chrono::milliseconds kLongestOnALoop{1};

// That requests hold which take long to read, over all of them.
constexpr size_t kMostJobsBytes = size_t{32} << 20;
static_assert(kMostJobsBytes >= kMaxBytesOf<v1::ClassifyRequest>);
// What reading such a one takes, about: a picture of some hundred pixels squared and more.
constexpr std::chrono::milliseconds kJobTime{4};

}  // namespace

Compute::Compute(const ModelRegistry& models, size_t threads, size_t max_waiting,
                 PassObservers observers)
    : threads_(threads),
      max_waiting_(max_waiting),
      observers_(std::move(observers)),
      workers_(threads) {
  for (const auto& model : models.models()) {
    const Classifier& classifier = *model->classifier;
    batchers_.push_back(classifier.pass_time() <= kLongestOnALoop
                            ? nullptr
                            : std::make_unique<Batcher>(classifier, workers_, threads, max_waiting,
                                                        ObserverOf(*model)));
  }
}

absl::Status Compute::Add(const ServedModel& model, WaitingImage& image, Loop& loop) {
  Batcher* const batcher = batchers_[model.index].get();
  if (batcher == nullptr) {
    loop.Compute(model, image);
    return absl::OkStatus();
  }
  return AddTo(*batcher, image);
}

absl::Status Compute::Add(const ServedModel& model, WaitingImage& image) {
  if (Batcher* const batcher = batchers_[model.index].get()) return AddTo(*batcher, image);
  Pass pass(*model.classifier, ObserverOf(model));
  pass.Add(image);
  pass.Run();
  return absl::OkStatus();
}

PassObserver* Compute::ObserverOf(const ServedModel& model) const {
  return observers_.empty() ? nullptr : observers_[model.index];
}

size_t Compute::ImagesWaiting(size_t model) const {
  const Batcher* const batcher = batchers_[model].get();
  return batcher == nullptr ? 0 : batcher->waiting();
}

absl::Status Compute::AddTo(Batcher& batcher, WaitingImage& image) {
  if (batcher.Add(image)) return absl::OkStatus();
  return TryLater("as many images wait for this model as may; try again later",
                  batcher.time_to_clear());
}

absl::Status Compute::Run(size_t bytes, std::function<void()> job) {
  const size_t jobs = ++jobs_;
  const size_t jobs_bytes = jobs_bytes_ += bytes;
  const auto end = [this, bytes] {
    --jobs_;
    jobs_bytes_ -= bytes;
  };
  if (jobs > max_waiting_ + threads_ || jobs_bytes > kMostJobsBytes) {
    end();
    return TryLater("as many pictures wait as may; try again later", kJobTime * jobs / threads_);
  }
  workers_.Run([job = std::move(job), end] {
    job();
    end();
  });
  return absl::OkStatus();
}

}  // namespace digits
