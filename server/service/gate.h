// Turns new calls away while the server shuts down.
#ifndef DIGITS_SERVER_SERVICE_GATE_H_
#define DIGITS_SERVER_SERVICE_GATE_H_

#include <memory>

#include "grpc/grpc_security.h"
#include "grpcpp/security/server_credentials.h"

namespace digits {

// gRPC's own shutdown ends calls that arrive between its beginning and the client's learning of it
// with CANCELLED, which clients take for their own doing and do not retry. They pass no handler
// that could say UNAVAILABLE; they do pass the credentials, so the gate is there: a processor of
// their metadata, that refuses them all. Outlives the server.
//
// There is none as long as the gate is open. One that lets calls pass is called in the middle of a
// connection's work, which gRPC then takes for contended and hands to another thread: with four
// calls in flight, two thirds of the calls a second are left.
class Gate {
 public:
  Gate();
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  // From now on, calls end with UNAVAILABLE when their headers arrive. From any thread.
  //
  // gRPC asks for processors to be set before the server starts. But it looks for one at each call,
  // as its source says up to 1.51 and gate_test.cc for others; it takes no lock for that, yet all
  // that it needs is one pointer, which x86-64 reads whole.
  void Close();

  // Plaintext, through this gate.
  std::shared_ptr<grpc::ServerCredentials> InsecureCredentials();

 private:
  grpc_server_credentials* const credentials_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_GATE_H_
