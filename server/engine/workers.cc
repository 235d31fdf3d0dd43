#include "server/engine/workers.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>

namespace digits {

Workers::Workers(size_t threads) {
  for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::Run(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  changed_.notify_one();
}

void Workers::RunParts(size_t parts, const std::function<void(size_t part)>& part) {
  // What helpers share. One that comes late finds nothing left, and may come when this has
  // returned.
  struct Shared {
    std::atomic<size_t> next = 0;
    std::atomic<size_t> done = 0;
  };
  const auto shared = std::make_shared<Shared>();
  const auto help = [shared, parts, &part] {
    for (size_t i = shared->next++; i < parts; i = shared->next++) {
      part(i);
      if (++shared->done == parts) shared->done.notify_one();
    }
  };
  const size_t helpers = std::min(parts, threads_.size());
  for (size_t i = 1; i < helpers; ++i) Run(help);
  help();
  for (size_t done = shared->done; done < parts; done = shared->done) shared->done.wait(done);
}

void Workers::Work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    std::function<void()> job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    job = nullptr;  // what it holds goes before the lock is taken
    lock.lock();
  }
}

}  // namespace digits
