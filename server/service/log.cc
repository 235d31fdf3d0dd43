#include "server/service/log.h"

#include <algorithm>
#include <cctype>
#include <memory>
#include <mutex>

#include "fmt/format.h"
#include "google/protobuf/stubs/logging.h"
#include "grpc/support/log.h"
#include "spdlog/pattern_formatter.h"
#include "spdlog/sinks/stdout_sinks.h"
#include "spdlog/spdlog.h"

namespace digits {
namespace {

using nlohmann::ordered_json;

LogFormat g_format = LogFormat::kText;

std::mutex g_grpc_error_mutex;
std::string g_grpc_error;

// JSON escapes line ends and quotes, and here all that is not ASCII, as some of it steers
// terminals; bytes that are no UTF-8 become U+FFFD.
std::string Dump(const ordered_json& value) {
  return value.dump(-1, ' ', true, ordered_json::error_handler_t::replace);
}

bool IsPlain(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isgraph(c) != 0 && c != '"' && c != '\\' && c != '=';
  });
}

// Tells of malformed requests, which are answered to whoever sent them.
void OnProtobufLog(google::protobuf::LogLevel /*level*/, const char* file, int line,
                   const std::string& message) {
  Log(spdlog::level::debug, "protobuf",
      {{"message", message}, {"at", fmt::format("{}:{}", file, line)}});
}

void OnGrpcLog(gpr_log_func_args* args) {
  if (args->severity == GPR_LOG_SEVERITY_ERROR) {
    const std::lock_guard lock(g_grpc_error_mutex);
    g_grpc_error = args->message;
  }
  // What is an error to the library is mostly a client's misbehaviour, as often as clients like.
  Log(spdlog::level::debug, "grpc",
      {{"message", args->message}, {"at", fmt::format("{}:{}", args->file, args->line)}});
}

}  // namespace

void SetUpLog(LogFormat format, spdlog::level::level_enum level) {
  g_format = format;
  auto logger =
      std::make_shared<spdlog::logger>("digits", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  constexpr char kText[] = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
  constexpr char kJson[] = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";
  logger->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      format == LogFormat::kText ? kText : kJson, spdlog::pattern_time_type::utc));
  logger->set_level(level);
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
  gpr_set_log_function(OnGrpcLog);
  google::protobuf::SetLogHandler(OnProtobufLog);
}

bool IsLogged(spdlog::level::level_enum level) {
  return spdlog::default_logger_raw()->should_log(level);
}

void Log(spdlog::level::level_enum level, std::string_view event, const ordered_json& fields) {
  if (!IsLogged(level)) return;
  spdlog::default_logger_raw()->log(level, FormatEvent(g_format, event, fields));
}

std::string FormatEvent(LogFormat format, std::string_view event, const ordered_json& fields) {
  if (format == LogFormat::kJson) {
    ordered_json line = {{"event", event}};
    line.update(fields);
    const std::string object = Dump(line);
    return object.substr(1, object.size() - 2);
  }
  std::string line(event);
  for (const auto& [key, value] : fields.items()) {
    const bool plain = value.is_string() && IsPlain(value.get_ref<const std::string&>());
    line += fmt::format(" {}={}", key, plain ? value.get<std::string>() : Dump(value));
  }
  return line;
}

std::string LastGrpcError() {
  const std::lock_guard lock(g_grpc_error_mutex);
  return g_grpc_error;
}

}  // namespace digits
