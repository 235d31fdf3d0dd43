// What operators learn of calls: the metrics of all, a line in the log for each that failed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "digits/internal/health.grpc.pb.h"
#include "digits/v1/digits.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "nlohmann/json.hpp"
#include "server/service/server.h"
#include "tests/server/engine/fake_classifier.h"
#include "tests/server/service/captured_log.h"

namespace digits {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr char kTraceParent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

std::unique_ptr<grpc::ClientContext> Context() {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  return context;
}

v1::ClassifyRequest RequestOf(const std::string& pixels) {
  v1::ClassifyRequest request;
  request.set_pixels(pixels);
  return request;
}

class ReportsTest : public ::testing::Test {
 protected:
  ReportsTest() {
    ServedModel model = MakeFakeModel("first", std::make_unique<FakeClassifier>());
    model.digit_threshold = 1.0F;  // the fake's score is a quarter of the first pixel
    EXPECT_TRUE(models_.Add(std::move(model)).ok());
    metrics_ = MakeMetrics(models_, {}, 2);
    auto server = Server::Start({.listen = "127.0.0.1:0"}, models_, metrics_.get());
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    channel_ = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
    stub_ = v1::DigitClassifier::NewStub(channel_);
  }

  // After the server's end, when all is written and counted. Once.
  std::vector<json> LogLines() {
    server_.reset();
    return log_.Take();
  }

  grpc::Status Classify(const v1::ClassifyRequest& request) {
    v1::ClassifyResponse response;
    return stub_->Classify(Context().get(), request, &response);
  }

  CapturedLog log_;
  ModelRegistry models_;
  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::DigitClassifier::Stub> stub_;
};

TEST_F(ReportsTest, AFailedCallIsALineThatSaysWhatFailedAndWhyInWhichTrace) {
  const auto context = Context();
  context->AddMetadata("traceparent", kTraceParent);
  v1::ClassifyResponse response;
  EXPECT_FALSE(stub_->Classify(context.get(), RequestOf(std::string(783, 'x')), &response).ok());
  const std::vector<json> lines = LogLines();
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0]["event"], "call_failed");
  EXPECT_EQ(lines[0]["level"], "info");
  EXPECT_EQ(lines[0]["method"], "digits.v1.DigitClassifier/Classify");
  EXPECT_EQ(lines[0]["code"], "INVALID_ARGUMENT");
  EXPECT_THAT(lines[0]["reason"], HasSubstr("783 bytes"));
  EXPECT_EQ(lines[0]["field"], "pixels");
  EXPECT_THAT(lines[0]["peer"].get<std::string>(), StartsWith("ipv4:127.0.0.1:"));
  EXPECT_EQ(lines[0]["trace_id"], "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(lines[0]["span_id"], "b7ad6b7169203331");
  EXPECT_THAT(lines[0].dump(), Not(HasSubstr("xxxx")));
}

TEST_F(ReportsTest, ATraceParentThatIsNoneIsLeftOut) {
  const auto context = Context();
  context->AddMetadata("traceparent", "00-nonsense");
  v1::ClassifyResponse response;
  EXPECT_FALSE(stub_->Classify(context.get(), RequestOf(""), &response).ok());
  const std::vector<json> lines = LogLines();
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_FALSE(lines[0].contains("trace_id"));
}

TEST_F(ReportsTest, AnsweredCallsAreNotLogged) {
  EXPECT_TRUE(Classify(RequestOf(Image28(5))).ok());
  EXPECT_THAT(LogLines(), IsEmpty());
}

TEST_F(ReportsTest, AFloodOfFailuresIsAFewLines) {
  for (int i = 0; i < 500; ++i) EXPECT_FALSE(Classify(RequestOf("")).ok());
  // Ten at once and then one a second.
  EXPECT_THAT(LogLines(), AllOf(SizeIs(testing::Ge(10U)), SizeIs(testing::Lt(100U))));
}

