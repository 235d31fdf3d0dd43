#include "server/http/listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace digits {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(ListenerTest, TakesAFreePortForPort0) {
  const auto listener = Listener::Open("127.0.0.1:0");
  ASSERT_TRUE(listener.ok()) << listener.status();
  EXPECT_THAT((*listener)->address(), AllOf(StartsWith("127.0.0.1:"), Not(EndsWith(":0"))));
  EXPECT_TRUE((*listener)->loopback());
}

TEST(ListenerTest, KnowsWhetherOtherMachinesReachIt) {
  const auto everywhere = Listener::Open("0.0.0.0:0");
  ASSERT_TRUE(everywhere.ok()) << everywhere.status();
  EXPECT_FALSE((*everywhere)->loopback());
  const auto named = Listener::Open("localhost:0");
  ASSERT_TRUE(named.ok()) << named.status();
  EXPECT_TRUE((*named)->loopback());
}

TEST(ListenerTest, AnIpv6AddressHasBrackets) {
  const auto listener = Listener::Open("[::1]:0");
  if (!listener.ok()) GTEST_SKIP() << "this machine has no IPv6: " << listener.status();
  EXPECT_THAT((*listener)->address(), StartsWith("[::1]:"));
  EXPECT_TRUE((*listener)->loopback());
}

TEST(ListenerTest, WhatIsNoAddressIsRefused) {
  for (const char* listen : {"", "8080", "127.0.0.1", "127.0.0.1:", ":8080", "127.0.0.1:65536",
                             "127.0.0.1:-1", "127.0.0.1:http", "::1:8080", "[::1]", "[::1:8080",
                             "[]:8080", "unix:/tmp/socket", "http://127.0.0.1:8080/"}) {
    const absl::Status status = Listener::Open(listen).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << listen;
    EXPECT_THAT(std::string{status.message()},
                AllOf(HasSubstr(listen), HasSubstr("--http 127.0.0.1:8080")));
  }
}

TEST(ListenerTest, APortInUseIsRefusedAndSaysWhatToDo) {
  const auto first = Listener::Open("127.0.0.1:0");
  ASSERT_TRUE(first.ok()) << first.status();
  const absl::Status second = Listener::Open((*first)->address()).status();
  EXPECT_EQ(second.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string{second.message()},
              AllOf(HasSubstr((*first)->address()), HasSubstr("Address already in use"),
                    HasSubstr("--http none")));
}

TEST(ListenerTest, ANameThatIsNoneSaysSo) {
  const absl::Status status = Listener::Open("no-such-host.invalid:8080").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string{status.message()}, HasSubstr("no-such-host.invalid"));
}

}  // namespace
}  // namespace digits
