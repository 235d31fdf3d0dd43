#include "server/service/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "grpc/support/log.h"

namespace digits {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

// What Log writes to stderr.
std::string Logged(LogFormat format, const nlohmann::ordered_json& fields) {
  ::testing::internal::CaptureStderr();
  SetUpLog(format, spdlog::level::info);
  Log(spdlog::level::info, "loaded", fields);
  return ::testing::internal::GetCapturedStderr();
}

TEST(LogTest, TextLinesHoldTimeLevelEventAndFields) {
  EXPECT_THAT(
      Logged(LogFormat::kText, {{"model", "a"}, {"images", 3}}),
      MatchesRegex("[0-9]+-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9.]+Z info loaded model=a images=3\n"));
}

TEST(LogTest, TextValuesThatCouldBeMistakenAreQuoted) {
  EXPECT_THAT(Logged(LogFormat::kText, {{"a", "x y"}, {"b", "1\n2"}, {"c", ""}, {"d", "p=\"q\""}}),
              HasSubstr(R"( a="x y" b="1\n2" c="" d="p=\"q\"")"
                        "\n"));
}

TEST(LogTest, JsonLinesAreObjects) {
  const json line = json::parse(Logged(LogFormat::kJson, {{"model", "a"}, {"images", 3}}));
  EXPECT_THAT(line["time"].get<std::string>(),
              MatchesRegex("[0-9]+-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9]+[.][0-9]+Z"));
  EXPECT_EQ(line["level"], "info");
  EXPECT_EQ(line["event"], "loaded");
  EXPECT_EQ(line["model"], "a");
  EXPECT_EQ(line["images"], 3);
}

TEST(LogTest, JsonLinesStayLinesWhateverTheFieldsHold) {
  const std::string odd = "\"},{\"\n\x01%v{}\\ \xd1\x86";
  const std::string text = Logged(LogFormat::kJson, {{"model", odd}});
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  EXPECT_EQ(json::parse(text)["model"], odd);
}

TEST(LogTest, BytesThatAreNoUtf8AreReplaced) {
  EXPECT_EQ(json::parse(Logged(LogFormat::kJson, {{"model", "a\xff"}}))["model"], "a\xef\xbf\xbd");
  EXPECT_THAT(Logged(LogFormat::kText, {{"model", "a\xff"}}), Not(HasSubstr("\xff")));
}

TEST(LogTest, WhatIsBelowTheLevelIsLeftOut) {
  ::testing::internal::CaptureStderr();
  SetUpLog(LogFormat::kText, spdlog::level::warn);
  Log(spdlog::level::info, "loaded");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(LogTest, WhatGrpcSaysIsLoggedAtDebugInTheSameFormat) {
  ::testing::internal::CaptureStderr();
  SetUpLog(LogFormat::kJson, spdlog::level::debug);
  gpr_log_verbosity_init();
  gpr_log(GPR_ERROR, "%s", "something \"odd\"");
  const json line = json::parse(::testing::internal::GetCapturedStderr());
  EXPECT_EQ(line["event"], "grpc");
  EXPECT_EQ(line["message"], "something \"odd\"");
  EXPECT_EQ(LastGrpcError(), "something \"odd\"");
}

}  // namespace
}  // namespace digits
