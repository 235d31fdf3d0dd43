// The HTTP server, from the port's binding to the last answer.
#ifndef DIGITS_SERVER_HTTP_SERVER_H_
#define DIGITS_SERVER_HTTP_SERVER_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "server/http/api.h"
#include "server/http/listener.h"
#include "server/http/worker.h"
#include "server/service/answers.h"

namespace digits {

struct HttpOptions {
  // HOST:PORT, or [IPV6]:PORT; port 0 for any free one.
  std::string listen = "127.0.0.1:8080";
  // Connections that are served at once; further ones wait in the system. Each may hold a body of
  // kMaxBodyBytes, and one thread parses the large ones in 25 MB more; heaps keep what they have
  // taken. The most that was seen is 150 MiB for all of it.
  size_t threads = 12;
  // Images that are computed at once.
  size_t computing = 1;
  HttpLimits limits = {};
};

// Serves the page and its API (Api) from Start() to Shutdown().
class HttpServer {
 public:
  // What `context` names outlives the server, as does what the callbacks use. Serves when this
  // returns. Fails where the address is in use or is none.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const HttpOptions& options,
                                                           const ServiceContext& context,
                                                           HttpCallbacks callbacks);

  // Shuts down, without patience, if Shutdown has not been called.
  ~HttpServer();

  // The address with the port that was bound, in digits.
  const std::string& address() const { return listener_->address(); }

  // Takes no more connections, closes those that have no request under way, and returns when the
  // requests under way are answered. Those that have not arrived, or whose answer has not left,
  // when `timeout` is over are given up. Once.
  void Shutdown(std::chrono::milliseconds timeout);

 private:
  HttpServer(const HttpOptions& options, const ServiceContext& context, HttpCallbacks callbacks,
             std::unique_ptr<Listener> listener);

  void ServeConnections();

  const HttpLimits limits_;
  const std::unique_ptr<Listener> listener_;
  const Api api_;
  HttpShutdown shutdown_;
  std::atomic<int> free_threads_ = 0;
  std::atomic<bool> leaving_ = false;  // whether a thread is about to become free
  std::vector<std::thread> threads_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_HTTP_SERVER_H_
