#include "server/service/listen.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "fmt/format.h"

namespace digits {
namespace {

// gRPC takes 99999 for 34463, and an address without a port for one with 443.
bool LacksPort(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  uint32_t port = 0;
  return colon == std::string::npos || !absl::SimpleAtoi(listen.substr(colon + 1), &port) ||
         port > 65'535;
}

// Whether the last colon may be one of the address itself: of ::1:50051, gRPC takes all for the
// address. Colons are in brackets, or follow a scheme.
bool LacksBrackets(std::string_view listen) {
  std::string_view host = listen.substr(0, listen.rfind(':'));
  for (const std::string_view scheme : {"ipv4:", "ipv6:", "dns:"}) {
    if (host.starts_with(scheme)) host.remove_prefix(scheme.size());
  }
  return host.find(':') != std::string_view::npos && !host.ends_with(']');
}

// Why a socket at the path cannot be replaced; empty where it can, or there is none.
std::string WhyInUse(const std::string& path) {
  sockaddr_un address = {};
  if (path.size() >= sizeof(address.sun_path)) return "";  // gRPC refuses it
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int result =
      connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  const int error = result == 0 ? 0 : errno;
  close(descriptor);
  if (error == 0 || error == EAGAIN) return "another server listens there";
  // Nobody listens; or nothing is there, of which gRPC says more.
  if (error == ECONNREFUSED || error == ENOENT || error == ENOTDIR) return "";
  return std::strerror(error);
}

}  // namespace

absl::Status CheckListen(const std::string& listen) {
  if (absl::StartsWith(listen, "unix-abstract:")) return absl::OkStatus();
  if (absl::StartsWith(listen, "unix:")) {
    std::string path = listen.substr(std::strlen("unix:"));
    if (absl::StartsWith(path, "///")) path.erase(0, 2);
    const std::string reason = WhyInUse(path);
    if (reason.empty()) return absl::OkStatus();
    return absl::UnavailableError(fmt::format(
        "cannot listen on {}: {}; choose another address with --listen", listen, reason));
  }
  if (LacksPort(listen)) {
    return absl::InvalidArgumentError(fmt::format(
        "cannot listen on {}: it needs a port from 0 to 65535, as in 127.0.0.1:50051", listen));
  }
  if (LacksBrackets(listen)) {
    return absl::InvalidArgumentError(fmt::format(
        "cannot listen on {}: an IPv6 address needs brackets, as in [::1]:50051", listen));
  }
  return absl::OkStatus();
}

}  // namespace digits
