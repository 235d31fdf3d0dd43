// The service over an in-process channel, with fake models.
#ifndef DIGITS_TESTS_SERVER_SERVICE_SERVICE_TEST_BASE_H_
#define DIGITS_TESTS_SERVER_SERVICE_SERVICE_TEST_BASE_H_

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "digits/internal/error_details.pb.h"
#include "digits/v1/digits.grpc.pb.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "server/engine/registry.h"
#include "server/service/classify_service.h"
#include "server/service/requests.h"
#include "tests/server/engine/fake_classifier.h"

namespace digits {

// So that no test waits forever.
inline constexpr std::chrono::seconds kPatience{30};

// The field that the status' google.rpc.BadRequest names; empty where there is none.
inline std::string FieldInDetails(const grpc::Status& status) {
  internal::Status details;
  internal::BadRequest bad_request;
  if (!details.ParseFromString(status.error_details()) || details.details_size() != 1 ||
      details.details(0).type_url() != "type.googleapis.com/google.rpc.BadRequest" ||
      !bad_request.ParseFromString(details.details(0).value()) ||
      bad_request.field_violations_size() != 1) {
    return "";
  }
  EXPECT_EQ(details.code(), static_cast<int>(status.error_code()));
  EXPECT_EQ(details.message(), status.error_message());
  EXPECT_EQ(bad_request.field_violations(0).description(), status.error_message());
  return bad_request.field_violations(0).field();
}

// Serves the models "first", the default one, and "second".
class ServiceTestBase : public ::testing::Test {
 protected:
  static constexpr size_t kMaxBatchImages = 3000;

  // pass_time: what the models take for a pass; when they are dear, other threads compute.
  explicit ServiceTestBase(std::chrono::nanoseconds pass_time = {}) : pass_time_(pass_time) {
    grpc::ServerBuilder builder;
    builder.SetMaxReceiveMessageSize(static_cast<int>(kMaxRequestBytes));
    service_.AddTo(builder);
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    server_ = builder.BuildAndStart();
    service_.Start();
    channel_ = server_->InProcessChannel({});
    tcp_channel_ =
        grpc::CreateChannel(fmt::format("127.0.0.1:{}", port), grpc::InsecureChannelCredentials());
    stub_ = v1::DigitClassifier::NewStub(channel_);
  }

  ~ServiceTestBase() override {
    server_->Shutdown(std::chrono::system_clock::now());
    service_.Stop();
  }

  static std::unique_ptr<grpc::ClientContext> Context() {
    auto context = std::make_unique<grpc::ClientContext>();
    context->set_deadline(std::chrono::system_clock::now() + kPatience);
    return context;
  }

  const std::chrono::nanoseconds pass_time_;
  // Called before images are computed, with their number.
  std::function<void(size_t)> on_classify_;
  std::atomic<size_t> computed_ = 0;  // images

  ModelRegistry models_ = MakeModels();
  ClassifyService service_{{&models_, kMaxBatchImages}, {.threads = 1}};
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  // To the same server, and what is sent on it arrives whether it is read or not.
  std::shared_ptr<grpc::Channel> tcp_channel_;
  std::unique_ptr<v1::DigitClassifier::Stub> stub_;

 private:
  ModelRegistry MakeModels() {
    ModelRegistry models;
    for (const char* name : {"first", "second"}) {
      EXPECT_TRUE(models.Add(MakeFakeModel(name, MakeClassifier())).ok());
    }
    return models;
  }

  std::unique_ptr<Classifier> MakeClassifier() {
    auto classifier = std::make_unique<FakeClassifier>([this](size_t images) {
      if (on_classify_ != nullptr) on_classify_(images);
      computed_ += images;
    });
    classifier->time_of_a_pass = pass_time_;
    return classifier;
  }
};

}  // namespace digits

#endif  // DIGITS_TESTS_SERVER_SERVICE_SERVICE_TEST_BASE_H_
