#include "tests/e2e/load.h"

#include <gtest/gtest.h>

#include <memory>

#include "digits/v1/digits.grpc.pb.h"
#include "server/image/image.h"

namespace digits {
namespace {

using Clock = std::chrono::steady_clock;

// More than a call takes from its caller to the server's door on a busy machine.
constexpr std::chrono::milliseconds kOnItsWay{250};

std::vector<Call> CallUntil(const std::atomic<bool>& stopped, const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  const auto stub = v1::DigitClassifier::NewStub(
      grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
  v1::ClassifyRequest request;
  request.set_pixels(std::string(kImagePixels, '\0'));
  std::vector<Call> calls;
  while (!stopped) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    v1::ClassifyResponse response;
    const auto begun = Clock::now();
    const grpc::Status status = stub->Classify(&context, request, &response);
    calls.push_back({begun, status.error_code()});
    // A server that is gone answers at once.
    if (!status.ok()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return calls;
}

}  // namespace

Load::Load(const std::string& address, int callers) : calls_(static_cast<size_t>(callers)) {
  for (std::vector<Call>& calls : calls_) {
    callers_.emplace_back([this, address, &calls] { calls = CallUntil(stopped_, address); });
  }
}

Load::~Load() { Stop(); }

std::vector<Call> Load::Stop() {
  stopped_ = true;
  for (std::thread& caller : callers_) caller.join();
  callers_.clear();
  std::vector<Call> all;
  for (const std::vector<Call>& calls : calls_) all.insert(all.end(), calls.begin(), calls.end());
  return all;
}

void ExpectNothingLost(const std::vector<Call>& calls, Clock::time_point sigterm,
                       std::chrono::seconds drain_delay) {
  size_t while_draining = 0;
  size_t unavailable = 0;
  for (const Call& call : calls) {
    if (call.begun < sigterm + drain_delay - kOnItsWay) {
      ASSERT_EQ(call.code, grpc::StatusCode::OK)
          << std::chrono::duration<double>(call.begun - sigterm).count() << " s after SIGTERM";
      while_draining += call.begun > sigterm;
    } else if (call.code != grpc::StatusCode::OK) {
      ASSERT_EQ(call.code, grpc::StatusCode::UNAVAILABLE);
      ++unavailable;
    }
  }
  EXPECT_GT(while_draining, 0U);
  EXPECT_GT(unavailable, 0U);
}

}  // namespace digits
