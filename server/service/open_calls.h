// The calls that have begun and are not yet answered in full.
#ifndef DIGITS_SERVER_SERVICE_OPEN_CALLS_H_
#define DIGITS_SERVER_SERVICE_OPEN_CALLS_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <set>

namespace digits {

// May be used from any number of threads at once. Of calls that are no streams it only counts,
// without a lock.
class OpenCalls {
 public:
  // A call without an end of its own, which ends when it is told to.
  class Stream {
   public:
    virtual ~Stream() = default;
    // Answers what has been read, then ends. Called from any thread, at any time, at most once.
    virtual void End() = 0;
  };

  void Begin();
  // Also of a stream; `stream` may hear End() at once, before this returns.
  void Begin(const std::shared_ptr<Stream>& stream);

  void Ended();
  void Ended(const std::shared_ptr<Stream>& stream);

  // How many there are, and how many have begun so far.
  size_t size() const { return count_; }
  size_t begun() const { return begun_; }

  // Tells all streams to end: the open ones, and those that begin from now on.
  void EndStreams();

  // Waits until there is no call; false where there still is one at `deadline`.
  bool WaitUntilNone(std::chrono::steady_clock::time_point deadline);

 private:
  std::atomic<size_t> count_ = 0;
  std::atomic<size_t> begun_ = 0;
  std::mutex mutex_;  // guards what follows
  bool ending_ = false;
  std::set<std::shared_ptr<Stream>> streams_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_OPEN_CALLS_H_
