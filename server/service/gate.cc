#include "server/service/gate.h"

#include <string>

#include "grpc/grpc.h"
#include "grpc/grpc_security.h"

namespace digits {
namespace {

void Refuse(void* /*state*/, grpc_auth_context* /*context*/, const grpc_metadata* /*metadata*/,
            size_t /*count*/, grpc_process_auth_metadata_done_cb done, void* call) {
  done(call, nullptr, 0, nullptr, 0, GRPC_STATUS_UNAVAILABLE, "the server is shutting down");
}

// As grpc::InsecureServerCredentials, which has no way to its grpc_server_credentials.
class Plaintext final : public grpc::ServerCredentials {
 public:
  explicit Plaintext(grpc_server_credentials& credentials) : credentials_(credentials) {}

  void SetAuthMetadataProcessor(
      const std::shared_ptr<grpc::AuthMetadataProcessor>& /*processor*/) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), &credentials_);
  }

  grpc_server_credentials& credentials_;
};

}  // namespace

Gate::Gate() : credentials_(grpc_insecure_server_credentials_create()) {}

Gate::~Gate() { grpc_server_credentials_release(credentials_); }

void Gate::Close() {
  grpc_server_credentials_set_auth_metadata_processor(credentials_, {&Refuse, nullptr, nullptr});
}

std::shared_ptr<grpc::ServerCredentials> Gate::InsecureCredentials() {
  return std::make_shared<Plaintext>(*credentials_);
}

}  // namespace digits
