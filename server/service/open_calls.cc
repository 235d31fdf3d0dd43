#include "server/service/open_calls.h"

namespace digits {

void OpenCalls::Begin() {
  const std::lock_guard lock(mutex_);
  ++count_;
}

void OpenCalls::Begin(const std::shared_ptr<Stream>& stream) {
  bool ending = false;
  {
    const std::lock_guard lock(mutex_);
    ++count_;
    ending = ending_;
    if (!ending) streams_.insert(stream);
  }
  if (ending) stream->End();
}

void OpenCalls::Ended() {
  const std::lock_guard lock(mutex_);
  if (--count_ == 0) none_.notify_all();
}

void OpenCalls::Ended(const std::shared_ptr<Stream>& stream) {
  {
    const std::lock_guard lock(mutex_);
    streams_.erase(stream);
  }
  Ended();
}

size_t OpenCalls::size() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

void OpenCalls::EndStreams() {
  std::set<std::shared_ptr<Stream>> streams;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    streams.swap(streams_);
  }
  for (const std::shared_ptr<Stream>& stream : streams) stream->End();
}

bool OpenCalls::WaitUntilNone(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return none_.wait_until(lock, deadline, [this] { return count_ == 0; });
}

}  // namespace digits
