// Turns new calls away while the server shuts down.
#ifndef DIGITS_SERVER_SERVICE_GATE_H_
#define DIGITS_SERVER_SERVICE_GATE_H_

#include <atomic>
#include <memory>

#include "grpcpp/security/server_credentials.h"

namespace digits {

// gRPC's own shutdown ends calls that arrive between its beginning and the client's learning of it
// with CANCELLED, which clients take for their own doing and do not retry. They pass no handler
// that could say UNAVAILABLE; they do pass the credentials, so the gate is there. Calls
// that begin in the last moments before the client learns of the shutdown get UNAVAILABLE, which
// clients retry. Outlives the server.
class Gate {
 public:
  // From now on, calls end with UNAVAILABLE when their headers arrive. From any thread.
  void Close() { closed_.store(true, std::memory_order_relaxed); }
  bool closed() const { return closed_.load(std::memory_order_relaxed); }

  // Plaintext, through this gate.
  std::shared_ptr<grpc::ServerCredentials> InsecureCredentials();

 private:
  std::atomic<bool> closed_ = false;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_GATE_H_