TEST_F(ReportsTest, FailedBatchesMessagesAndHealthChecksAreLoggedToo) {
  v1::ClassifyBatchResponse batch;
  EXPECT_FALSE(stub_->ClassifyBatch(Context().get(), {}, &batch).ok());
  const auto context = Context();
  const auto stream = stub_->ClassifyStream(context.get());
  EXPECT_TRUE(stream->Write({}));
  v1::ClassifyStreamResponse answer;
  EXPECT_TRUE(stream->Read(&answer));
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
  const auto health = grpc::health::v1::Health::NewStub(channel_);
  grpc::health::v1::HealthCheckRequest request;
  request.set_service("unheard of");
  grpc::health::v1::HealthCheckResponse response;
  EXPECT_FALSE(health->Check(Context().get(), request, &response).ok());

  const std::vector<json> lines = LogLines();
  ASSERT_THAT(lines, SizeIs(3));
  EXPECT_EQ(lines[0]["method"], "digits.v1.DigitClassifier/ClassifyBatch");
  EXPECT_EQ(lines[1]["method"], "digits.v1.DigitClassifier/ClassifyStream");
  EXPECT_EQ(lines[1]["field"], "request");
  EXPECT_EQ(lines[2]["method"], "grpc.health.v1.Health/Check");
  EXPECT_EQ(lines[2]["code"], "NOT_FOUND");
}

TEST_F(ReportsTest, CallsAreCountedByMethodAndCode) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Classify(RequestOf(Image28(5))).ok());
  EXPECT_FALSE(Classify(RequestOf("")).ok());
  v1::ListModelsResponse models;
  EXPECT_TRUE(stub_->ListModels(Context().get(), {}, &models).ok());
  LogLines();
  const std::string text = metrics_->Text();
  const std::string classify =
      R"(grpc_type="unary",grpc_service="digits.v1.DigitClassifier",grpc_method="Classify")";
  EXPECT_THAT(text, HasSubstr("grpc_server_started_total{" + classify + "} 4\n"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handled_total{" + classify +
                              R"(,grpc_code="OK"} 3)"
                              "\n"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handled_total{" + classify +
                              R"(,grpc_code="InvalidArgument"} 1)"
                              "\n"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handling_seconds_count{" + classify + "} 4\n"));
  EXPECT_THAT(
      text,
      HasSubstr(
          R"(grpc_server_started_total{grpc_type="unary",grpc_service="digits.v1.DigitClassifier",grpc_method="ListModels"} 1)"
          "\n"));
}

TEST_F(ReportsTest, AnswersAreCountedByLabelWhereverTheyComeFrom) {
  EXPECT_TRUE(Classify(RequestOf(Image28(5))).ok());
  v1::ClassifyBatchRequest batch;
  batch.set_pixels(Image28(5) + Image28(6) + Image28(3));
  v1::ClassifyBatchResponse batch_response;
  EXPECT_TRUE(stub_->ClassifyBatch(Context().get(), batch, &batch_response).ok());
  const auto context = Context();
  const auto stream = stub_->ClassifyStream(context.get());
  v1::ClassifyStreamRequest message;
  *message.mutable_request() = RequestOf(Image28(5));
  EXPECT_TRUE(stream->Write(message));
  stream->WritesDone();
  v1::ClassifyStreamResponse answer;
  EXPECT_TRUE(stream->Read(&answer));
  EXPECT_FALSE(stream->Read(&answer));
  EXPECT_TRUE(stream->Finish().ok());
  LogLines();
  const std::string text = metrics_->Text();
  EXPECT_THAT(text, HasSubstr("digits_answers_total{model=\"first\",label=\"5\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("digits_answers_total{model=\"first\",label=\"6\"} 1\n"));
  // Of the one whose first pixel is 3, whose score is below 1.
  EXPECT_THAT(text, HasSubstr("digits_not_digits_total{model=\"first\"} 1\n"));
  const std::string stream_labels =
      R"(grpc_type="bidi_stream",grpc_service="digits.v1.DigitClassifier",grpc_method="ClassifyStream")";
  EXPECT_THAT(text, HasSubstr("grpc_server_msg_received_total{" + stream_labels + "} 1\n"));
  EXPECT_THAT(text, HasSubstr("grpc_server_msg_sent_total{" + stream_labels + "} 1\n"));
}

TEST_F(ReportsTest, PassesAndPicturesAreCounted) {
  v1::ClassifyRequest request;
  request.mutable_picture()->set_width(4);
  request.mutable_picture()->set_height(4);
  request.mutable_picture()->set_pixels(std::string(16, '\x7f'));
  EXPECT_FALSE(Classify(request).ok());
  EXPECT_TRUE(Classify(RequestOf(Image28(5))).ok());
  LogLines();
  const std::string text = metrics_->Text();
  EXPECT_THAT(text, HasSubstr("digits_pictures_blank_total 1\n"));
  EXPECT_THAT(text, HasSubstr("digits_picture_normalize_seconds_count 1\n"));
  EXPECT_THAT(text, HasSubstr("digits_pass_images_count{model=\"first\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("digits_pass_images_sum{model=\"first\"} 1\n"));
}

}  // namespace
}  // namespace digits
