#include "tests/server/http/connection.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>

namespace digits {
namespace {

constexpr std::chrono::seconds kPatience{30};

std::string LowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

Connection::Connection(const std::string& address) {
  sockaddr_in server = {};
  server.sin_family = AF_INET;
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  server.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
  socket_ = socket(AF_INET, SOCK_STREAM, 0);
  EXPECT_EQ(connect(socket_, reinterpret_cast<const sockaddr*>(&server), sizeof(server)), 0);
}

Connection::~Connection() { close(socket_); }

void Connection::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

Answer Connection::Read(bool to_head) {
  size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!Receive()) return {};
  }
  Answer answer;
  std::istringstream head(received_.substr(0, end));
  received_.erase(0, end + 4);
  std::string version;
  head >> version >> answer.status;
  EXPECT_EQ(version, "HTTP/1.1");
  std::string line;
  for (std::getline(head, line); std::getline(head, line);) {
    const size_t colon = line.find(": ");
    const std::string name = LowerCase(line.substr(0, colon));
    EXPECT_EQ(answer.headers.count(name), 0U) << name << " is there twice";
    answer.headers[name] = line.substr(colon + 2, line.find('\r') - colon - 2);
  }
  if (answer.status == 100) return answer;
  EXPECT_EQ(answer.headers.count("content-length"), 1U);
  const size_t length = std::stoul("0" + answer.headers["content-length"]);
  while (!to_head && received_.size() < length && Receive()) {
  }
  answer.body = received_.substr(0, to_head ? 0 : length);
  received_.erase(0, answer.body.size());
  EXPECT_TRUE(to_head || answer.body.size() == length) << "the body ends early";
  return answer;
}

bool Connection::ClosedWithin(std::chrono::milliseconds wait) {
  return received_.empty() && HeardWithin(wait) && !Receive();
}

bool Connection::HeardWithin(std::chrono::milliseconds wait) const {
  pollfd waiting = {socket_, POLLIN, 0};
  return poll(&waiting, 1, static_cast<int>(wait.count())) > 0;
}

bool Connection::Receive() {
  std::array<char, 4096> bytes;
  if (!HeardWithin(kPatience)) {
    ADD_FAILURE() << "the server neither says anything nor closes";
    return false;
  }
  const ssize_t got = recv(socket_, bytes.data(), bytes.size(), 0);
  if (got > 0) received_.append(bytes.data(), static_cast<size_t>(got));
  return got > 0;
}

Answer Ask(const std::string& address, std::string_view request) {
  Connection connection(address);
  connection.Send(request);
  return connection.Read();
}

std::string PostRequest(std::string_view path, std::string_view content_type,
                        std::string_view body) {
  std::ostringstream request;
  request << "POST " << path << " HTTP/1.1\r\nHost: localhost\r\nContent-Type: " << content_type
          << "\r\nContent-Length: " << body.size() << "\r\n\r\n"
          << body;
  return request.str();
}

std::string GetRequest(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

}  // namespace digits
