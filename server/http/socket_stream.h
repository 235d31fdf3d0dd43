// A connection's bytes, as many and for as long as a request may take.
#ifndef DIGITS_SERVER_HTTP_SOCKET_STREAM_H_
#define DIGITS_SERVER_HTTP_SOCKET_STREAM_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "httplib.h"

namespace digits {

struct HttpLimits {
  // For a request and its answer, from first byte to last.
  std::chrono::milliseconds request_time{10'000};
  // For a connection between two requests, and before the first.
  std::chrono::milliseconds idle_time{5'000};
  // For a client to read the last answer and to close; a third of a second while others wait.
  std::chrono::milliseconds goodbye_time{1'000};
  // While others wait: how long a request and its answer may keep a thread waiting for the client,
  // beyond what their bytes take at this rate.
  std::chrono::milliseconds slow_time{1'000};
  double slow_bytes_per_second = 64e3;
};

// Whether a line of a head, without its line feed, means the same to all who read it: it ends in a
// carriage return and, after the first one, has a name of the characters that RFC 9110 allows
// (section 5.1) right before its colon. The library takes others in its own way, which a proxy
// before it need not share. Digits alone make a Content-Length, which the library would decode; and
// a Range is short, as the library's way of reading a long one takes megabytes of the stack.
bool IsWellFormed(std::string_view line, bool first);

// The library's own streams wait anew for every byte, so that a client that sends one now and then
// holds a thread for hours, and Debian 12's reads heads and lines of any length. This one bounds a
// request as a whole, and lets no slow client keep others waiting for long. A thread's own, but for
// `end`.
class SocketStream final : public httplib::Stream {
 public:
  using Clock = std::chrono::steady_clock;

  // `socket` does not block, and is closed on destruction. Nothing is waited for after `end`, which
  // may change meanwhile. `wanted`: asked where the client is slow; true: it is not waited for any
  // more. All outlive the stream.
  SocketStream(int socket, const HttpLimits& limits, const std::atomic<Clock::time_point>& end,
               const std::function<bool()>& wanted);
  ~SocketStream() override;

  // Waits for the first byte of the next request, until `give_up` says so, which it is asked many
  // times a second. Returns whether there is one. From then on the request has its time, with its
  // answer, and a head of some kilobytes.
  bool AwaitRequest(absl::FunctionRef<bool()> give_up);

  // The head has been read, and a body of so many bytes follows.
  void BeginBody(uint64_t bytes) {
    readable_ = bytes;
    in_head_ = false;
  }

  // Of the body, or the head, what may still be read.
  uint64_t readable() const { return readable_; }

  // Whether bytes of the next request have come.
  bool has_read_ahead() const { return begin_ < filled_; }

  // Who is at the other end: "ipv4:127.0.0.1:40000".
  std::string Peer() const;

  // Whether the request's time was over, or others' turn had come, before all was read or written.
  bool timed_out() const { return timed_out_; }
  bool gave_way() const { return gave_way_; }

  // Says goodbye so that the client reads the answer, even where it has not been read to its end:
  // closing would reset the connection under it. Bounded.
  void CloseGently();

  // -1 where nothing comes in time, or no more may be read, as after a line of the head that is
  // malformed (IsWellFormed); 0 at the client's end.
  ssize_t read(char* data, size_t size) override;
  ssize_t write(const char* data, size_t size) override;

  bool is_readable() const override { return readable_ > 0; }
  // Until a write fails: what follows would be taken for what should have gone before.
  bool is_writable() const override { return writable_; }
  void get_remote_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  void get_local_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  // The library turns numbers away that select() cannot wait for. It need not wait for this one,
  // so it is told a small one.
  socket_t socket() const override { return 0; }

 private:
  // Until the deadline or `end`, or others' turn. Returns whether the socket is ready.
  bool WaitFor(short events);
  // Whether the client is too slow for others to be kept waiting.
  bool IsSlow() const;
  // Looks at bytes of the head. False where a line that they end is malformed.
  bool TakeHead(std::string_view bytes);
  // Reads ahead into the buffer, which is empty. As read().
  ssize_t Fill();

  const int socket_;
  const HttpLimits& limits_;
  const std::atomic<Clock::time_point>& end_;
  const std::function<bool()>& wanted_;
  Clock::time_point deadline_;
  Clock::duration waited_{0};  // for the client, in this request
  uint64_t moved_ = 0;         // bytes sent and received in it
  uint64_t readable_ = 0;
  bool in_head_ = false;
  std::string line_;  // of the head, as far as it is read
  int lines_ = 0;     // of the head, before this one
  bool timed_out_ = false;
  bool gave_way_ = false;
  bool closing_ = false;
  bool writable_ = true;
  std::vector<char> buffer_;  // read ahead: from begin_ to filled_
  size_t begin_ = 0;
  size_t filled_ = 0;
};

}  // namespace digits

#endif  // DIGITS_SERVER_HTTP_SOCKET_STREAM_H_
