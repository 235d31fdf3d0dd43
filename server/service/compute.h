// Who computes an image.
#ifndef DIGITS_SERVER_SERVICE_COMPUTE_H_
#define DIGITS_SERVER_SERVICE_COMPUTE_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "server/engine/batcher.h"
#include "server/engine/registry.h"
#include "server/engine/workers.h"
#include "server/service/loop.h"

namespace digits {

// Images of cheap models are computed by the loop that received them, or the thread that read
// their picture; those of dear ones by
// threads of their own, so that no loop is held up for longer than a millisecond. Outlives the
// loops.
class Compute {
 public:
  // Lets up to `max_waiting` images of each dear model wait for a thread, and as many requests that
  // take long to read. The observers outlive it.
  Compute(const ModelRegistry& models, size_t threads, size_t max_waiting, PassObservers observers);

  // On the loop's thread. The image is answered or dropped, perhaps before this returns: no lock
  // that it takes is held. ResourceExhausted, with the time to wait before another attempt
  // (google.rpc.RetryInfo), where too many wait: then nothing happens to the image.
  absl::Status Add(const ServedModel& model, WaitingImage& image, Loop& loop);

  // The same for requests that take long to read: has `job` run on a thread of its own, which may
  // then add the image. `bytes`: the memory that it holds until `job` has returned; that of all is
  // bounded, too.
  absl::Status Run(size_t bytes, std::function<void()> job);
  absl::Status Add(const ServedModel& model, WaitingImage& image);

  // How many images of a model wait for a thread, by its index; and how many requests that take
  // long to read do, or are being read. From any thread.
  size_t ImagesWaiting(size_t model) const;
  size_t jobs() const { return jobs_; }

  Workers& workers() { return workers_; }

 private:
  absl::Status AddTo(Batcher& batcher, WaitingImage& image);

  PassObserver* ObserverOf(const ServedModel& model) const;

  const size_t threads_;
  const size_t max_waiting_;
  const PassObservers observers_;
  std::atomic<size_t> jobs_ = 0;        // that Run() was given and that have not returned
  std::atomic<size_t> jobs_bytes_ = 0;  // the memory that they hold
  std::vector<std::unique_ptr<Batcher>> batchers_;  // by the model's index; none where it is cheap
  Workers workers_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_COMPUTE_H_
