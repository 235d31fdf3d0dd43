// The log's lines, for tests to read.
#ifndef DIGITS_TESTS_SERVER_SERVICE_CAPTURED_LOG_H_
#define DIGITS_TESTS_SERVER_SERVICE_CAPTURED_LOG_H_

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"
#include "server/service/log.h"

namespace digits {

// Keeps what is logged, from its construction on, from stderr. One at a time.
class CapturedLog {
 public:
  CapturedLog() {
    ::testing::internal::CaptureStderr();
    SetUpLog(LogFormat::kJson, spdlog::level::info);
  }

  // The lines so far, each an object; ends the capture. Once.
  std::vector<nlohmann::json> Take() {
    std::vector<nlohmann::json> lines;
    std::istringstream text(::testing::internal::GetCapturedStderr());
    for (std::string line; std::getline(text, line);) lines.push_back(nlohmann::json::parse(line));
    return lines;
  }
};

}  // namespace digits

#endif  // DIGITS_TESTS_SERVER_SERVICE_CAPTURED_LOG_H_
