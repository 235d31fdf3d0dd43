// Where a server may listen, as far as gRPC itself does not say.
#ifndef DIGITS_SERVER_SERVICE_LISTEN_H_
#define DIGITS_SERVER_SERVICE_LISTEN_H_

#include <string>

#include "absl/status/status.h"

namespace digits {

// InvalidArgument where gRPC would take another port than is meant, as of "127.0.0.1:99999", or
// "::1:50051" without brackets. Unavailable where another server listens at a unix:PATH, whose
// socket gRPC would replace; one that nobody listens at may be replaced.
absl::Status CheckListen(const std::string& listen);

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_LISTEN_H_
