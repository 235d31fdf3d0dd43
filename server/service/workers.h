// Threads for what takes long, so that gRPC's own stay free to answer what does not.
#ifndef DIGITS_SERVER_SERVICE_WORKERS_H_
#define DIGITS_SERVER_SERVICE_WORKERS_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace digits {

// Runs jobs in the order in which they are given, each on one of its threads.
class Workers {
 public:
  explicit Workers(size_t threads);

  // Returns when all jobs that were given have been run.
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Returns at once. From any thread. `job` throws nothing.
  void Run(std::function<void()> job);

 private:
  void Work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_WORKERS_H_
