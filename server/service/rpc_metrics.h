// What is counted of gRPC's calls.
#ifndef DIGITS_SERVER_SERVICE_RPC_METRICS_H_
#define DIGITS_SERVER_SERVICE_RPC_METRICS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "server/service/counters.h"
#include "server/service/histogram.h"

namespace digits {

// As gRPC's metrics are labelled everywhere.
struct RpcName {
  std::string type;     // unary, client_stream, server_stream or bidi_stream
  std::string service;  // with its package: digits.v1.DigitClassifier
  std::string method;
};

// gRPC's status codes, 0 to 16.
inline constexpr size_t kRpcCodes = 17;

// Of the calls of one method. May be used from any number of threads at once.
class RpcMetrics {
 public:
  // `threads`: as for Counters.
  RpcMetrics(RpcName name, size_t threads)
      : name_(std::move(name)),
        counters_(kFirstCode + kRpcCodes, threads),
        seconds_(kSecondsFrom10us, threads) {}

  void Started() { counters_.Add(kStarted); }
  // Of a stream.
  void MessageReceived() { counters_.Add(kReceived); }
  void MessageSent() { counters_.Add(kSent); }
  // `time`: since it started. What is no code of gRPC's counts as unknown.
  void Handled(absl::StatusCode code, std::chrono::nanoseconds time) {
    const auto number = static_cast<size_t>(code);
    counters_.Add(kFirstCode + (number < kRpcCodes ? number : kUnknown));
    seconds_.Record(time);
  }

  const RpcName& name() const { return name_; }
  bool is_stream() const { return name_.type.ends_with("stream"); }
  uint64_t started() const { return counters_.Total(kStarted); }
  uint64_t messages_received() const { return counters_.Total(kReceived); }
  uint64_t messages_sent() const { return counters_.Total(kSent); }
  // `code`: below kRpcCodes.
  uint64_t handled(size_t code) const { return counters_.Total(kFirstCode + code); }
  const Histogram& seconds() const { return seconds_; }

 private:
  enum : size_t { kStarted, kReceived, kSent, kFirstCode };
  static constexpr auto kUnknown = static_cast<size_t>(absl::StatusCode::kUnknown);

  RpcName name_;
  Counters counters_;
  Histogram seconds_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_RPC_METRICS_H_
