#include "server/service/server.h"

#include <future>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "digits/v1/digits.grpc.pb.h"
#include "fmt/format.h"
#include "grpc/grpc.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "server/service/listen.h"
#include "server/service/log.h"

namespace digits {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr char kLiveness[] = "liveness";

// Streams of one connection at a time; further ones wait at the client.
constexpr int kMaxConcurrentStreams = 256;
// For messages that are arriving or leaving, over all connections; past it, clients are held back.
// With what batches take beside it (BatchLimits) it stays below the limit of
// deploy/kubernetes.
constexpr size_t kTransportMemory = size_t{256} << 20;
// A connection that says nothing is closed after this; gRPC would wait for two minutes.
constexpr int kHandshakeTimeoutMs = 10'000;
// Clients may ping this often, even without a call; gRPC would hang up on them.
constexpr int kClientPingMs = 10'000;
// Peers that are gone without a word are found by a ping after this and given up after that.
constexpr int kKeepaliveMs = 60'000;
constexpr int kKeepaliveTimeoutMs = 20'000;
// At shutdown, for calls that have passed the gate to reach their handlers, and for refusals to
// leave.
constexpr milliseconds kGateTime{50};
// After the last answer, for the clients' goodbyes.
constexpr milliseconds kSettleTime{500};

void SetLimits(const ServerOptions& options, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(static_cast<int>(kMaxRequestBytes));
  // gRPC inflates a message before it looks at its size: a few megabytes could fill the memory.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  // Without a bound on threads: that one is for synchronous servers, which it can lock up.
  builder.SetResourceQuota(grpc::ResourceQuota("digits").Resize(kTransportMemory));
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxConcurrentStreams);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kClientPingMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  if (options.max_connection_age > milliseconds(0)) {
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS,
                               static_cast<int>(options.max_connection_age.count()));
  }
}

// gRPC's own words on it are long; the operating system's are in them.
std::string WhyNotListening() {
  const std::string error = LastGrpcError();
  constexpr std::string_view kReason = "os_error:\"";
  const size_t begin = error.rfind(kReason);
  if (begin == std::string::npos) return "it is in use, not of this machine, or cannot be resolved";
  const size_t end = error.find('"', begin + kReason.size());
  return error.substr(begin + kReason.size(), end - begin - kReason.size());
}

std::string BoundAddress(const std::string& listen, int port) {
  if (!absl::EndsWith(listen, ":0")) return listen;
  return fmt::format("{}:{}", listen.substr(0, listen.size() - 2), port);
}

}  // namespace

std::unique_ptr<Metrics> MakeMetrics(const ModelRegistry& models, std::vector<std::string> routes,
                                     size_t threads) {
  std::vector<ModelDescription> descriptions;
  for (const auto& model : models.models()) {
    std::string architecture = std::to_string(model->layers.front().inputs);
    for (const LayerInfo& layer : model->layers) {
      architecture += fmt::format("-{}", layer.outputs);
    }
    descriptions.push_back({.name = model->name,
                            .version = model->version,
                            .precision = std::string(model->classifier->precision()),
                            .architecture = architecture,
                            .sha256 = model->sha256,
                            .class_names = model->class_names,
                            .tells_digits = model->digit_threshold.has_value(),
                            .load_time = model->load_time});
  }
  return std::make_unique<Metrics>(std::move(descriptions), ServedRpcs(), std::move(routes),
                                   threads);
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      const ModelRegistry& models,
                                                      Metrics* metrics) {
  for (const auto& model : models.models()) {
    if (model->name == kLiveness || model->name == v1::DigitClassifier::service_full_name()) {
      return absl::InvalidArgumentError(fmt::format(
          "a model cannot be called '{}': health uses the name for the server", model->name));
    }
  }
  if (absl::Status status = CheckListen(options.listen); !status.ok()) return status;
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();

  std::unique_ptr<Server> server(
      new Server({&models, options.max_batch_images, metrics}, options.service, models));
  grpc::ServerBuilder builder;
  SetLimits(options, builder);
  int port = 0;
  builder.AddListeningPort(options.listen, server->gate_.InsecureCredentials(), &port);
  server->service_.AddTo(builder);
  server->grpc_ = builder.BuildAndStart();
  if (server->grpc_ == nullptr) {
    return absl::UnavailableError(
        fmt::format("cannot listen on {}: {}; choose another address with --listen", options.listen,
                    WhyNotListening()));
  }
  server->service_.health().Set(kLiveness, true);
  server->SetHealth(true);
  server->service_.Start();
  server->address_ = BoundAddress(options.listen, port);
  return server;
}

Server::~Server() {
  if (grpc_ != nullptr) Shutdown(milliseconds(0));
}

void Server::SetHealth(bool serving) {
  Health& health = service_.health();
  for (const auto& model : models_.models()) health.Set(model->name, serving);
  health.Set(v1::DigitClassifier::service_full_name(), serving);
  health.Set("", serving);
}

void Server::ReportNotServing() { SetHealth(false); }

bool Server::Shutdown(milliseconds timeout) {
  const auto deadline = steady_clock::now() + timeout;
  gate_.Close();
  // Those that have passed it may be many, and gRPC would cancel those that no handler has seen.
  const OpenCalls& calls = service_.open_calls();
  size_t begun = 0;
  do {
    begun = calls.begun();
    std::this_thread::sleep_for(kGateTime);
  } while (calls.begun() != begun && steady_clock::now() < deadline);
  service_.open_calls().EndStreams();
  std::future<void> done = std::async(std::launch::async, [this] { grpc_->Shutdown(); });
  bool finished = service_.open_calls().WaitUntilNone(deadline);
  if (!finished) {
    // Before what is left is cancelled, which clients do not retry.
    service_.RefuseWaitingBatches();
    std::this_thread::sleep_for(kGateTime);
  }
  if (finished && done.wait_for(kSettleTime) != std::future_status::ready) {
    // A call of ours that slipped in after the last one is waited for as well.
    finished = service_.open_calls().WaitUntilNone(deadline);
  }
  // What may be left are health watches, which never end by themselves.
  if (done.wait_for(milliseconds(0)) != std::future_status::ready) {
    grpc_server_cancel_all_calls(grpc_->c_server());
  }
  done.wait();
  service_.Stop();
  grpc_.reset();
  return finished;
}

}  // namespace digits
