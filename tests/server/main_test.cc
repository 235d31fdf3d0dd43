// The server's program: flags, environment, configuration file, exit codes, signals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "digits/v1/digits.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "nlohmann/json.hpp"
#include "tests/e2e/process.h"
#include "tests/server/http/connection.h"

namespace digits {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

class ServerProgramTest : public ::testing::Test {
 protected:
  ServerProgramTest() { std::filesystem::create_directories(folder_); }
  ~ServerProgramTest() override {
    for (const std::string& name : environment_) unsetenv(name.c_str());
    std::filesystem::remove_all(folder_);
  }

  // For the programs that are started later.
  void SetEnvironment(const std::string& name, const std::string& value) {
    setenv(name.c_str(), value.c_str(), 1);
    environment_.push_back(name);
  }

  std::string WriteFile(const std::string& name, const std::string& content) const {
    const std::string path = folder_ / name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }

  std::unique_ptr<Process> Start(const std::vector<std::string>& flags) const {
    return std::make_unique<Process>(Command(flags), folder_);
  }

  // For flags that it ends with.
  Finished Run(const std::vector<std::string>& flags) const {
    return RunProgram(Command(flags), folder_);
  }

  static grpc::Status GetModel(const std::string& address, v1::Model& model) {
    const auto stub = v1::DigitClassifier::NewStub(
        grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + 10s);
    v1::GetModelResponse response;
    const grpc::Status status = stub->GetModel(&context, {}, &response);
    model = std::move(*response.mutable_model());
    return status;
  }

 private:
  static std::vector<std::string> Command(const std::vector<std::string>& flags) {
    std::vector<std::string> command = {DIGITS_SERVER};
    command.insert(command.end(), flags.begin(), flags.end());
    return command;
  }

