// Threads for what takes long, so that those that serve calls stay free to answer what does not.
#ifndef DIGITS_SERVER_ENGINE_WORKERS_H_
#define DIGITS_SERVER_ENGINE_WORKERS_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace digits {

// Threads that run jobs in the order in which they are given.
class Workers {
 public:
  explicit Workers(size_t threads);

  // Returns when all jobs that were given have been run.
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Returns at once. From any thread. `job` throws nothing.
  void Run(std::function<void()> job);

  // Calls part(0) to part(parts - 1), each once, on this thread and on those that are idle, and
  // returns when all have returned. Parts begin in their order. From any thread, these included.
  void RunParts(size_t parts, const std::function<void(size_t part)>& part);

 private:
  void Work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_ENGINE_WORKERS_H_
