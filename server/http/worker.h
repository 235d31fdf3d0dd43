// One thread's share of the HTTP server.
#ifndef DIGITS_SERVER_HTTP_WORKER_H_
#define DIGITS_SERVER_HTTP_WORKER_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "httplib.h"
#include "server/http/api.h"
#include "server/http/socket_stream.h"

namespace digits {

// What the threads are told of a shutdown.
struct HttpShutdown {
  std::atomic<bool> begun = false;
  // From then on nothing is waited for.
  std::atomic<SocketStream::Clock::time_point> end = SocketStream::Clock::time_point::max();
};

// Serves connections, one after another, on the thread that it belongs to. The library reads heads
// and writes answers; its own threads and sockets, which know fewer bounds, are not used.
class Worker final : private httplib::Server {
 public:
  // All of it outlives the worker. `wanted`: asked where this thread can leave its connection: when
  // it is silent or slow, or its request has its answer. True: it is to leave, for one that waits.
  Worker(const Api& api, const HttpLimits& limits, const HttpShutdown& shutdown,
         std::function<bool()> wanted);

  // Answers the connection's requests, one after another, until the client closes it, or is silent
  // for too long, or has made too many or broken ones; or, at a shutdown and where the thread is
  // wanted, the next one. Closes it.
  void Serve(int socket);

 private:
  // Returns whether the connection is in a state for another request.
  bool AnswerNext(bool last);
  void Prepare(httplib::Request& request);
  void AnswerClassify(const httplib::Request& request, httplib::Response& response,
                      const httplib::ContentReader& read_body);
  // Makes an answer of the number with which the library turns a request down.
  void ExplainStatus(httplib::Response& response);
  void Fill(const HttpAnswer& answer, httplib::Response& response);
  // Of the request in hand, which has been answered.
  void Report(std::string_view method, std::string_view route, int status,
              const std::string& traceparent);
  // Whether bytes of this request remain, which would be taken for the next one.
  bool LeavesBytes() const { return !framed_ || stream_->readable() > 0; }

  const Api& api_;
  const HttpLimits& limits_;
  const HttpShutdown& shutdown_;
  const std::function<bool()> wanted_;

  // Of the request in hand.
  SocketStream* stream_ = nullptr;
  SocketStream::Clock::time_point begin_;
  bool framed_ = false;  // whether it is clear where its body ends
  bool leaves_ = false;  // whether the connection is closed after it, for one that waits
  absl::Status error_;   // that it is answered with
  std::string cause_;    // of a failure of ours
};

}  // namespace digits

#endif  // DIGITS_SERVER_HTTP_WORKER_H_
