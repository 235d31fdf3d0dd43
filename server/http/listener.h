// The TCP port that HTTP is served at.
#ifndef DIGITS_SERVER_HTTP_LISTENER_H_
#define DIGITS_SERVER_HTTP_LISTENER_H_

#include <sys/socket.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace digits {

// "127.0.0.1:8080" or "[::1]:8080", in digits.
std::string AddressText(const sockaddr_storage& address, socklen_t size);

// A socket that listens from Open() on. From any thread.
class Listener {
 public:
  // `listen` is HOST:PORT or [IPV6]:PORT; port 0 takes any free one. InvalidArgument where it is
  // neither; Unavailable where the system does not let it listen there, as when the port is in use.
  static absl::StatusOr<std::unique_ptr<Listener>> Open(const std::string& listen);

  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Where it listens, in digits: 127.0.0.1:8080 or [::1]:8080.
  const std::string& address() const { return address_; }

  // Whether only this machine reaches it.
  bool loopback() const { return loopback_; }

  // The next connection's socket, which is the caller's to close. Waits for one; -1 where there is
  // none after all, and for good after Close().
  int Accept() const;

  // Whether a connection waits to be accepted; not after Close().
  bool HasWaiting() const;

  // Wakes and ends Accept() in all threads. Connections that wait are reset when this is gone.
  void Close();

 private:
  Listener(int socket, std::string address, bool loopback);

  const int socket_;
  const std::string address_;
  const bool loopback_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_HTTP_LISTENER_H_
