// Photographs of digits to the real server, as a program sends them that knows only the contract.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "digits/v1/digits.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "tests/e2e/process.h"
#include "tests/pictures/picture_maker.h"

namespace digits {
namespace {

using ::testing::SizeIs;

constexpr uint64_t kStreamSeed = 11;
constexpr size_t kStreamed = 60;

v1::ClassifyStreamRequest RequestOf(const Plane& picture) {
  v1::ClassifyStreamRequest message;
  v1::Picture& sent = *message.mutable_request()->mutable_picture();
  sent.set_width(static_cast<uint32_t>(picture.width));
  sent.set_height(static_cast<uint32_t>(picture.height));
  sent.set_pixels(picture.pixels.data(), picture.pixels.size());
  message.mutable_request()->set_return_image(true);
  return message;
}

// The whole of tests/bench/picture_accuracy reads 98 % of such ones right.
TEST(PhotographsTest, TheShippedModelReadsPhotographsOfStrokes) {
  const std::filesystem::path folder =
      std::filesystem::path(DIGITS_BINARY_DIR) / "tests" / "photographs_test";
  std::filesystem::create_directories(folder);
  Process server({DIGITS_SERVER, "--listen", "127.0.0.1:0", "--log-format", "json"}, folder);
  const std::string address = WaitForAddress(server);
  ASSERT_FALSE(address.empty()) << server.Stderr();

  const auto stub = v1::DigitClassifier::NewStub(
      grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(2));
  const auto stream = stub->ClassifyStream(&context);
  std::thread writer([&stream] {
    for (size_t i = 0; i < kStreamed; ++i) {
      EXPECT_TRUE(stream->Write(RequestOf(PhotographStrokes(kStreamSeed, i).picture)));
    }
    EXPECT_TRUE(stream->WritesDone());
  });
  size_t right = 0;
  v1::ClassifyStreamResponse answer;
  for (size_t i = 0; i < kStreamed && stream->Read(&answer); ++i) {
    EXPECT_FALSE(answer.has_error()) << answer.error().message();
    EXPECT_THAT(answer.response().image(), SizeIs(784));
    const auto label = static_cast<uint32_t>(PhotographStrokes(kStreamSeed, i).label);
    if (answer.response().label() == label) ++right;
  }
  writer.join();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_GE(right, kStreamed * 9 / 10);
  RecordProperty("right", static_cast<int>(right));

  server.Signal(SIGTERM);
  EXPECT_EQ(server.Wait(std::chrono::seconds(30)), 0) << server.Stderr();
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace digits
