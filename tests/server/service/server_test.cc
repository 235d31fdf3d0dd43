// The server over the network: addresses, limits, health, shutdown.
#include "server/service/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "digits/internal/health.grpc.pb.h"
#include "digits/v1/digits.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "server/service/log.h"
#include "tests/server/service/raw_call.h"
#include "tests/server/service/service_test_base.h"

namespace digits {
namespace {

using ::grpc::health::v1::HealthCheckRequest;
using ::grpc::health::v1::HealthCheckResponse;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

using std::chrono::steady_clock;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    auto classifier = std::make_unique<FakeClassifier>([this](size_t images) {
      if (on_classify_ != nullptr) on_classify_(images);
      computed_ += images;
    });
    EXPECT_TRUE(models_.Add(MakeFakeModel("article", std::move(classifier))).ok());
  }

  void Start(const ServerOptions& options = {.listen = "127.0.0.1:0"}) {
    auto server = Server::Start(options, models_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    channel_ = Connect();
    stub_ = v1::DigitClassifier::NewStub(channel_);
  }

  // A connection of its own.
  std::shared_ptr<grpc::Channel> Connect() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(server_->address(), grpc::InsecureChannelCredentials(),
                                     arguments);
  }

  static std::unique_ptr<grpc::ClientContext> Context() {
    auto context = std::make_unique<grpc::ClientContext>();
    context->set_deadline(std::chrono::system_clock::now() + kPatience);
    return context;
  }

  static grpc::Status ClassifyOne(v1::DigitClassifier::Stub& stub) {
    v1::ClassifyRequest request;
    request.set_pixels(Image28(3));
    v1::ClassifyResponse response;
    return stub.Classify(Context().get(), request, &response);
  }

  grpc::Status ClassifyBatchOf(size_t bytes, bool probabilities,
                               v1::ClassifyBatchResponse* response) {
    v1::ClassifyBatchRequest request;
    request.set_pixels(std::string(bytes, '\0'));
    request.set_probabilities(probabilities);
    return stub_->ClassifyBatch(Context().get(), request, response);
  }

  // "SERVING", "NOT_SERVING", or the code that the check failed with.
  std::string Health(const std::string& name) {
    HealthCheckRequest request;
    request.set_service(name);
    HealthCheckResponse response;
    const auto health = grpc::health::v1::Health::NewStub(channel_);
    const grpc::Status status = health->Check(Context().get(), request, &response);
    if (!status.ok()) return "code " + std::to_string(status.error_code());
    return HealthCheckResponse::ServingStatus_Name(response.status());
  }

