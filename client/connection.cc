#include "client/connection.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "absl/strings/str_join.h"
#include "digits/internal/error_details.pb.h"
#include "digits/internal/health.grpc.pb.h"

namespace digits {
namespace {

// gRPC waits 0.2, 0.4, 0.8 and 1.6 s, each give or take a fifth. Five attempts are all that it
// allows. Health checks, which are asked for the state of this moment, are not sent again.
constexpr char kServiceConfig[] = R"({
  "loadBalancingConfig": [{"round_robin": {}}],
  "methodConfig": [{
    "name": [{"service": "digits.v1.DigitClassifier"}],
    "retryPolicy": {
      "maxAttempts": 5,
      "initialBackoff": "0.2s",
      "maxBackoff": "2s",
      "backoffMultiplier": 2,
      "retryableStatusCodes": ["UNAVAILABLE"]
    }
  }]
})";

// A call larger than this buffer is never sent again. The default of 256 KiB is 334 images.
constexpr int kRetryBufferBytes = 64 << 20;

// So that a server that comes back is found between two attempts.
constexpr int kFirstReconnectMilliseconds = 100;
constexpr int kLastReconnectMilliseconds = 1000;

std::shared_ptr<grpc::Channel> MakeChannel(const ConnectionOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(kServiceConfig);
  if (options.bare) {
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  }
  arguments.SetInt(GRPC_ARG_PER_RPC_RETRY_BUFFER_SIZE, kRetryBufferBytes);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstReconnectMilliseconds);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLastReconnectMilliseconds);
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(options.server, grpc::InsecureChannelCredentials(), arguments);
}

std::chrono::system_clock::time_point After(std::chrono::duration<double> time) {
  return std::chrono::system_clock::now() +
         std::chrono::duration_cast<std::chrono::system_clock::duration>(time);
}

// Why the channel could not connect, which only a failing call tells: the end of gRPC's message,
// such as "Connection refused" or "Domain name not found".
std::string ReasonOfFailure(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::ClientContext context;
  context.set_deadline(After(std::chrono::seconds(1)));
  grpc::health::v1::HealthCheckResponse response;
  const grpc::Status status =
      grpc::health::v1::Health::NewStub(channel)->Check(&context, {}, &response);
  const std::string message = status.error_message();
  const size_t colon = message.rfind(": ");
  return colon == std::string::npos ? message : message.substr(colon + 2);
}

// The fields that a google.rpc.Status in the details names, or nothing.
std::string FieldsAtFault(const std::string& error_details) {
  internal::Status details;
  std::vector<std::string> fields;
  if (!details.ParseFromString(error_details)) return "";
  for (const google::protobuf::Any& detail : details.details()) {
    internal::BadRequest bad_request;
    if (detail.type_url() != "type.googleapis.com/google.rpc.BadRequest" ||
        !bad_request.ParseFromString(detail.value())) {
      continue;
    }
    for (const auto& violation : bad_request.field_violations())
      fields.push_back(violation.field());
  }
  return absl::StrJoin(fields, ", ");
}

}  // namespace

absl::StatusOr<Connection> Connection::Open(const ConnectionOptions& options) {
  std::shared_ptr<grpc::Channel> channel = MakeChannel(options);
  const auto deadline = After(options.timeout);
  grpc_connectivity_state state = channel->GetState(/*try_to_connect=*/true);
  while (state != GRPC_CHANNEL_READY && state != GRPC_CHANNEL_TRANSIENT_FAILURE) {
    if (!channel->WaitForStateChange(state, deadline)) {
      return absl::DeadlineExceededError(fmt::format(
          "no server answers at {} within {} s; name one with --server or give it longer with "
          "--timeout",
          options.server, options.timeout.count()));
    }
    state = channel->GetState(/*try_to_connect=*/true);
  }
  if (state == GRPC_CHANNEL_TRANSIENT_FAILURE) {
    return absl::UnavailableError(fmt::format(
        "no server answers at {} ({}); start one with digits-server or name one with --server",
        options.server, ReasonOfFailure(channel)));
  }
  return Connection(options, std::move(channel));
}

void Connection::SetDeadline(grpc::ClientContext& context) const {
  context.set_deadline(After(options_.timeout));
}

absl::Status Connection::ToStatus(const grpc::Status& status) const {
  if (status.ok()) return absl::OkStatus();
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  const std::string name = absl::StatusCodeToString(code);
  const std::string& message = status.error_message();
  const std::string& server = options_.server;
  switch (code) {
    case absl::StatusCode::kUnavailable:
      return {code, fmt::format("the server at {} is not there any more, or not yet: {} ({})",
                                server, message, name)};
    case absl::StatusCode::kDeadlineExceeded:
      return {code, fmt::format("the server at {} did not answer within {} s; give it longer with "
                                "--timeout ({})",
                                server, options_.timeout.count(), name)};
    case absl::StatusCode::kUnimplemented:
      return {code, fmt::format("what answers at {} is no digits-server that this client can use: "
                                "{} ({})",
                                server, message, name)};
    default:
      break;
  }
  const std::string fields = FieldsAtFault(status.error_details());
  return {code, fmt::format("the server at {} answered: {} ({}{}{})", server, message, name,
                            fields.empty() ? "" : ", field ", fields)};
}

}  // namespace digits
