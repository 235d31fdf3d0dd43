// What each request over HTTP is answered with.
#ifndef DIGITS_SERVER_HTTP_API_H_
#define DIGITS_SERVER_HTTP_API_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "server/engine/workers.h"
#include "server/http/errors.h"
#include "server/http/reports.h"
#include "server/service/answers.h"
#include "server/service/requests.h"

namespace httplib {
struct Request;
}

namespace digits {

// The longest body: a picture of kMaxPicturePixels in base64, and room for what is around it.
inline constexpr size_t kMaxBodyBytes = (kMaxPicturePixels + 2) / 3 * 4 + (size_t{64} << 10);

// Called from several threads at once.
struct HttpCallbacks {
  // Whether /readyz is to say so; null: it always does.
  std::function<bool()> ready = nullptr;
  // What /metrics shows; null: there is no /metrics.
  std::function<std::string()> metrics = nullptr;
  // After each answer.
  std::function<void(const HttpReport& report)> on_request = nullptr;
};

// The length that a request says its body has, 0 where it has none; nothing where it does not say
// it, or says it in no way that everybody understands alike.
std::optional<uint64_t> ContentLength(const httplib::Request& request);

// GET and HEAD of /, /page.css, /page.js, /v1/models, /healthz, /readyz and /metrics; POST of
// /v1/classify. Errors are JSON (ErrorAnswer). From any number of threads at once.
class Api {
 public:
  // `address`: where the server listens, in digits. Where only this machine can reach it, it is not
  // to be reached by a page of another site under a name that its owner has made to mean
  // 127.0.0.1: requests are answered that call their host localhost, 127.0.0.1, [::1] or as in
  // `address`. Other sites' pages can send requests by these names; but they can neither read the
  // answers, as no header allows that, nor have pixels read, as browsers ask before they send one
  // of the content types that takes, and no answer permits it.
  //
  // `threads`: how many images are computed at once; what waits too long for its turn is
  // ResourceExhausted.
  Api(const ServiceContext& context, HttpCallbacks callbacks, const std::string& address,
      bool loopback, size_t threads);

  // Once the head is read. Nothing where it is Classify()'s, with the body.
  std::optional<HttpAnswer> AnswerHead(const httplib::Request& request) const;

  // Once the body is read, too, which has kMaxBodyBytes at most.
  HttpAnswer Classify(const httplib::Request& request, std::string body) const;

  // The paths above.
  static std::span<const std::string_view> Routes();

  // The path where it is one of them; otherwise "other".
  static std::string_view RouteOf(std::string_view path);

  const HttpCallbacks& callbacks() const { return callbacks_; }

 private:
  absl::Status CheckHost(const httplib::Request& request) const;
  HttpAnswer Get(std::string_view path) const;
  HttpAnswer ClassifyAtOnce(const httplib::Request& request, std::string body) const;

  const ServiceContext context_;
  const HttpCallbacks callbacks_;
  const std::string own_host_;
  const bool loopback_;
  const size_t most_computing_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  mutable size_t computing_ = 0;  // guarded by it
  mutable Workers large_{1};      // for large bodies
};

}  // namespace digits

#endif  // DIGITS_SERVER_HTTP_API_H_
