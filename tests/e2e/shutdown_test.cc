// What a server's clients notice when it is stopped or replaced: nothing that a retry does not
// hide.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "server/image/image.h"
#include "tests/e2e/load.h"
#include "tests/e2e/process.h"

namespace digits {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

// Waits until a client is connected to a server at `address`, 127.0.0.1:PORT.
void WaitForClient(const std::string& address) {
  const std::string port = fmt::format(":{:04X}", std::stoi(address.substr(address.find(':') + 1)));
  const auto end = std::chrono::steady_clock::now() + 30s;
  while (std::chrono::steady_clock::now() < end) {
    // gRPC's sockets of 127.0.0.1 are IPv6's where there is IPv6.
    for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
      std::ifstream connections(table);
      for (std::string line; std::getline(connections, line);) {
        std::istringstream fields(line);
        std::string number;
        std::string local;
        std::string remote;
        std::string state;
        fields >> number >> local >> remote >> state;
        if (local.ends_with(port) && state == "01") return;  // established
      }
    }
    std::this_thread::sleep_for(1ms);
  }
  FAIL() << "nobody connected to " << address;
}

class ShutdownTest : public ::testing::Test {
 protected:
  ShutdownTest() { std::filesystem::create_directories(folder_); }
  ~ShutdownTest() override { std::filesystem::remove_all(folder_); }

  // Serves the shipped model.
  std::unique_ptr<Process> StartServer(const std::string& address,
                                       const std::string& drain_delay) const {
    return std::make_unique<Process>(
        std::vector<std::string>{DIGITS_SERVER, "--listen", address, "--drain-delay", drain_delay,
                                 "--drain-timeout", "5s", "--log-format", "json"},
        folder_);
  }

  // Ends the server and starts another one where it listened.
  void Restart(std::unique_ptr<Process>& server, const std::string& address) const {
    server->Signal(SIGTERM);
    EXPECT_EQ(server->Wait(10s), 0) << server->Stderr();
    server = StartServer(address, "0s");
    EXPECT_EQ(WaitForAddress(*server), address) << server->Stderr();
  }

  // A client that calls once an image, for as long as some seconds.
  std::unique_ptr<Process> StartClient(const std::string& server) const {
    return std::make_unique<Process>(
        std::vector<std::string>{DIGITS_CLIENT, "classify", WriteImages(20'000), "--batch", "1",
                                 "--format", "csv", "--server", server},
        folder_);
  }

  const std::filesystem::path folder_ =
      std::filesystem::path(DIGITS_BINARY_DIR) / "tests" /
      ::testing::UnitTest::GetInstance()->current_test_info()->name();

 private:
  // An IDX file of images, each of another shade.
  std::string WriteImages(uint32_t count) const {
    std::string bytes;
    for (const uint32_t value : {0x803U, count, 28U, 28U}) {
      for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(value >> shift);
    }
    for (uint32_t i = 0; i < count; ++i) bytes.append(kImagePixels, static_cast<char>(i));
    const std::string path = folder_ / "images";
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
};

TEST_F(ShutdownTest, EveryCallBegunBeforeTheGoawayIsAnsweredAndLaterOnesAreUnavailable) {
  const auto server = StartServer("127.0.0.1:0", "1s");
  const std::string address = WaitForAddress(*server);
  ASSERT_FALSE(address.empty()) << server->Stderr();
  Load load(address, /*callers=*/8);
  std::this_thread::sleep_for(500ms);
  const auto sigterm = std::chrono::steady_clock::now();
  server->Signal(SIGTERM);
  EXPECT_EQ(server->Wait(10s), 0) << server->Stderr();
  std::this_thread::sleep_for(200ms);
  ExpectNothingLost(load.Stop(), sigterm, /*drain_delay=*/1s);
}

TEST_F(ShutdownTest, TheClientsRetriesHideARestartAtTheSameAddress) {
  auto server = StartServer("127.0.0.1:0", "0s");
  const std::string address = WaitForAddress(*server);
  ASSERT_FALSE(address.empty()) << server->Stderr();
  const auto client = StartClient(address);
  ASSERT_NO_FATAL_FAILURE(WaitForClient(address));
  Restart(server, address);
  EXPECT_TRUE(client->Running()) << "ended before the restart did";
  EXPECT_EQ(client->Wait(60s), 0) << client->Stderr();
}

TEST_F(ShutdownTest, TheClientsRetriesHideServersThatAreReplacedOneAfterAnother) {
  auto first = StartServer("127.0.0.1:0", "0s");
  auto second = StartServer("127.0.0.1:0", "0s");
  const std::string first_address = WaitForAddress(*first);
  const std::string second_address = WaitForAddress(*second);
  ASSERT_FALSE(first_address.empty()) << first->Stderr();
  ASSERT_FALSE(second_address.empty()) << second->Stderr();
  const auto client = StartClient("ipv4:" + first_address + "," + second_address);
  ASSERT_NO_FATAL_FAILURE(WaitForClient(first_address));
  ASSERT_NO_FATAL_FAILURE(WaitForClient(second_address));
  Restart(first, first_address);
  Restart(second, second_address);
  EXPECT_TRUE(client->Running()) << "ended before the last restart did";
  EXPECT_EQ(client->Wait(60s), 0) << client->Stderr();
}

}  // namespace
}  // namespace digits
