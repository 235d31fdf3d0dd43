#include "server/http/worker.h"

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"

namespace digits {
namespace {

using Clock = SocketStream::Clock;

constexpr int kMaxRequests = 1000;  // of a connection

// On every answer. The page needs nothing of any other host, and no other site anything of it.
const httplib::Headers& DefaultHeaders() {
  static const auto* const headers = new httplib::Headers{
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
       "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Cache-Control", "no-cache"},
  };
  return *headers;
}

std::string WhatOf(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "unknown";
  }
}

}  // namespace

Worker::Worker(const Api& api, const HttpLimits& limits, const HttpShutdown& shutdown,
               std::function<bool()> wanted)
    : api_(api), limits_(limits), shutdown_(shutdown), wanted_(std::move(wanted)) {
  set_default_headers(DefaultHeaders());
  set_payload_max_length(kMaxBodyBytes);
  set_expect_100_continue_handler(
      [this](const httplib::Request& request, httplib::Response& response) {
        const std::optional<HttpAnswer> answer = api_.AnswerHead(request);
        if (!answer || answer->status < 400) return 100;
        Fill(*answer, response);
        return answer->status;
      });
  set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
    const std::optional<HttpAnswer> answer = api_.AnswerHead(request);
    if (!answer) return HandlerResponse::Unhandled;
    Fill(*answer, response);
    return HandlerResponse::Handled;
  });
  // Nothing else comes so far.
  Post(".*", [this](const httplib::Request& request, httplib::Response& response,
                    const httplib::ContentReader& read_body) {
    AnswerClassify(request, response, read_body);
  });
  set_exception_handler([this](const httplib::Request&, httplib::Response& response,
                               const std::exception_ptr& exception) {
    cause_ = WhatOf(exception);
    Fill(ErrorAnswer(absl::InternalError("the server failed to answer this request")), response);
  });
  set_error_handler([this](const httplib::Request&, httplib::Response& response) {
    if (response.body.empty()) ExplainStatus(response);
  });
  set_post_routing_handler([this](const httplib::Request&, httplib::Response& response) {
    response.headers.erase("Keep-Alive");
    response.headers.erase("Accept-Ranges");
    leaves_ = wanted_();
    if (!leaves_ && !LeavesBytes()) return;
    response.headers.erase("Connection");
    response.set_header("Connection", "close");
  });
  set_logger([this](const httplib::Request& request, const httplib::Response& response) {
    Report(request.method, Api::RouteOf(request.path), response.status,
           request.get_header_value("traceparent"));
  });
}

void Worker::Fill(const HttpAnswer& answer, httplib::Response& response) {
  response.status = answer.status;
  response.set_content(answer.body, answer.content_type);
  for (const auto& [name, value] : answer.headers) response.set_header(name, value);
  error_ = answer.error;
}

void Worker::Report(std::string_view method, std::string_view route, int status,
                    const std::string& traceparent) {
  const auto& on_request = api_.callbacks().on_request;
  if (on_request == nullptr) return;
  HttpReport report = {.method = method,
                       .route = route,
                       .status = status,
                       .time = Clock::now() - begin_,
                       .error = error_};
  if (!error_.ok()) {
    report.peer = stream_->Peer();
    report.traceparent = traceparent;
    report.cause = cause_;
  }
  on_request(report);
}

void Worker::Serve(int socket) {
  SocketStream stream(socket, limits_, shutdown_.end, wanted_);
  stream_ = &stream;
  for (int requests = 1; requests <= kMaxRequests; ++requests) {
    const auto idle_end = Clock::now() + limits_.idle_time;
    const auto give_up = [&] { return shutdown_.begun || wanted_() || Clock::now() > idle_end; };
    if (!stream.AwaitRequest(give_up)) return;
    const auto& ready = api_.callbacks().ready;
    const bool leaving = shutdown_.begun || (ready != nullptr && !ready());
    if (!AnswerNext(leaving || requests == kMaxRequests)) return;
  }
}

bool Worker::AnswerNext(bool last) {
  begin_ = Clock::now();
  framed_ = false;
  leaves_ = false;
  error_ = absl::OkStatus();
  cause_.clear();
  bool closed = false;
  bool answered = false;
  const std::function<void(httplib::Request&)> prepare = [this](httplib::Request& request) {
    Prepare(request);
  };
  // Debian 12's library takes other arguments than Debian 13's, which wants to know the addresses
  // for handlers that ask for them.
  const auto process = [&](auto& stream) {
    if constexpr (requires { process_request(stream, last, closed, prepare); }) {
      return process_request(stream, last, closed, prepare);
    } else {
      return process_request(stream, "", 0, "", 0, last, closed, prepare);
    }
  };
  try {
    answered = process(*stream_);
  } catch (const std::exception& exception) {
    error_ = absl::InternalError("the server failed to answer a request");
    cause_ = exception.what();
    Report("", Api::RouteOf(""), HttpStatus(error_.code()), "");
    closed = true;
  }
  const bool leaving = last || leaves_;
  if (LeavesBytes() || (leaving && stream_->has_read_ahead())) {
    stream_->CloseGently();
    return false;
  }
  return answered && !closed && !leaving;
}

void Worker::Prepare(httplib::Request& request) {
  const std::optional<uint64_t> length = ContentLength(request);
  // By the standard, no length means no body; but clients that send other methods than these
  // without one may have forgotten it.
  framed_ = length.has_value() && (request.has_header("Content-Length") ||
                                   request.method == "GET" || request.method == "HEAD");
  stream_->BeginBody(length.value_or(0));
  // The library would compress answers, and cut ranges out of them, many times over where a request
  // asks for that; both cost more than they save.
  request.headers.erase("Accept-Encoding");
  // Which it compares letter by letter, and whole.
  if (absl::AsciiStrToLower(request.get_header_value("Connection")).find("close") !=
      std::string::npos) {
    request.headers.erase("Connection");
    request.set_header("Connection", "close");
  }
  request.ranges.clear();
}

void Worker::AnswerClassify(const httplib::Request& request, httplib::Response& response,
                            const httplib::ContentReader& read_body) {
  std::string body;
  body.reserve(ContentLength(request).value_or(0));
  const bool whole = read_body([&](const char* data, size_t size) {
    body.append(data, size);
    return true;
  });
  if (whole) {
    Fill(api_.Classify(request, std::move(body)), response);
  } else {
    ExplainStatus(response);
  }
}

void Worker::ExplainStatus(httplib::Response& response) {
  if (stream_->gave_way()) {
    return Fill(ErrorAnswer(absl::DeadlineExceededError(
                                "the request came too slowly while others waited; try again"),
                            408),
                response);
  }
  if (stream_->timed_out()) {
    return Fill(ErrorAnswer(absl::DeadlineExceededError("the request did not arrive in time"), 408),
                response);
  }
  switch (response.status) {
    case 414:
      return Fill(ErrorAnswer(absl::InvalidArgumentError("the path and query are too long"), 414),
                  response);
    case 416:
      return Fill(ErrorAnswer(absl::InvalidArgumentError("the Range is none"), 416), response);
    default:
      return Fill(ErrorAnswer(absl::InvalidArgumentError(
                      "the request is not HTTP/1.1 as this server knows it, has a head of more "
                      "than 16 KiB, or ends early")),
                  response);
  }
}

}  // namespace digits
