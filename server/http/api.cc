#include "server/http/api.h"

#include <algorithm>
#include <exception>
#include <future>
#include <iterator>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "digits/v1/digits.pb.h"
#include "fmt/format.h"
#include "httplib.h"
#include "server/http/classify_request.h"
#include "server/http/json.h"
#include "server/http/page.h"
#include "server/service/status.h"

namespace digits {
namespace {

constexpr char kBytesType[] = "application/octet-stream";
constexpr char kTextType[] = "text/plain; charset=utf-8";

constexpr char kClassify[] = "/v1/classify";
constexpr char kMetrics[] = "/metrics";
constexpr std::string_view kRoutes[] = {"/",        "/page.css", "/page.js", "/v1/models",
                                        "/healthz", "/readyz",   kMetrics,   kClassify};

// Parsing takes a few times the memory of what it parses, and the heap of the thread that does it
// keeps that: bodies above this are all parsed by one thread.
constexpr size_t kLargeBody = size_t{512} << 10;

// How long a request waits for its turn to be computed.
constexpr std::chrono::seconds kPatience{2};

// "[::1]:8080" -> "[::1]"
std::string_view WithoutPort(std::string_view host) {
  const size_t colon = host.find(':', host.starts_with('[') ? host.find(']') : 0);
  return host.substr(0, colon);
}

// "Application/JSON; charset=utf-8" -> "application/json"
std::string MediaType(const std::string& content_type) {
  const std::string_view type = std::string_view(content_type).substr(0, content_type.find(';'));
  return absl::AsciiStrToLower(std::string(absl::StripAsciiWhitespace({type.data(), type.size()})));
}

// What is wrong with a body before it is read.
std::optional<HttpAnswer> RefuseBody(const httplib::Request& request) {
  if (request.has_header("Transfer-Encoding") || !request.has_header("Content-Length")) {
    return ErrorAnswer(absl::InvalidArgumentError("the request lacks its Content-Length"), 411);
  }
  const std::optional<uint64_t> length = ContentLength(request);
  if (!length) {
    return ErrorAnswer(absl::InvalidArgumentError("Content-Length is not one number"));
  }
  if (*length > kMaxBodyBytes) {
    return ErrorAnswer(
        absl::ResourceExhaustedError(fmt::format(
            "the body has {} bytes; at most {} are read, which hold the largest picture in base64",
            *length, kMaxBodyBytes)),
        413);
  }
  const std::string encoding = request.get_header_value("Content-Encoding");
  if (!encoding.empty() && !absl::EqualsIgnoreCase(encoding, "identity")) {
    return ErrorAnswer(
        absl::InvalidArgumentError("the body is encoded; send it without Content-Encoding"), 415);
  }
  const std::string type = MediaType(request.get_header_value("Content-Type"));
  if (type != kJsonType && type != kBytesType) {
    return ErrorAnswer(
        absl::InvalidArgumentError(fmt::format("the Content-Type is neither {}, 784 pixels, nor {}",
                                               kBytesType, kJsonType)),
        415);
  }
  return std::nullopt;
}

absl::StatusOr<v1::ClassifyRequest> ParseBody(const httplib::Request& request, std::string body) {
  if (MediaType(request.get_header_value("Content-Type")) == kBytesType) {
    return RequestFromBytes(std::move(body), request.params);
  }
  if (!request.params.empty()) {
    return absl::InvalidArgumentError(
        "beside JSON there is no query: model, version and return_image are members of it");
  }
  return RequestFromJson(body);
}

}  // namespace

std::optional<uint64_t> ContentLength(const httplib::Request& request) {
  if (request.has_header("Transfer-Encoding")) return std::nullopt;
  if (!request.has_header("Content-Length")) return 0;
  const std::string text = request.get_header_value("Content-Length");
  uint64_t length = 0;
  if (request.get_header_value_count("Content-Length") > 1 || text.empty() ||
      !std::all_of(text.begin(), text.end(), absl::ascii_isdigit) ||
      !absl::SimpleAtoi(text, &length)) {
    return std::nullopt;
  }
  return length;
}

Api::Api(const ServiceContext& context, HttpCallbacks callbacks, const std::string& address,
         bool loopback, size_t threads)
    : context_(context),
      callbacks_(std::move(callbacks)),
      own_host_(WithoutPort(address)),
      loopback_(loopback),
      most_computing_(threads) {}

std::span<const std::string_view> Api::Routes() { return kRoutes; }

std::string_view Api::RouteOf(std::string_view path) {
  const auto* const route = std::find(std::begin(kRoutes), std::end(kRoutes), path);
  return route == std::end(kRoutes) ? "other" : *route;
}

std::optional<HttpAnswer> Api::AnswerHead(const httplib::Request& request) const {
  if (absl::Status status = CheckHost(request); !status.ok()) return ErrorAnswer(status);
  if (RouteOf(request.path) != request.path ||
      (request.path == kMetrics && callbacks_.metrics == nullptr)) {
    return ErrorAnswer(absl::NotFoundError(
        "there is nothing at this path; the page is at /, and the API at /v1/classify and "
        "/v1/models"));
  }
  const bool is_post = request.path == kClassify;
  if (is_post ? request.method != "POST" : request.method != "GET" && request.method != "HEAD") {
    const std::string allowed = is_post ? "POST" : "GET, HEAD";
    HttpAnswer answer = ErrorAnswer(
        absl::UnimplementedError(fmt::format("this path knows the methods {} only", allowed)), 405);
    answer.headers.emplace_back("Allow", allowed);
    return answer;
  }
  return is_post ? RefuseBody(request) : Get(request.path);
}

absl::Status Api::CheckHost(const httplib::Request& request) const {
  const size_t count = request.get_header_value_count("Host");
  if (count > 1 || (count == 0 && request.version == "HTTP/1.1")) {
    return absl::InvalidArgumentError("the request has not exactly one Host");
  }
  if (!loopback_ || count == 0) return absl::OkStatus();
  const std::string header = request.get_header_value("Host");
  const std::string_view host = WithoutPort(header);
  if (absl::EqualsIgnoreCase({host.data(), host.size()}, "localhost") || host == "127.0.0.1" ||
      host == "[::1]" || host == own_host_) {
    return absl::OkStatus();
  }
  return absl::PermissionDeniedError(
      "the Host is another one; this server is for its own machine: call it localhost, or have it "
      "listen elsewhere with --http");
}

HttpAnswer Api::Get(std::string_view path) const {
  if (path == "/") return {200, "text/html; charset=utf-8", std::string(PageHtml())};
  if (path == "/page.css") return {200, "text/css; charset=utf-8", std::string(PageCss())};
  if (path == "/page.js") return {200, "text/javascript; charset=utf-8", std::string(PageJs())};
  if (path == kMetrics) return {200, "text/plain; version=0.0.4", callbacks_.metrics()};
  if (path == "/v1/models") {
    v1::ListModelsResponse response;
    const absl::Status status = ListModels(context_, {}, response);
    return status.ok() ? HttpAnswer{200, kJsonType, ModelsJson(response)} : ErrorAnswer(status);
  }
  if (path == "/readyz" && callbacks_.ready != nullptr && !callbacks_.ready()) {
    return ErrorAnswer(absl::UnavailableError("the server is shutting down"));
  }
  return {200, kTextType, "ok\n"};
}

HttpAnswer Api::Classify(const httplib::Request& request, std::string body) const {
  {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kPatience, [this] { return computing_ < most_computing_; })) {
      return ErrorAnswer(TryLater("the server is busy; try again later", kPatience));
    }
    ++computing_;
  }
  const absl::Cleanup end = [this] {
    const std::lock_guard lock(mutex_);
    --computing_;
    changed_.notify_one();
  };
  if (body.size() <= kLargeBody) return ClassifyAtOnce(request, std::move(body));
  std::promise<HttpAnswer> answered;
  large_.Run([&] {
    try {
      answered.set_value(ClassifyAtOnce(request, std::move(body)));
    } catch (...) {
      answered.set_exception(std::current_exception());
    }
  });
  return answered.get_future().get();
}

HttpAnswer Api::ClassifyAtOnce(const httplib::Request& request, std::string body) const {
  const auto start = std::chrono::steady_clock::now();
  const absl::StatusOr<v1::ClassifyRequest> parsed = ParseBody(request, std::move(body));
  if (!parsed.ok()) return ErrorAnswer(parsed.status());
  v1::ClassifyResponse response;
  const absl::Status status = digits::Classify(context_, *parsed, response);
  if (!status.ok()) return ErrorAnswer(status);
  const absl::StatusOr<const ServedModel*> model =
      context_.models->Find(response.model(), response.version());
  if (!model.ok()) return ErrorAnswer(model.status());
  HttpAnswer answer = {200, kJsonType, ClassifyJson(response, (*model)->digit_threshold)};
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
  answer.headers.emplace_back("Server-Timing", fmt::format("total;dur={:.3f}", time.count()));
  return answer;
}

}  // namespace digits
