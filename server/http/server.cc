#include "server/http/server.h"

#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "fmt/format.h"

namespace digits {
namespace {

// Where the system has no connection to give though one waits, as when too many files are open.
constexpr std::chrono::milliseconds kRetry{10};

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpOptions& options,
                                                              const ServiceContext& context,
                                                              HttpCallbacks callbacks) {
  absl::StatusOr<std::unique_ptr<Listener>> listener = Listener::Open(options.listen);
  if (!listener.ok()) return listener.status();
  std::unique_ptr<HttpServer> server(
      new HttpServer(options, context, std::move(callbacks), *std::move(listener)));
  try {
    for (size_t i = 0; i < options.threads; ++i) {
      server->threads_.emplace_back(&HttpServer::ServeConnections, server.get());
    }
  } catch (const std::system_error& error) {
    return absl::ResourceExhaustedError(
        fmt::format("cannot start {} threads for HTTP: {}", options.threads, error.what()));
  }
  return server;
}

HttpServer::HttpServer(const HttpOptions& options, const ServiceContext& context,
                       HttpCallbacks callbacks, std::unique_ptr<Listener> listener)
    : limits_(options.limits),
      listener_(std::move(listener)),
      api_(context, std::move(callbacks), listener_->address(), listener_->loopback(),
           options.computing) {}

HttpServer::~HttpServer() { Shutdown(std::chrono::milliseconds(0)); }

void HttpServer::ServeConnections() {
  bool leaving = false;  // this one, of which there is one at a time: not all are to leave for one
  const auto crowded = [this] { return free_threads_ == 0 && listener_->HasWaiting(); };
  const auto wanted = [this, &leaving, &crowded] {
    if (leaving || !crowded()) return leaving;
    leaving = !leaving_.exchange(true);
    // Another one may have become free before this one was to leave.
    if (leaving && !crowded()) leaving = leaving_ = false;
    return leaving;
  };
  Worker worker(api_, limits_, shutdown_, wanted);
  while (!shutdown_.begun) {
    ++free_threads_;
    if (std::exchange(leaving, false)) leaving_ = false;
    const int socket = listener_->Accept();
    --free_threads_;
    if (socket >= 0) {
      worker.Serve(socket);
    } else if (!shutdown_.begun) {
      std::this_thread::sleep_for(kRetry);
    }
  }
}

void HttpServer::Shutdown(std::chrono::milliseconds timeout) {
  shutdown_.end = SocketStream::Clock::now() + timeout;
  shutdown_.begun = true;
  listener_->Close();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace digits
