#include <fmt/format.h>
#include <fmt/ostream.h>
#include <google/protobuf/util/json_util.h>

#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_join.h"
#include "client/commands.h"
#include "client/flags.h"
#include "client/printable.h"
#include "digits/v1/digits.grpc.pb.h"

namespace digits {
namespace {

struct ModelFlags {
  std::string name;
  std::string version;
  std::string format = "table";
};

// "784 > 16 relu > 10 softmax"
std::string Architecture(const v1::Model& model) {
  if (model.layers().empty()) return "";
  std::string text = std::to_string(model.layers(0).inputs());
  for (const v1::Layer& layer : model.layers()) {
    text += fmt::format(" > {} {}", layer.outputs(), layer.activation());
  }
  return text;
}

void WriteTable(const v1::Model& model, std::ostream& out) {
  const auto line = [&out](std::string_view name, std::string_view value) {
    fmt::print(out, "{:<18}{}\n", Printable(name), Printable(value));
  };
  line("name", model.name());
  line("version", model.version());
  line("layers", Architecture(model));
  line("classes", absl::StrJoin(model.class_names(), " "));
  line("precision", model.precision());
  line("sha256", model.sha256());
  line("max_batch_images", std::to_string(model.max_batch_images()));
  if (model.has_digit_threshold()) {
    line("digit_threshold", fmt::format("{}", model.digit_threshold()));
  }
  // In order: a protobuf map has none.
  for (const auto& [name, value] :
       std::map<std::string, std::string>(model.provenance().begin(), model.provenance().end())) {
    line(name, value);
  }
}

absl::Status WriteJson(const google::protobuf::Message& message, std::ostream& out) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!status.ok()) {
    return absl::InternalError(fmt::format("the answer has no JSON form: {}", status.ToString()));
  }
  out << json;
  return absl::OkStatus();
}

absl::Status DescribeOne(const ModelFlags& flags, const Connection& connection,
                         v1::DigitClassifier::Stub& stub, std::ostream& out) {
  grpc::ClientContext context;
  connection.SetDeadline(context);
  v1::GetModelRequest request;
  request.set_model(flags.name);
  request.set_version(flags.version);
  v1::GetModelResponse response;
  const grpc::Status status = stub.GetModel(&context, request, &response);
  if (!status.ok()) return connection.ToStatus(status);
  if (flags.format == "json") return WriteJson(response.model(), out);
  WriteTable(response.model(), out);
  return absl::OkStatus();
}

absl::Status DescribeAll(const ModelFlags& flags, const Connection& connection,
                         v1::DigitClassifier::Stub& stub, std::ostream& out) {
  grpc::ClientContext context;
  connection.SetDeadline(context);
  v1::ListModelsResponse response;
  const grpc::Status status = stub.ListModels(&context, {}, &response);
  if (!status.ok()) return connection.ToStatus(status);
  if (flags.format == "json") return WriteJson(response, out);
  for (int i = 0; i < response.models_size(); ++i) {
    if (i > 0) out << '\n';
    WriteTable(response.models(i), out);
  }
  return absl::OkStatus();
}

absl::Status Describe(const ModelFlags& flags, const ConnectionOptions& options,
                      std::ostream& out) {
  const absl::StatusOr<Connection> connection = Connection::Open(options);
  if (!connection.ok()) return connection.status();
  const auto stub = v1::DigitClassifier::NewStub(connection->channel());
  return flags.name.empty() ? DescribeAll(flags, *connection, *stub, out)
                            : DescribeOne(flags, *connection, *stub, out);
}

}  // namespace

Command ModelCommand(CLI::App& app, const ConnectionOptions& connection) {
  CLI::App* command = app.add_subcommand("model", "Describes what the server serves");
  command->footer(kCommandFooter);
  const auto flags = std::make_shared<ModelFlags>();
  CLI::Option* name =
      command->add_option("NAME", flags->name, "One model; otherwise all, the default one first")
          ->type_name("")
          ->configurable(false);
  command->add_option("--model-version", flags->version, "Its version; otherwise the current one")
      ->type_name("VERSION")
      ->needs(name)
      ->configurable(false);
  command->add_option("--format", flags->format, "table: for people; json: all of it")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  return {command,
          [flags, &connection](std::ostream& out) { return Describe(*flags, connection, out); }};
}

}  // namespace digits
