#include <fmt/format.h>

#include <memory>
#include <string>

#include "client/commands.h"
#include "digits/internal/health.grpc.pb.h"

namespace digits {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

absl::Status CheckHealth(const std::string& service, const ConnectionOptions& options,
                         std::ostream& out) {
  const absl::StatusOr<Connection> connection = Connection::Open(options);
  if (!connection.ok()) return connection.status();
  grpc::ClientContext context;
  connection->SetDeadline(context);
  HealthCheckRequest request;
  request.set_service(service);
  HealthCheckResponse response;
  const grpc::Status status =
      Health::NewStub(connection->channel())->Check(&context, request, &response);
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) {
    return absl::NotFoundError(
        fmt::format("the server at {} has no health service named '{}'", options.server, service));
  }
  if (!status.ok()) return connection->ToStatus(status);
  out << HealthCheckResponse::ServingStatus_Name(response.status()) << '\n';
  if (response.status() != HealthCheckResponse::SERVING) {
    return absl::UnavailableError(fmt::format("the server at {} is not serving", options.server));
  }
  return absl::OkStatus();
}

}  // namespace

Command HealthCommand(CLI::App& app, const ConnectionOptions& connection) {
  CLI::App* command =
      app.add_subcommand("health", "Prints SERVING or NOT_SERVING; exits 0 only for SERVING");
  command->footer(kCommandFooter);
  const auto service = std::make_shared<std::string>();
  command
      ->add_option("--service", *service,
                   "A part of the server: digits.v1.DigitClassifier,\nliveness, or a model's name; "
                   "otherwise the whole")
      ->type_name("NAME")
      ->configurable(false);
  return {command, [service, &connection](std::ostream& out) {
            return CheckHealth(*service, connection, out);
          }};
}

}  // namespace digits
