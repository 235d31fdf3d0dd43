#include "server/http/socket_stream.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "server/http/listener.h"

namespace digits {
namespace {

using std::chrono::milliseconds;

constexpr size_t kBufferBytes = size_t{16} << 10;
// Twice what the library takes as one line.
constexpr uint64_t kMaxHeadBytes = uint64_t{16} << 10;
// Between two looks at whether to go on waiting.
constexpr milliseconds kLook{20};
// For the client to read the last answer and to close.
constexpr milliseconds kGoodbye{1000};

bool Poll(int socket, short events, milliseconds timeout) {
  pollfd waiting = {socket, events, 0};
  return poll(&waiting, 1, static_cast<int>(timeout.count())) > 0;
}

bool IsTemporary(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

SocketStream::SocketStream(int socket, const std::atomic<Clock::time_point>& end)
    : socket_(socket), end_(end), buffer_(kBufferBytes) {}

SocketStream::~SocketStream() { close(socket_); }

bool SocketStream::AwaitRequest(milliseconds time, absl::FunctionRef<bool()> give_up) {
  while (begin_ == filled_ && !Poll(socket_, POLLIN, kLook)) {
    if (give_up()) return false;
  }
  deadline_ = Clock::now() + time;
  timed_out_ = false;
  readable_ = kMaxHeadBytes;
  return begin_ < filled_ || Fill() > 0;
}

std::string SocketStream::Peer() const {
  sockaddr_storage peer = {};
  socklen_t size = sizeof(peer);
  if (getpeername(socket_, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return "";
  return (peer.ss_family == AF_INET6 ? "ipv6:" : "ipv4:") + AddressText(peer, size);
}

void SocketStream::CloseGently() {
  shutdown(socket_, SHUT_WR);
  deadline_ = Clock::now() + kGoodbye;
  while (Fill() > 0) {
  }
}

ssize_t SocketStream::read(char* data, size_t size) {
  size = static_cast<size_t>(std::min<uint64_t>(size, readable_));
  if (size == 0) return -1;
  if (begin_ == filled_) {
    if (const ssize_t got = Fill(); got <= 0) return got;
  }
  size = std::min(size, filled_ - begin_);
  std::memcpy(data, buffer_.data() + begin_, size);
  begin_ += size;
  readable_ -= size;
  return static_cast<ssize_t>(size);
}

ssize_t SocketStream::write(const char* data, size_t size) {
  for (;;) {
    const ssize_t sent = send(socket_, data, size, MSG_NOSIGNAL);
    if (sent >= 0) return sent;
    if (!IsTemporary(errno) || !WaitFor(POLLOUT)) return -1;
  }
}

bool SocketStream::WaitFor(short events) {
  for (;;) {
    const auto left = std::min(deadline_, end_.load()) - Clock::now();
    if (left <= Clock::duration::zero()) {
      timed_out_ = true;
      return false;
    }
    if (Poll(socket_, events, std::min(kLook, std::chrono::ceil<milliseconds>(left)))) return true;
  }
}

ssize_t SocketStream::Fill() {
  begin_ = filled_ = 0;
  for (;;) {
    if (!WaitFor(POLLIN)) return -1;
    const ssize_t got = recv(socket_, buffer_.data(), buffer_.size(), 0);
    if (got > 0) filled_ = static_cast<size_t>(got);
    if (got >= 0 || !IsTemporary(errno)) return got;
  }
}

}  // namespace digits
