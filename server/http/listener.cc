#include "server/http/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "fmt/format.h"

namespace digits {
namespace {

// Connections that wait for a thread; the system turns further ones away.
constexpr int kBacklog = 128;

struct HostAndPort {
  std::string host;
  std::string port;
};

absl::StatusOr<HostAndPort> Split(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  std::string host = listen.substr(0, colon);
  uint32_t port = 0;
  const bool brackets = host.starts_with('[') && host.ends_with(']');
  if (brackets) host = host.substr(1, host.size() - 2);
  if (colon == std::string::npos || host.empty() ||
      (!brackets && host.find_first_of(":[]") != std::string::npos) ||
      !absl::SimpleAtoi(listen.substr(colon + 1), &port) || port > 65'535) {
    return absl::InvalidArgumentError(
        fmt::format("cannot serve HTTP on {}: it takes a host and a port from 0 to 65535, as in "
                    "--http 127.0.0.1:8080 or --http [::1]:8080",
                    listen));
  }
  return HostAndPort{std::move(host), std::to_string(port)};
}

absl::Status CannotListen(const std::string& listen, std::string_view reason) {
  return absl::UnavailableError(fmt::format(
      "cannot serve HTTP on {}: {}; choose another address with --http, or none with --http none",
      listen, reason));
}

// A listening socket, or -1 with errno.
int ListenAt(const addrinfo& at) {
  const int socket = ::socket(at.ai_family, at.ai_socktype | SOCK_CLOEXEC, at.ai_protocol);
  if (socket < 0) return -1;
  const int on = 1;
  // A server that is started anew listens where connections of the old one linger; where another
  // one still listens, bind() fails as it should.
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(socket, at.ai_addr, at.ai_addrlen) == 0 && listen(socket, kBacklog) == 0) return socket;
  const int error = errno;
  close(socket);
  errno = error;
  return -1;
}

bool IsLoopback(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET6) {
    return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
  }
  return ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr) >> 24 == 127;
}

}  // namespace

std::string AddressText(const sockaddr_storage& address, socklen_t size) {
  std::array<char, NI_MAXHOST> host = {};
  std::array<char, NI_MAXSERV> port = {};
  getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host.data(), host.size(),
              port.data(), port.size(), NI_NUMERICHOST | NI_NUMERICSERV);
  const bool is_ipv6 = address.ss_family == AF_INET6;
  return fmt::format("{}{}{}:{}", is_ipv6 ? "[" : "", host.data(), is_ipv6 ? "]" : "", port.data());
}

absl::StatusOr<std::unique_ptr<Listener>> Listener::Open(const std::string& listen) {
  const absl::StatusOr<HostAndPort> parts = Split(listen);
  if (!parts.ok()) return parts.status();
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(parts->host.c_str(), parts->port.c_str(), &hints, &found);
  if (error != 0) return CannotListen(listen, gai_strerror(error));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, freeaddrinfo);

  int socket = -1;
  for (const addrinfo* at = found; at != nullptr && socket < 0; at = at->ai_next) {
    socket = ListenAt(*at);
  }
  if (socket < 0) return CannotListen(listen, std::strerror(errno));

  sockaddr_storage bound = {};
  socklen_t size = sizeof(bound);
  getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size);
  return std::unique_ptr<Listener>(
      new Listener(socket, AddressText(bound, size), IsLoopback(bound)));
}

Listener::Listener(int socket, std::string address, bool loopback)
    : socket_(socket), address_(std::move(address)), loopback_(loopback) {}

Listener::~Listener() { close(socket_); }

int Listener::Accept() const {
  const int socket = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  const int on = 1;
  // Head and body of an answer are written apart; the body is not to wait for the head's receipt.
  if (socket >= 0) setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return socket;
}

bool Listener::HasWaiting() const {
  pollfd waiting = {socket_, POLLIN, 0};
  return poll(&waiting, 1, 0) > 0 && (waiting.revents & POLLIN) != 0;
}

void Listener::Close() { shutdown(socket_, SHUT_RDWR); }

}  // namespace digits
