// Calls a server over and over, and measures how it answers.
#ifndef DIGITS_CLIENT_LOAD_GENERATOR_H_
#define DIGITS_CLIENT_LOAD_GENERATOR_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "client/connection.h"
#include "client/latency_histogram.h"
#include "grpcpp/support/status_code_enum.h"

namespace digits {

enum class LoadKind {
  kUnary,   // Classify
  kBatch,   // ClassifyBatch
  kStream,  // messages of one ClassifyStream a connection
};

struct LoadOptions {
  LoadKind kind = LoadKind::kUnary;
  std::string model{};    // empty: the server's default one
  std::string version{};  // empty: the current one
  size_t batch = 1000;    // images in a batch
  size_t connections = 1;
  size_t in_flight = 64;  // calls (or messages) at a time on each connection, at most
  size_t threads = 1;     // that send and receive; no more than connections
  // Closed loop: a call follows when another has ended. With a rate, an open loop: so many calls a
  // second over all connections, whatever becomes of them, while in_flight lets them begin.
  std::optional<double> rate{};
  std::chrono::duration<double> warm_up{1};
  std::chrono::duration<double> duration{5};
};

// Of the calls that should have begun within the measured time, however late they ended.
struct LoadResult {
  // From when the call was to begin to its end: in an open loop a call that could not begin in
  // time, because others were under way, counts from when it should have.
  LatencyHistogram answered;
  LatencyHistogram failed;
  std::map<grpc::StatusCode, uint64_t> codes;
  // Calls that ended with OK within the measured time, and how long that was.
  uint64_t answered_in_time = 0;
  std::chrono::duration<double> duration{0};
  size_t images_a_call = 1;
};

// pixels: n x 784, n at least 1; sent in turn. Fails where no server answers; what happens to calls
// later is in the result.
absl::StatusOr<LoadResult> GenerateLoad(const ConnectionOptions& connection,
                                        const LoadOptions& options,
                                        std::span<const uint8_t> pixels);

}  // namespace digits

#endif  // DIGITS_CLIENT_LOAD_GENERATOR_H_
