// Adaptive batching: whatever waits shares a pass.
#ifndef DIGITS_SERVER_ENGINE_BATCHER_H_
#define DIGITS_SERVER_ENGINE_BATCHER_H_

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "server/engine/classifier.h"
#include "server/engine/pass.h"
#include "server/engine/workers.h"

namespace digits {

// Computes images on the threads of a pool. An image that finds a thread idle is computed at once;
// those that come while all are busy share the next pass, up to what a pass holds. Nothing ever
// waits for others to come, so there is no time to tune. May be used from any number of threads at
// once.
class Batcher {
 public:
  // Runs up to `passes` at once, and lets up to `max_waiting` images wait for theirs. `classifier`
  // and `observer` outlive it, and its end comes after that of `workers`.
  Batcher(const Classifier& classifier, Workers& workers, size_t passes, size_t max_waiting,
          PassObserver* observer = nullptr);

  // The image is answered or dropped later, on another thread. False, and nothing happens to it,
  // where too many wait.
  bool Add(WaitingImage& image);

  // How many images wait for a pass.
  size_t waiting() const;

  // About how long it takes to compute as many as may wait, while the threads do nothing else.
  std::chrono::nanoseconds time_to_clear() const { return time_to_clear_; }

 private:
  void Run(Pass& pass);
  // Adds what waits, as far as it fits.
  void Fill(Pass& pass);

  Workers& workers_;
  const size_t max_waiting_;
  const std::chrono::nanoseconds time_to_clear_;
  std::vector<std::unique_ptr<Pass>> passes_;

  mutable std::mutex mutex_;
  std::deque<WaitingImage*> waiting_;  // none while one of the passes is idle
  std::vector<Pass*> idle_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_ENGINE_BATCHER_H_