  const std::filesystem::path folder_ =
      std::filesystem::path(DIGITS_BINARY_DIR) / "tests" /
      ::testing::UnitTest::GetInstance()->current_test_info()->name();
  std::vector<std::string> environment_;
};

TEST_F(ServerProgramTest, HelpNamesEveryFlagAndItsVariable) {
  const Finished help = Run({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const char* text :
       {"--listen", "127.0.0.1:50051", "--http", "127.0.0.1:8080", "--model", "--precision",
        "--config", "--drain-delay", "--drain-timeout", "--log-format", "--log-level",
        "--max-batch-images", "--max-connection-age", "DIGITS_LISTEN", "DIGITS_HTTP",
        "DIGITS_DRAIN_DELAY", "DIGITS_CONFIG"}) {
    EXPECT_THAT(help.out, HasSubstr(text));
  }
}

TEST_F(ServerProgramTest, VersionGoesToStdout) {
  const Finished version = Run({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.out, StartsWith("digits-server 0."));
}

TEST_F(ServerProgramTest, WrongUsageExitsWith2AndSaysWhatIsWrong) {
  const std::string unknown_key = WriteFile("config", "listne = \"127.0.0.1:0\"\n");
  const struct {
    std::vector<std::string> flags;
    const char* message;
  } cases[] = {
      {{"--bogus"}, "--bogus"},
      {{"surplus"}, "surplus"},
      {{"--listen"}, "--listen"},
      {{"--drain-delay", "5x"}, "--drain-delay"},
      {{"--drain-delay", "-1s"}, "--drain-delay"},
      {{"--precision", "i8"}, "i8"},
      {{"--log-format", "xml"}, "xml"},
      {{"--log-level", "loud"}, "loud"},
      {{"--model", "file.safetensors"}, "NAME=FILE"},
      {{"--model", "=file.safetensors"}, "NAME=FILE"},
      {{"--max-batch-images", "0"}, "--max-batch-images"},
      {{"--max-batch-images", "42001"}, "--max-batch-images"},
      {{"--config", "/no/such/file"}, "/no/such/file"},
      {{"--config", unknown_key}, "listne"},
  };
  for (const auto& [flags, message] : cases) {
    const Finished finished = Run(flags);
    EXPECT_EQ(finished.exit_code, 2) << flags[0];
    EXPECT_THAT(finished.err, HasSubstr(message)) << flags[0];
    EXPECT_THAT(finished.out, IsEmpty());
  }
}

TEST_F(ServerProgramTest, WhatCannotBeServedExitsWith1AndASentence) {
  const std::string broken = WriteFile("broken.safetensors", "not weights");
  const struct {
    std::vector<std::string> flags;
    const char* message;
  } cases[] = {
      {{"--model", "a=/no/such/file.safetensors"}, "/no/such/file.safetensors"},
      {{"--model", "a=" + broken}, "broken.safetensors"},
      {{"--model", "liveness=" DIGITS_ARTICLE, "--listen", "127.0.0.1:0"}, "liveness"},
      {{"--model", "a=" DIGITS_ARTICLE, "--model", "a=" DIGITS_ARTICLE}, "'a'"},
      {{"--model", "\xff=" DIGITS_ARTICLE}, "a model's name is not UTF-8"},
      {{"--model", "two\nlines=" DIGITS_ARTICLE}, "a model's name holds a control character"},
      {{"--precision", "int8", "--model", "a=" DIGITS_ARTICLE}, "int8"},
      {{"--listen", "127.0.0.1:99999"}, "65535"},
      {{"--listen", "nowhere"}, "nowhere"},
      {{"--listen", "127.0.0.1:0", "--http", "elsewhere"}, "--http 127.0.0.1:8080"},
  };
  for (const auto& [flags, message] : cases) {
    const Finished finished = Run(flags);
    EXPECT_EQ(finished.exit_code, 1) << message;
    EXPECT_THAT(finished.err, AllOf(HasSubstr(" failed reason="), HasSubstr(message)));
  }
}

TEST_F(ServerProgramTest, APortInUseExitsWith1AndNamesIt) {
  const auto first = Start({"--listen", "127.0.0.1:0", "--log-format", "json"});
  const std::string address = WaitForAddress(*first);
  ASSERT_FALSE(address.empty()) << first->Stderr();
  const Finished second = Run({"--listen", address});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.err, AllOf(HasSubstr(address), HasSubstr("Address already in use")));
}

TEST_F(ServerProgramTest, AnHttpPortInUseExitsWith1AndNamesTheFlag) {
  const auto first =
      Start({"--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--log-format", "json"});
  const std::string address = WaitForAddress(*first, "serving_http");
  ASSERT_FALSE(address.empty()) << first->Stderr();
  const Finished second = Run({"--listen", "127.0.0.1:0", "--http", address});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.err,
              AllOf(HasSubstr(address), HasSubstr("Address already in use"), HasSubstr("--http")));
}

TEST_F(ServerProgramTest, ServesThePageAndTheModelsOverHttp) {
  SetEnvironment("DIGITS_HTTP", "127.0.0.1:0");
  const auto server = Start({"--listen", "127.0.0.1:0", "--log-format", "json"});
  const std::string address = WaitForAddress(*server, "serving_http");
  ASSERT_FALSE(address.empty()) << server->Stderr();
  EXPECT_EQ(Ask(address, GetRequest("/")).status, 200);
  EXPECT_EQ(Ask(address, GetRequest("/readyz")).status, 200);
  const Answer models = Ask(address, GetRequest("/v1/models"));
  EXPECT_EQ(models.Json()["models"][0]["name"], "best") << models.body;
}

TEST_F(ServerProgramTest, MetricsTellOfTheModelAndOfWhatIsAnswered) {
  const auto server =
      Start({"--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--log-format", "json"});
  const std::string http = WaitForAddress(*server, "serving_http");
  v1::Model model;
  ASSERT_TRUE(GetModel(WaitForAddress(*server), model).ok()) << server->Stderr();
  const Answer answer =
      Ask(http, PostRequest("/v1/classify", "application/octet-stream", std::string(784, '\x60')));
  EXPECT_EQ(answer.status, 200) << answer.body;
  const std::string label = answer.Json()["label_name"];
  const std::string metrics = Ask(http, GetRequest("/metrics")).body;
  EXPECT_THAT(metrics, HasSubstr("digits_model_info{model=\"best\",version=\"" + model.version()));
  EXPECT_THAT(metrics,
              HasSubstr("digits_answers_total{model=\"best\",label=\"" + label + "\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("grpc_service=\"digits.v1.DigitClassifier\","
                                 "grpc_method=\"GetModel\",grpc_code=\"OK\"} 1\n"));
}

TEST_F(ServerProgramTest, WhileItDrainsItIsAliveAndNotReady) {
  const auto server = Start({"--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--log-format",
                             "json", "--drain-delay", "1m"});
  const std::string address = WaitForAddress(*server, "serving_http");
  ASSERT_FALSE(address.empty()) << server->Stderr();
  EXPECT_EQ(Ask(address, GetRequest("/readyz")).status, 200);
  server->Signal(SIGTERM);
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (Ask(address, GetRequest("/readyz")).status == 200 &&
         std::chrono::steady_clock::now() < end) {
  }
  EXPECT_EQ(Ask(address, GetRequest("/readyz")).status, 503);
  EXPECT_EQ(Ask(address, GetRequest("/healthz")).status, 200);
  server->Signal(SIGTERM);
  EXPECT_EQ(server->Wait(10s), 128 + SIGTERM);
}

TEST_F(ServerProgramTest, WithoutModelItServesTheShippedOne) {
  const auto server = Start({"--listen", "127.0.0.1:0", "--log-format", "json"});
  v1::Model model;
  const grpc::Status status = GetModel(WaitForAddress(*server), model);
  ASSERT_TRUE(status.ok()) << status.error_message() << server->Stderr();
  EXPECT_EQ(model.name(), "best");
  EXPECT_THAT(model.class_names(), SizeIs(10));
  EXPECT_THAT(model.precision(), AnyOf("f32", "int8"));
  EXPECT_TRUE(model.has_digit_threshold());
}

TEST_F(ServerProgramTest, TheFirstNamedModelIsTheDefault) {
  const auto server = Start({"--listen", "127.0.0.1:0", "--log-format", "json", "--model",
                             "one=" DIGITS_ARTICLE, "--model", "two=" DIGITS_ARTICLE});
  v1::Model model;
  const grpc::Status status = GetModel(WaitForAddress(*server), model);
  ASSERT_TRUE(status.ok()) << status.error_message() << server->Stderr();
  EXPECT_EQ(model.name(), "one");
}

TEST_F(ServerProgramTest, AFlagComesBeforeTheEnvironmentAndThatBeforeTheFile) {
  SetEnvironment("DIGITS_CONFIG", WriteFile("config",
                                            "listen = \"127.0.0.1:0\"\n"
                                            "log-format = \"json\"\n"
                                            "model = [\"file=" DIGITS_ARTICLE "\"]\n"
                                            "max-batch-images = 1\n"));
  SetEnvironment("DIGITS_MAX_BATCH_IMAGES", "2");
  SetEnvironment("DIGITS_MODEL", "environment=" DIGITS_ARTICLE);
  const auto server = Start({"--max-batch-images", "3"});
  v1::Model model;
  const grpc::Status status = GetModel(WaitForAddress(*server), model);
  ASSERT_TRUE(status.ok()) << status.error_message() << server->Stderr();
  EXPECT_EQ(model.max_batch_images(), 3U);
  EXPECT_EQ(model.name(), "environment");
}

TEST_F(ServerProgramTest, SeveralModelsComeFromOneVariable) {
  SetEnvironment("DIGITS_MODEL", "[one=" DIGITS_ARTICLE ",two=" DIGITS_ARTICLE "]");
  const auto server = Start({"--listen", "127.0.0.1:0", "--log-format", "json"});
  v1::Model model;
  const grpc::Status status = GetModel(WaitForAddress(*server), model);
  ASSERT_TRUE(status.ok()) << status.error_message() << server->Stderr();
  EXPECT_EQ(model.name(), "one");
  EXPECT_THAT(server->Stderr(), HasSubstr("two"));
}

TEST_F(ServerProgramTest, AConfigurationFileOfTheEnvironmentMustExist) {
  SetEnvironment("DIGITS_CONFIG", "/no/such/file");
  const Finished finished = Run({"--listen", "127.0.0.1:0"});
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_THAT(finished.err, HasSubstr("/no/such/file"));
}

TEST_F(ServerProgramTest, EveryLogLineIsJsonWhereThatIsAskedFor) {
  const auto server =
      Start({"--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--log-format", "json"});
  ASSERT_FALSE(WaitForAddress(*server, "serving_http").empty());
  server->Signal(SIGTERM);
  EXPECT_EQ(server->Wait(10s), 0);
  std::istringstream lines(server->Stderr());
  std::vector<std::string> events;
  for (std::string line; std::getline(lines, line);) {
    events.push_back(nlohmann::json::parse(line)["event"]);
  }
  EXPECT_THAT(events,
              ::testing::ElementsAre("loaded", "listening", "serving_http", "draining", "stopped"));
}

TEST_F(ServerProgramTest, WithoutHttpItServesGrpcAlone) {
  const auto server = Start({"--listen", "127.0.0.1:0", "--http", "none", "--log-format", "json"});
  ASSERT_FALSE(WaitForAddress(*server).empty());
  server->Signal(SIGTERM);
  EXPECT_EQ(server->Wait(10s), 0);
  EXPECT_THAT(server->Stderr(), Not(HasSubstr("serving_http")));
}

TEST_F(ServerProgramTest, ASignalStopsItWithExitCode0) {
  for (const int signal : {SIGTERM, SIGINT}) {
    const auto server = Start({"--listen", "127.0.0.1:0", "--log-format", "json"});
    ASSERT_FALSE(WaitForAddress(*server).empty());
    server->Signal(signal);
    EXPECT_EQ(server->Wait(10s), 0) << server->Stderr();
  }
}

TEST_F(ServerProgramTest, ASecondSignalEndsItAtOnce) {
  const auto server =
      Start({"--listen", "127.0.0.1:0", "--log-format", "json", "--drain-delay", "1m"});
  ASSERT_FALSE(WaitForAddress(*server).empty());
  server->Signal(SIGTERM);
  std::this_thread::sleep_for(300ms);
  EXPECT_TRUE(server->Running());
  server->Signal(SIGTERM);
  EXPECT_EQ(server->Wait(10s), 128 + SIGTERM);
}

}  // namespace
}  // namespace digits
