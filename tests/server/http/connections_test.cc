// How connections are treated: their bounds, broken and slow requests, and the shutdown.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "server/http/api.h"
#include "server/http/socket_stream.h"
#include "tests/server/http/http_test_base.h"

namespace digits {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""h;

// The head of a POST, with the headers, whose body is another matter.
std::string Head(const std::string& headers) {
  return fmt::format("POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: {}\r\n{}\r\n",
                     kAsBytes, headers);
}

class ConnectionsTest : public HttpTestBase {
 protected:
  // Where nothing but others that wait ends a slow request.
  void StartWithSlowTime(std::chrono::milliseconds slow_time, size_t threads) {
    options_.threads = threads;
    options_.limits.request_time = 1h;
    options_.limits.slow_time = slow_time;
    Start();
  }

  // `request` is answered with that status and code, and the connection is closed then.
  void ExpectRefused(std::string_view request, int status, const std::string& code) const {
    Connection connection(address());
    connection.Send(request);
    const Answer answer = connection.Read();
    const std::string what = std::string(request.substr(0, 100)) + " -> " + answer.body;
    EXPECT_EQ(answer.status, status) << what;
    EXPECT_EQ(answer.Json()["error"].value("code", ""), code) << what;
    EXPECT_EQ(answer.headers.at("connection"), "close") << what;
    EXPECT_TRUE(connection.Closed()) << what;
  }
};

TEST_F(ConnectionsTest, OneConnectionServesManyRequests) {
  Start();
  Connection connection(address());
  for (uint8_t label = 0; label < 10; ++label) {
    connection.Send(PostRequest(kClassify, kAsBytes, Image28(label)));
    const Answer answer = connection.Read();
    EXPECT_EQ(answer.Json()["label"], label);
    EXPECT_EQ(answer.headers.count("connection"), 0U);
  }
}

TEST_F(ConnectionsTest, RequestsMayFollowWithoutWaitingForAnswers) {
  Start();
  Connection connection(address());
  connection.Send(PostRequest(kClassify, kAsBytes, Image28(3)) +
                  PostRequest(kClassify, kAsBytes, "short") +
                  PostRequest(kClassify, kAsBytes, Image28(5)) + GetRequest("/healthz"));
  EXPECT_EQ(connection.Read().Json()["label"], 3);
  EXPECT_EQ(connection.Read().status, 400);
  EXPECT_EQ(connection.Read().Json()["label"], 5);
  EXPECT_EQ(connection.Read().body, "ok\n");
}

TEST_F(ConnectionsTest, TheClientMayAskToClose) {
  Start();
  Connection connection(address());
  connection.Send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(connection.Read().headers.at("connection"), "close");
  EXPECT_TRUE(connection.Closed());
}

TEST_F(ConnectionsTest, MoreConnectionsThanThreadsAreServedAtOnce) {
  options_.threads = 3;
  Start();
  std::atomic<int> right = 0;
  std::vector<std::thread> clients;
  for (int client = 0; client < 12; ++client) {
    clients.emplace_back([&, client] {
      std::unique_ptr<Connection> connection;
      for (int i = 0; i < 20; ++i) {
        const auto label = static_cast<uint8_t>((client + i) % 10);
        Answer answer;
        // A connection that says nothing for a moment may be closed for others, and is made anew.
        while (answer.status == 0) {
          if (connection == nullptr) connection = std::make_unique<Connection>(address());
          connection->Send(PostRequest(kClassify, kAsBytes, Image28(label)));
          answer = connection->Read();
          if (answer.status == 0) connection = nullptr;
        }
        if (answer.status == 200 && answer.Json()["label"] == label) ++right;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(right, 12 * 20);
}

TEST_F(ConnectionsTest, IdleConnectionsDoNotKeepOthersFromBeingServed) {
  options_.threads = 2;
  options_.limits.idle_time = 1h;
  Start();
  Connection silent(address());
  Connection idle(address());
  idle.Send(GetRequest("/healthz"));
  EXPECT_EQ(idle.Read().status, 200);
  EXPECT_EQ(Get("/healthz").status, 200);
}

TEST_F(ConnectionsTest, AnIdleConnectionIsClosedAfterAWhile) {
  options_.limits.idle_time = 50ms;
  Start();
  Connection silent(address());
  EXPECT_TRUE(silent.Closed());
  Connection idle(address());
  idle.Send(GetRequest("/healthz"));
  EXPECT_EQ(idle.Read().status, 200);
  EXPECT_TRUE(idle.Closed());
}

TEST_F(ConnectionsTest, ABodyThatDoesNotComeIsNotWaitedForForever) {
  options_.limits.request_time = 100ms;
  Start();
  ExpectRefused(Head("Content-Length: 784\r\n") + "some", 408, "DEADLINE_EXCEEDED");
}

// A byte now and then keeps no thread: 784 of them at this pace would take 15 seconds.
TEST_F(ConnectionsTest, ABodyThatTricklesInEndsAtTheRequestsTime) {
  options_.limits.request_time = 100ms;
  Start();
  Connection connection(address());
  connection.Send(Head("Content-Length: 784\r\n"));
  for (int i = 0; i < 784 && !connection.HeardWithin(20ms); ++i) connection.Send("x");
  EXPECT_EQ(connection.Read().status, 408);
}

TEST_F(ConnectionsTest, AHeadThatTricklesInEndsAtTheRequestsTime) {
  options_.limits.request_time = 100ms;
  Start();
  Connection connection(address());
  connection.Send("GET / HTTP/1.1\r\n");
  for (int i = 0; i < 784 && !connection.HeardWithin(20ms); ++i) connection.Send("x");
  EXPECT_EQ(connection.Read().status, 408);
  EXPECT_TRUE(connection.Closed());
}

TEST_F(ConnectionsTest, ASlowRequestMakesWayForConnectionsThatWait) {
  StartWithSlowTime(100ms, 1);
  for (const std::string& begun :
       {std::string("GET / HTTP/1.1\r\nHost: "), Head("Content-Length: 784\r\n")}) {
    Connection slow(address());
    slow.Send(begun);
    EXPECT_FALSE(slow.HeardWithin(300ms)) << "while nobody waits it has its time";
    EXPECT_EQ(Get("/healthz").status, 200);
    EXPECT_EQ(slow.Read().status, 408);
    EXPECT_TRUE(slow.Closed());
  }
}

TEST_F(ConnectionsTest, ForOneThatWaitsOneMakesWay) {
  StartWithSlowTime(100ms, 2);
  Connection slow(address());
  slow.Send(Head("Content-Length: 784\r\n"));
  Connection other(address());
  other.Send(Head("Content-Length: 784\r\n"));
  EXPECT_FALSE(slow.HeardWithin(300ms));
  EXPECT_FALSE(other.HeardWithin(0ms));
  EXPECT_EQ(Get("/healthz").status, 200);
  const bool slow_left = slow.HeardWithin(300ms);
  const bool other_left = other.HeardWithin(0ms);
  EXPECT_NE(slow_left, other_left);
}

TEST_F(ConnectionsTest, ARequestThatComesAtTheRateMakesWayForNobody) {
  options_.limits.slow_bytes_per_second = 2000;
  StartWithSlowTime(300ms, 1);
  const std::string request = PostRequest(kClassify, kAsJson, std::string(20'000, ' '));
  Connection steady(address());
  steady.Send(request.substr(0, 1000));
  std::this_thread::sleep_for(50ms);
  Connection waiting(address());
  waiting.Send(GetRequest("/healthz"));
  for (size_t sent = 1000; sent < request.size(); sent += 1000) {
    std::this_thread::sleep_for(30ms);  // 600 ms in all
    steady.Send(request.substr(sent, 1000));
  }
  EXPECT_EQ(steady.Read().status, 400) << "it is read to its end, and is no JSON";
  EXPECT_EQ(waiting.Read().status, 200);
}

TEST_F(ConnectionsTest, EachRequestOfAConnectionMayBeSlowForAMoment) {
  StartWithSlowTime(2s, 1);
  const std::string request = PostRequest(kClassify, kAsBytes, Image28(3));
  Connection connection(address());
  connection.Send(request.substr(0, 100));
  std::this_thread::sleep_for(1400ms);
  connection.Send(request.substr(100));
  EXPECT_EQ(connection.Read().status, 200);
  connection.Send(request.substr(0, 100));
  std::this_thread::sleep_for(50ms);
  Connection waiting(address());
  waiting.Send(GetRequest("/healthz"));
  std::this_thread::sleep_for(800ms);
  connection.Send(request.substr(100));
  const Answer answer = connection.Read();
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.headers, Contains(Pair("connection", "close"))) << "its thread is waited for";
  EXPECT_EQ(waiting.Read().status, 200);
}

// However many have nothing to say, and though one is served at length.
TEST_F(ConnectionsTest, AnIdleConnectionMakesWayBesideALongRequest) {
  options_.limits.idle_time = 1h;
  StartWithSlowTime(1h, 2);
  Connection idle(address());
  idle.Send(GetRequest("/healthz"));
  EXPECT_EQ(idle.Read().status, 200);
  Connection lengthy(address());
  lengthy.Send(Head("Content-Length: 784\r\n"));
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(Get("/healthz").status, 200);
  EXPECT_TRUE(idle.Closed());
  EXPECT_FALSE(lengthy.HeardWithin(0ms));
}

TEST_F(ConnectionsTest, AClientThatDoesNotTakeItsAnswersMakesWay) {
  StartWithSlowTime(100ms, 1);
  std::string requests;  // for 17 MB, four times what the system holds ready for the client
  for (int i = 0; i < 900; ++i) requests += GetRequest("/page.js");
  Connection deaf(address());
  deaf.Send(requests);
  std::this_thread::sleep_for(200ms);
  EXPECT_EQ(Get("/healthz").status, 200);
}

TEST_F(ConnectionsTest, NothingIsAnsweredAfterAnAnswerThatIsNotTaken) {
  constexpr int kRequests = 900;  // for 17 MB
  std::atomic<int> answers = 0;
  callbacks_.on_request = [&answers](const HttpReport&) { ++answers; };
  options_.limits.request_time = 200ms;
  Start();
  std::string requests;
  for (int i = 0; i < kRequests; ++i) requests += GetRequest("/page.js");
  Connection deaf(address());
  deaf.Send(requests);
  std::this_thread::sleep_for(600ms);
  EXPECT_GT(answers, 0);
  EXPECT_LT(answers, kRequests);
}

TEST_F(ConnectionsTest, AGoodbyeIsShortWhereOthersWait) {
  options_.limits.goodbye_time = 1h;
  StartWithSlowTime(1h, 1);
  Connection refused(address());
  refused.Send("POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 784\r\n\r\n");
  EXPECT_EQ(refused.Read().status, 404);
  EXPECT_EQ(Get("/healthz").status, 200);
}

TEST_F(ConnectionsTest, AShutdownIsNobodyToMakeWayFor) {
  StartWithSlowTime(50ms, 1);
  const std::string request = PostRequest(kClassify, kAsBytes, Image28(3));
  Connection slow(address());
  slow.Send(request.substr(0, 100));
  std::this_thread::sleep_for(100ms);
  auto shutdown = std::async(std::launch::async, [this] { server_->Shutdown(30s); });
  EXPECT_FALSE(slow.HeardWithin(200ms));
  slow.Send(request.substr(100));
  EXPECT_EQ(slow.Read().status, 200);
  shutdown.get();
}

TEST_F(ConnectionsTest, ABodyWithoutItsLengthIsRefused) {
  Start();
  ExpectRefused(Head("") + Image28(3), 411, "INVALID_ARGUMENT");
  ExpectRefused(Head("Transfer-Encoding: chunked\r\n") + "310\r\n" + Image28(3) + "\r\n0\r\n\r\n",
                411, "INVALID_ARGUMENT");
  ExpectRefused(Head("Transfer-Encoding: chunked\r\nContent-Length: 784\r\n") + Image28(3), 411,
                "INVALID_ARGUMENT");
}

TEST_F(ConnectionsTest, ALengthThatIsNoneIsRefused) {
  Start();
  for (const char* length :
       {"-1", "+784", "0x310", "784 785", "784, 784", "seven", "1e3", "99999999999999999999999"}) {
    ExpectRefused(Head(fmt::format("Content-Length: {}\r\n", length)) + Image28(3), 400,
                  "INVALID_ARGUMENT");
  }
  ExpectRefused(Head("Content-Length: 784\r\nContent-Length: 785\r\n") + Image28(3), 400,
                "INVALID_ARGUMENT");
}

TEST_F(ConnectionsTest, ABodyThatIsTooLongIsRefusedBeforeItIsRead) {
  Start();
  const std::string head = Head(fmt::format("Content-Length: {}\r\n", kMaxBodyBytes + 1));
  ExpectRefused(head, 413, "RESOURCE_EXHAUSTED");
  // A client that sends it nevertheless is told, too.
  ExpectRefused(head + std::string(kMaxBodyBytes + 1, 'x'), 413, "RESOURCE_EXHAUSTED");
  ExpectRefused(Head("Content-Length: 18446744073709551615\r\n"), 413, "RESOURCE_EXHAUSTED");
}

TEST_F(ConnectionsTest, AnEncodedBodyIsRefused) {
  Start();
  for (const char* encoding : {"gzip", "br", "deflate"}) {
    ExpectRefused(
        Head(fmt::format("Content-Length: 3\r\nContent-Encoding: {}\r\n", encoding)) + "xxx", 415,
        "INVALID_ARGUMENT");
  }
}

// Otherwise whoever shares a connection, as behind a proxy, could be given another's answer.
TEST_F(ConnectionsTest, TheBodyOfARefusedRequestIsNoRequest) {
  Start();
  const std::string body = GetRequest("/healthz");
  ExpectRefused(PostRequest("/nothing", kAsBytes, body), 404, "NOT_FOUND");
  ExpectRefused(PostRequest(kClassify, "text/plain", body), 415, "INVALID_ARGUMENT");
  Connection connection(address());
  connection.Send(
      fmt::format("GET /readyz HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{}",
                  body.size(), body));
  EXPECT_EQ(connection.Read().status, 200);
  EXPECT_TRUE(connection.Closed());
}

TEST_F(ConnectionsTest, LinesThatAProxyMayReadOtherwiseAreRefused) {
  Start();
  const std::string body = GetRequest("/healthz");
  const std::string length = std::to_string(body.size());
  for (const std::string& line :
       {"Content-Length : " + length + "\r\n", " Content-Length: " + length + "\r\n",
        "Content-Length: " + length + "\nX: y\r\n", "Content-Length: %3" + length + "\r\n",
        std::string("Transfer-Encoding : chunked\r\n"), std::string("X: a\r\n b\r\n"),
        std::string("nonsense\r\n"), std::string(": x\r\n")}) {
    ExpectRefused("GET /readyz HTTP/1.1\r\nHost: localhost\r\n" + line + "\r\n" + body, 400,
                  "INVALID_ARGUMENT");
  }
}

TEST(IsWellFormedTest, LinesHaveANameOfTokenCharactersAndEndInACarriageReturn) {
  EXPECT_TRUE(IsWellFormed("GET / HTTP/1.1\r", true));
  EXPECT_FALSE(IsWellFormed("GET / HTTP/1.1", true));
  for (const char* line : {"Host: localhost\r", "X-1_!#: \r", "x:\r", "Content-Length: 12 \r",
                           "content-length:0\r", "Range: bytes=0-1\r"}) {
    EXPECT_TRUE(IsWellFormed(line, false)) << line;
  }
  for (const char* line :
       {"Host: localhost", "Host\r", ": x\r", "Host : x\r", "\tHost: x\r", "H\x80st: x\r",
        "Content-Length: +1\r", "Content-Length: 1,1\r", "Content-Length:\r", "\r"}) {
    EXPECT_FALSE(IsWellFormed(line, false)) << line;
  }
}

TEST(SocketStreamTest, NothingFollowsAWriteThatFailed) {
  std::array<int, 2> ends = {};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
  const HttpLimits limits;
  const std::atomic<SocketStream::Clock::time_point> end = SocketStream::Clock::now();
  const std::function<bool()> wanted = [] { return false; };
  SocketStream stream(ends[0], limits, end, wanted);
  std::array<char, 65536> bytes = {};
  while (stream.write(bytes.data(), bytes.size()) > 0) {
  }
  while (recv(ends[1], bytes.data(), bytes.size(), 0) > 0) {
  }
  EXPECT_EQ(stream.write(bytes.data(), 1), -1) << "though there is room again";
  EXPECT_FALSE(stream.is_writable());
  close(ends[1]);
}

TEST_F(ConnectionsTest, WhatIsNoHttpIsRefused) {
  Start();
  for (const std::string& head :
       {std::string("nonsense\r\n"), std::string("GET /\r\n"), std::string("GET / HTTP/3.0\r\n"),
        std::string("FETCH / HTTP/1.1\r\n"), std::string("GET /\0 HTTP/1.1\r\n", 17),
        std::string("\x16\x03\x01 hello\r\n")}) {
    ExpectRefused(head + "Host: localhost\r\n\r\n", 400, "INVALID_ARGUMENT");
  }
}

TEST_F(ConnectionsTest, HeadsAreBounded) {
  Start();
  const std::string host = " HTTP/1.1\r\nHost: localhost\r\n";
  ExpectRefused("GET /" + std::string(9000, 'x') + host + "\r\n", 414, "INVALID_ARGUMENT");
  ExpectRefused("GET /" + host + "X: " + std::string(9000, 'x') + "\r\n\r\n", 400,
                "INVALID_ARGUMENT");
  std::string many = "GET /" + host;
  while (many.size() < 100'000) many += "X: y\r\n";
  ExpectRefused(many + "\r\n", 400, "INVALID_ARGUMENT");
  // Of a line without end there is nothing to answer.
  Connection connection(address());
  connection.Send("GET /" + std::string(100'000, 'x'));
  EXPECT_TRUE(connection.Closed());
}

// The library takes a kilobyte of the stack for every few bytes of it.
TEST_F(ConnectionsTest, ALongRangeIsRefused) {
  Start();
  std::string range = "bytes=-";
  while (range.size() < 8000) range += ",-";
  ExpectRefused(fmt::format("GET / HTTP/1.1\r\nHost: localhost\r\nRange: {}\r\n\r\n", range), 400,
                "INVALID_ARGUMENT");
}

TEST_F(ConnectionsTest, AConnectionIsClosedWhereTheClientAsksForItInAnyLetters) {
  Start();
  for (const char* value : {"close", "Close", "keep-alive, CLOSE"}) {
    Connection connection(address());
    connection.Send(
        fmt::format("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: {}\r\n\r\n", value));
    EXPECT_EQ(connection.Read().status, 200);
    EXPECT_TRUE(connection.Closed()) << value;
  }
}

TEST_F(ConnectionsTest, AClientThatAsksBeforeItsBodyIsToldToGoOn) {
  Start();
  Connection connection(address());
  connection.Send(Head("Content-Length: 784\r\nExpect: 100-continue\r\n"));
  EXPECT_EQ(connection.Read().status, 100);
  connection.Send(Image28(6));
  EXPECT_EQ(connection.Read().Json()["label"], 6);
  connection.Send(GetRequest("/healthz"));
  EXPECT_EQ(connection.Read().status, 200);
}

TEST_F(ConnectionsTest, AClientThatAsksBeforeItsBodyIsToldWhereItIsNotWanted) {
  Start();
  ExpectRefused(Head("Content-Length: 99999999\r\nExpect: 100-continue\r\n"), 413,
                "RESOURCE_EXHAUSTED");
}

TEST_F(ConnectionsTest, AClientThatGoesAwayIsForgotten) {
  options_.threads = 1;
  Start();
  for (const std::string& part :
       {std::string(), std::string("GET /"), std::string("GET / HTTP"),
        Head("Content-Length: 784\r\n") + "some", PostRequest(kClassify, kAsBytes, Image28(1))}) {
    Connection(address()).Send(part);
  }
  EXPECT_EQ(Get("/healthz").status, 200);
}

TEST_F(ConnectionsTest, AShutdownLetsTheRequestUnderWayFinish) {
  std::promise<void> computing;
  std::promise<void> go_on;
  on_classify_ = [&] {
    computing.set_value();
    go_on.get_future().wait();
  };
  Start();
  const std::string at = address();
  Connection idle(at);
  idle.Send(GetRequest("/healthz"));
  EXPECT_EQ(idle.Read().status, 200);
  Connection busy(at);
  busy.Send(PostRequest(kClassify, kAsBytes, Image28(4)));
  computing.get_future().wait();

  std::future<void> shutdown = std::async(std::launch::async, [&] { server_->Shutdown(30s); });
  EXPECT_TRUE(idle.Closed());
  EXPECT_EQ(shutdown.wait_for(0s), std::future_status::timeout);
  go_on.set_value();
  EXPECT_EQ(busy.Read().Json()["label"], 4);
  EXPECT_TRUE(busy.Closed());
  shutdown.wait();
}

TEST_F(ConnectionsTest, AShutdownWaitsForARequestNoLongerThanItIsTold) {
  options_.limits.request_time = 1h;
  options_.limits.idle_time = 1h;
  Start();
  Connection begun(address());
  begun.Send(GetRequest("/healthz"));
  EXPECT_EQ(begun.Read().status, 200);
  begun.Send(Head("Content-Length: 784\r\nExpect: 100-continue\r\n"));
  EXPECT_EQ(begun.Read().status, 100);
  server_->Shutdown(10ms);
  EXPECT_EQ(begun.Read().status, 408);
}

TEST_F(ConnectionsTest, AServerThatGoesAwayUnaskedIsShutDown) {
  options_.limits.idle_time = 1h;
  Start();
  Connection connection(address());
  connection.Send(GetRequest("/healthz"));
  EXPECT_EQ(connection.Read().status, 200);
  server_.reset();
  EXPECT_TRUE(connection.Closed());
}

}  // namespace
}  // namespace digits
