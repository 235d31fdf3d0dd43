#include "server/service/open_calls.h"

#include <thread>

namespace digits {
namespace {

// How often the one who waits looks; so no call has to tell.
constexpr std::chrono::milliseconds kLook{1};

}  // namespace

void OpenCalls::Begin() {
  ++count_;
  begun_.fetch_add(1, std::memory_order_relaxed);
}

void OpenCalls::Begin(const std::shared_ptr<Stream>& stream) {
  Begin();
  bool ending = false;
  {
    const std::lock_guard lock(mutex_);
    ending = ending_;
    if (!ending) streams_.insert(stream);
  }
  if (ending) stream->End();
}

void OpenCalls::Ended() { --count_; }

void OpenCalls::Ended(const std::shared_ptr<Stream>& stream) {
  {
    const std::lock_guard lock(mutex_);
    streams_.erase(stream);
  }
  Ended();
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
  while (count_ > 0) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(kLook);
  }
  return true;
}

}  // namespace digits
