// The connection to a server, and what its errors mean.
#ifndef DIGITS_CLIENT_CONNECTION_H_
#define DIGITS_CLIENT_CONNECTION_H_

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace digits {

struct ConnectionOptions {
  std::string server = "127.0.0.1:50051";     // any gRPC target: host:port, dns:///name:port, …
  std::chrono::duration<double> timeout{10};  // of connecting, and of each call with its retries
  // For measuring: a connection that no other channel shares, and calls that are never sent again.
  bool bare = false;
};

// A connected channel and the time that its calls may take. Thread-safe.
class Connection {
 public:
  // Fails with Unavailable where no server answers and DeadlineExceeded where none does in time;
  // the message says what to do. From then on a call that fails with UNAVAILABLE is sent again, up
  // to five times within about three seconds, whatever its size, unless the options say otherwise;
  // spreads the calls over all addresses of the target.
  static absl::StatusOr<Connection> Open(const ConnectionOptions& options);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  const ConnectionOptions& options() const { return options_; }

  // Gives the call the time that the options grant, beginning now.
  void SetDeadline(grpc::ClientContext& context) const;

  // What a call's outcome is to the rest of the program: the same code, and in the message the
  // server's own, the field at fault (google.rpc.BadRequest), the code and what to do.
  absl::Status ToStatus(const grpc::Status& status) const;

 private:
  Connection(ConnectionOptions options, std::shared_ptr<grpc::Channel> channel)
      : options_(std::move(options)), channel_(std::move(channel)) {}

  ConnectionOptions options_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace digits

#endif  // DIGITS_CLIENT_CONNECTION_H_
