// A client that sends whatever bytes a test gives it.
#ifndef DIGITS_TESTS_SERVER_HTTP_CONNECTION_H_
#define DIGITS_TESTS_SERVER_HTTP_CONNECTION_H_

#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "nlohmann/json.hpp"

namespace digits {

struct Answer {
  int status = 0;                              // 0: there was none
  std::map<std::string, std::string> headers;  // by name in lower case
  std::string body;

  // The body's; null where it is no JSON.
  nlohmann::json Json() const { return nlohmann::json::parse(body, nullptr, false); }
};

// A connection to a server on 127.0.0.1. What is waited for and does not come within half a minute
// fails the test.
class Connection {
 public:
  // `address` ends in the port.
  explicit Connection(const std::string& address);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // As far as the server takes it.
  void Send(std::string_view bytes);

  // The next answer, whose body is as long as its Content-Length says; without a body where
  // `to_head`, or where it is a 100.
  Answer Read(bool to_head = false);

  // Whether the server has closed the connection, after at most `wait`, and has said nothing more.
  bool ClosedWithin(std::chrono::milliseconds wait);
  bool Closed() { return ClosedWithin(std::chrono::seconds(30)); }

  // Whether the server has said something, or closed, after at most `wait`.
  bool HeardWithin(std::chrono::milliseconds wait) const;

 private:
  // Reads more into received_. Returns whether there was more.
  bool Receive();

  int socket_ = -1;
  std::string received_;
};

// One request on a connection of its own, and its answer.
Answer Ask(const std::string& address, std::string_view request);

// A request for `path` with that body, as clients send it.
std::string PostRequest(std::string_view path, std::string_view content_type,
                        std::string_view body);
std::string GetRequest(std::string_view path);

}  // namespace digits

#endif  // DIGITS_TESTS_SERVER_HTTP_CONNECTION_H_
