#include "server/service/gate.h"

#include <string>

#include "grpc/grpc.h"
#include "grpc/grpc_security.h"

namespace digits {
namespace {

void Process(void* gate, grpc_auth_context* /*context*/, const grpc_metadata* /*metadata*/,
             size_t /*count*/, grpc_process_auth_metadata_done_cb done, void* call) {
  if (static_cast<const Gate*>(gate)->closed()) {
    done(call, nullptr, 0, nullptr, 0, GRPC_STATUS_UNAVAILABLE, "the server is shutting down");
  } else {
    done(call, nullptr, 0, nullptr, 0, GRPC_STATUS_OK, nullptr);
  }
}

// As grpc::InsecureServerCredentials, which takes no processor of metadata.
class GatedCredentials final : public grpc::ServerCredentials {
 public:
  explicit GatedCredentials(Gate& gate) : credentials_(grpc_insecure_server_credentials_create()) {
    grpc_server_credentials_set_auth_metadata_processor(credentials_, {&Process, nullptr, &gate});
  }
  ~GatedCredentials() override { grpc_server_credentials_release(credentials_); }

  void SetAuthMetadataProcessor(
      const std::shared_ptr<grpc::AuthMetadataProcessor>& /*processor*/) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  grpc_server_credentials* credentials_;
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> Gate::InsecureCredentials() {
  return std::make_shared<GatedCredentials>(*this);
}

}  // namespace digits
