#include "server/service/gate.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "digits/v1/digits.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"

namespace digits {
namespace {

class Service final : public v1::DigitClassifier::Service {
 public:
  grpc::Status ListModels(grpc::ServerContext* context, const v1::ListModelsRequest* /*request*/,
                          v1::ListModelsResponse* /*response*/) override {
    peer = context->peer();
    return grpc::Status::OK;
  }

  std::string peer;
};

TEST(GateTest, CallsOfAConnectionThatStandsAreTurnedAwayOnceItIsClosed) {
  Gate gate;
  Service service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", gate.InsecureCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  ASSERT_NE(server, nullptr);
  const auto stub = v1::DigitClassifier::NewStub(
      grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials()));
  const auto call = [&] {
    grpc::ClientContext context;
    v1::ListModelsResponse response;
    return stub->ListModels(&context, {}, &response);
  };
  EXPECT_TRUE(call().ok());
  const std::string peer = service.peer;
  EXPECT_TRUE(call().ok());
  EXPECT_EQ(service.peer, peer);  // one connection

  gate.Close();
  for (int i = 0; i < 3; ++i) {
    const grpc::Status status = call();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(status.error_message(), "the server is shutting down");
  }
}

}  // namespace
}  // namespace digits
