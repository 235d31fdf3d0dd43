// Structured logs on stderr: an event, and fields to it. What gRPC says of calls is logged at
// debug.
#ifndef DIGITS_SERVER_SERVICE_LOG_H_
#define DIGITS_SERVER_SERVICE_LOG_H_

#include <string>
#include <string_view>

#include "nlohmann/json.hpp"
#include "spdlog/common.h"

namespace digits {

enum class LogFormat {
  kText,  // 2026-01-31T12:00:00.000Z info listening address=127.0.0.1:50051
  kJson,  // {"time":"2026-01-31T12:00:00.000Z","level":"info","event":"listening","address":...}
};

// Before the first Log, from the main thread. Takes in what gRPC and protobuf say, too, as the
// events "grpc" and "protobuf". `level` is the least that is logged.
void SetUpLog(LogFormat format, spdlog::level::level_enum level);

// Whether there is a use in putting a line of that level together.
bool IsLogged(spdlog::level::level_enum level);

// One line, whatever the fields hold. `fields` is a JSON object. From any thread.
void Log(spdlog::level::level_enum level, std::string_view event,
         const nlohmann::ordered_json& fields = nlohmann::ordered_json::object());

// The event and its fields as the two formats write them, after time and level.
std::string FormatEvent(LogFormat format, std::string_view event,
                        const nlohmann::ordered_json& fields);

// The last error that gRPC itself logged: it has no other way to tell why it does not listen.
std::string LastGrpcError();

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_LOG_H_