  // The bytes that reflection answers to the bytes of a request.
  std::string Reflect(const std::string& request) const {
    RawCall call(channel_, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo");
    EXPECT_TRUE(call.Write(request));
    return call.Read();
  }

  // Makes computing wait until the promise is kept; the future tells that it began.
  std::future<void> HoldUp(std::shared_future<void> released) {
    auto began = std::make_shared<std::promise<void>>();
    auto once = std::make_shared<std::once_flag>();
    std::future<void> has_begun = began->get_future();
    on_classify_ = [began, once, released](size_t /*images*/) {
      std::call_once(*once, [&] { began->set_value(); });
      released.wait_for(kPatience);
    };
    return has_begun;
  }

  std::function<void(size_t)> on_classify_;
  std::atomic<size_t> computed_ = 0;  // images
  ModelRegistry models_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::DigitClassifier::Stub> stub_;
};

TEST_F(ServerTest, PortZeroIsAnyFreeOneAndTheAddressNamesIt) {
  Start();
  EXPECT_THAT(server_->address(), AllOf(StartsWith("127.0.0.1:"), Not(HasSubstr(":0"))));
  EXPECT_TRUE(ClassifyOne(*stub_).ok());
}

TEST_F(ServerTest, UnixSocketsAreServed) {
  const std::string path =
      std::filesystem::temp_directory_path() / ("digits_server_test_" + std::to_string(getpid()));
  Start({.listen = "unix:" + path});
  EXPECT_EQ(server_->address(), "unix:" + path);
  EXPECT_TRUE(ClassifyOne(*stub_).ok());
}

TEST_F(ServerTest, IPv6AddressesAreServedInBrackets) {
  const auto server = Server::Start({.listen = "[::1]:0"}, models_);
  if (!server.ok()) GTEST_SKIP() << "there is no IPv6: " << server.status();
  EXPECT_THAT((*server)->address(), AllOf(StartsWith("[::1]:"), Not(HasSubstr("]:0"))));
  const auto stub = v1::DigitClassifier::NewStub(
      grpc::CreateChannel((*server)->address(), grpc::InsecureChannelCredentials()));
  EXPECT_TRUE(ClassifyOne(*stub).ok());
}

TEST_F(ServerTest, AnIPv6AddressWithoutBracketsIsToldOfThem) {
  EXPECT_THAT(Server::Start({.listen = "::1:50051"}, models_).status().message(),
              HasSubstr("brackets"));
}

TEST_F(ServerTest, AUnixSocketInUseIsRefusedWithASentenceAndAStaleOneReplaced) {
  const std::string path =
      std::filesystem::temp_directory_path() / ("digits_server_test_" + std::to_string(getpid()));
  // The socket of a server that did not end well.
  const int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path.copy(address.sun_path, sizeof(address.sun_path)), sizeof(address.sun_path));
  ASSERT_EQ(bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  close(descriptor);

  Start({.listen = "unix:" + path});
  for (const std::string& listen : {"unix:" + path, "unix://" + path}) {
    const auto second = Server::Start({.listen = listen}, models_);
    ASSERT_FALSE(second.ok());
    EXPECT_THAT(second.status().message(),
                AllOf(HasSubstr(listen), HasSubstr("another server listens there")));
  }
  EXPECT_TRUE(ClassifyOne(*stub_).ok());
}

TEST_F(ServerTest, APortInUseIsRefusedWithASentence) {
  SetUpLog(LogFormat::kText, spdlog::level::err);
  Start();
  const auto second = Server::Start({.listen = server_->address()}, models_);
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(second.status().message(),
              AllOf(HasSubstr("cannot listen on " + server_->address()),
                    HasSubstr("Address already in use"), HasSubstr("--listen")));
}

TEST_F(ServerTest, AnAddressThatIsNoneIsRefusedWithASentence) {
  SetUpLog(LogFormat::kText, spdlog::level::off);
  for (const char* listen :
       {"", "nonsense", "127.0.0.1", "localhost", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:99999",
        "192.0.2.1:0", "::1:50051", "::1", "[::1]", "[::1]:", "1:2:3", "unix:/no/such/x"}) {
    const auto server = Server::Start({.listen = listen}, models_);
    ASSERT_FALSE(server.ok()) << listen;
    EXPECT_THAT(server.status().message(), HasSubstr(std::string("cannot listen on ") + listen));
  }
}

TEST_F(ServerTest, AModelCannotTakeAHealthNameOfTheServer) {
  for (const char* name : {"liveness", "digits.v1.DigitClassifier"}) {
    ModelRegistry models;
    ASSERT_TRUE(models.Add(MakeFakeModel(name, std::make_unique<FakeClassifier>())).ok());
    EXPECT_THAT(Server::Start({.listen = "127.0.0.1:0"}, models).status().message(),
                HasSubstr(name));
  }
}

TEST_F(ServerTest, TheLargestBatchAndItsAnswerPassWithTheClientsDefaultLimits) {
  Start();
  v1::ClassifyBatchResponse response;
  const grpc::Status status =
      ClassifyBatchOf(kDefaultMaxBatchImages * kImagePixels, true, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(response.probabilities(), SizeIs(10 * kDefaultMaxBatchImages));
}

// What digits.proto says of probabilities.
TEST(BatchAnswerTest, OfUpTo29ClassesPassesWithTheClientsDefaultLimit) {
  for (const int classes : {29, 30}) {
    v1::ClassifyBatchResponse response;
    const int images = kDefaultMaxBatchImages;
    response.mutable_labels()->Resize(images, static_cast<uint32_t>(classes - 1));
    response.mutable_confidences()->Resize(images, 1);
    response.mutable_digit_scores()->Resize(images, 1);
    response.mutable_probabilities()->Resize(images * classes, 1);
    response.set_model("article");
    response.set_version("0123456789ab");
    EXPECT_EQ(response.ByteSizeLong() <= GRPC_DEFAULT_MAX_RECV_MESSAGE_LENGTH, classes == 29);
  }
}

TEST_F(ServerTest, ABatchBeyondTheLargestIsAnInvalidArgument) {
  Start();
  v1::ClassifyBatchResponse response;
  const grpc::Status status =
      ClassifyBatchOf((kDefaultMaxBatchImages + 1) * kImagePixels, false, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(FieldInDetails(status), "pixels");
}

TEST_F(ServerTest, ARequestBeyond32MiBIsResourceExhausted) {
  Start();
  v1::ClassifyBatchResponse response;
  EXPECT_EQ(ClassifyBatchOf(kMaxRequestBytes, false, &response).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(ClassifyOne(*stub_).ok());
}

TEST_F(ServerTest, ACompressedRequestIsRefused) {
  Start();
  const auto context = Context();
  context->set_compression_algorithm(GRPC_COMPRESS_GZIP);
  v1::ClassifyRequest request;
  request.set_pixels(Image28(3));
  v1::ClassifyResponse response;
  EXPECT_EQ(stub_->Classify(context.get(), request, &response).error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(computed_, 0U);
  EXPECT_TRUE(ClassifyOne(*stub_).ok());
}

TEST_F(ServerTest, AllHealthNamesServeFromTheStart) {
  Start();
  for (const char* name : {"", "digits.v1.DigitClassifier", "liveness", "article"}) {
    EXPECT_EQ(Health(name), "SERVING") << name;
  }
  EXPECT_EQ(Health("unknown"), "code 5");  // NOT_FOUND
}

TEST_F(ServerTest, HealthTurnsNotServingButForLivenessAndCallsAreStillAnswered) {
  Start();
  server_->ReportNotServing();
  for (const char* name : {"", "digits.v1.DigitClassifier", "article"}) {
    EXPECT_EQ(Health(name), "NOT_SERVING") << name;
  }
  EXPECT_EQ(Health("liveness"), "SERVING");
  EXPECT_TRUE(ClassifyOne(*stub_).ok());
}

TEST_F(ServerTest, AHealthWatcherHearsOfTheEndAndDoesNotHoldItUp) {
  Start();
  const auto context = Context();
  const auto watch = grpc::health::v1::Health::NewStub(channel_)->Watch(context.get(), {});
  HealthCheckResponse response;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  server_->ReportNotServing();
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  const auto begun = steady_clock::now();
  EXPECT_TRUE(server_->Shutdown(kPatience));
  EXPECT_LT(steady_clock::now() - begun, kPatience / 2);
  EXPECT_FALSE(watch->Read(&response));
}

TEST_F(ServerTest, AWatchOfANameThatIsNotThereWaitsForIt) {
  Start();
  grpc::health::v1::HealthCheckRequest nobody;
  nobody.set_service("nobody");
  const auto context = Context();
  const auto watch = grpc::health::v1::Health::NewStub(channel_)->Watch(context.get(), nobody);
  HealthCheckResponse response;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVICE_UNKNOWN);
  context->TryCancel();
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(ServerTest, ReflectionListsTheServices) {
  Start();
  // ServerReflectionRequest{list_services: "*"}
  EXPECT_THAT(Reflect("\x3a\x01*"),
              AllOf(HasSubstr("digits.v1.DigitClassifier"), HasSubstr("grpc.health.v1.Health")));
}

TEST_F(ServerTest, ReflectionDescribesTheServicesAndHealth) {
  Start();
  // ServerReflectionRequest{file_containing_symbol: ...}
  EXPECT_THAT(Reflect("\x22\x19"
                      "digits.v1.DigitClassifier"),
              HasSubstr("ClassifyBatchRequest"));
  EXPECT_THAT(Reflect("\x22\x15"
                      "grpc.health.v1.Health"),
              HasSubstr("HealthCheckRequest"));
}

TEST_F(ServerTest, ACallUnderWayIsAnsweredBeforeTheEnd) {
  std::promise<void> release;
  std::future<void> begun = HoldUp(release.get_future().share());
  Start();
  auto call = std::async(std::launch::async, [this] { return ClassifyOne(*stub_); });
  begun.wait();
  auto shutdown = std::async(std::launch::async, [this] { return server_->Shutdown(kPatience); });
  EXPECT_EQ(shutdown.wait_for(700ms), std::future_status::timeout);
  release.set_value();
  EXPECT_TRUE(call.get().ok());
  EXPECT_TRUE(shutdown.get());
}

TEST_F(ServerTest, ABatchThatIsStillArrivingIsAnsweredBeforeTheEnd) {
  Start();
  RawCall call(channel_, "/digits.v1.DigitClassifier/ClassifyBatch");
  std::this_thread::sleep_for(200ms);  // for the headers to arrive
  auto shutdown = std::async(std::launch::async, [this] { return server_->Shutdown(kPatience); });
  EXPECT_EQ(shutdown.wait_for(700ms), std::future_status::timeout);

  v1::ClassifyBatchRequest request;
  request.set_pixels(Image28(4));
  EXPECT_TRUE(call.Write(request.SerializeAsString()));
  EXPECT_TRUE(call.WritesDone());
  v1::ClassifyBatchResponse response;
  EXPECT_TRUE(response.ParseFromString(call.Read()));
  EXPECT_THAT(response.labels(), ElementsAre(4));
  EXPECT_TRUE(call.Finish().ok());
  EXPECT_TRUE(shutdown.get());
}

TEST_F(ServerTest, WhatDoesNotFinishInTimeIsCancelled) {
  std::promise<void> computing;
  on_classify_ = [&](size_t /*images*/) {
    if (computed_ == 0) computing.set_value();
    std::this_thread::sleep_for(200ms);
  };
  Start();
  auto call = std::async(std::launch::async, [this] {
    v1::ClassifyBatchResponse response;
    return ClassifyBatchOf(kDefaultMaxBatchImages * kImagePixels, false, &response);
  });
  computing.get_future().wait();
  EXPECT_FALSE(server_->Shutdown(100ms));
  EXPECT_EQ(call.get().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_LT(computed_, kDefaultMaxBatchImages);
}

TEST_F(ServerTest, OpenStreamsEndWithUnavailable) {
  Start();
  const auto context = Context();
  const auto stream = stub_->ClassifyStream(context.get());
  v1::ClassifyStreamRequest request;
  request.mutable_request()->set_pixels(Image28(2));
  v1::ClassifyStreamResponse response;
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_TRUE(server_->Shutdown(kPatience));
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(ServerTest, UnderLoadCallersSeeNothingButAnswersAndUnavailable) {
  for (int round = 0; round < 5; ++round) {
    Start();
    computed_ = 0;
    std::atomic<bool> stopped = false;
    std::atomic<size_t> answered = 0;
    std::atomic<size_t> unavailable = 0;
    const auto call_until_stopped = [&] {
      const auto stub = v1::DigitClassifier::NewStub(Connect());
      while (!stopped) {
        const grpc::Status status = ClassifyOne(*stub);
        if (status.ok()) {
          ++answered;
        } else {
          EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
          ++unavailable;
          std::this_thread::sleep_for(1ms);
        }
      }
    };
    std::vector<std::thread> callers;
    for (int i = 0; i < 4; ++i) callers.emplace_back(call_until_stopped);
    const auto wait_for_one = [](const std::atomic<size_t>& count) {
      const auto end = steady_clock::now() + kPatience;
      while (count == 0 && steady_clock::now() < end) std::this_thread::sleep_for(1ms);
    };
    wait_for_one(answered);
    std::this_thread::sleep_for(100ms);
    EXPECT_TRUE(server_->Shutdown(kPatience));
    wait_for_one(unavailable);
    stopped = true;
    for (std::thread& caller : callers) caller.join();
    EXPECT_EQ(computed_, answered);  // no answer is lost
    EXPECT_GT(answered, 0U);
    EXPECT_GT(unavailable, 0U);
  }
}

TEST_F(ServerTest, ConnectionsThatGrowOldAreReplacedWithoutLosingCalls) {
  Start({.listen = "127.0.0.1:0", .max_connection_age = 50ms});
  const auto channel = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
  ASSERT_TRUE(channel->WaitForConnected(std::chrono::system_clock::now() + kPatience));
  const auto end = steady_clock::now() + 500ms;
  while (steady_clock::now() < end) {
    const grpc::Status status = ClassifyOne(*stub_);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
  EXPECT_NE(channel->GetState(/*try_to_connect=*/false), GRPC_CHANNEL_READY);
}

}  // namespace
}  // namespace digits
