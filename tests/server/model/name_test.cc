#include "server/model/name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace digits {
namespace {

TEST(NameTest, TakesAnyTextOfUpTo256Bytes) {
  for (const std::string& name : {std::string("7"), std::string("Stra\u00dfe, \"7\""),
                                  std::string("\U0001f600"), std::string(256, 'x')}) {
    EXPECT_TRUE(CheckName("a class name", name).ok()) << name;
  }
}

TEST(NameTest, RefusesWhatCannotBePrintedOrSent) {
  const struct {
    std::string name;
    const char* error;
  } cases[] = {
      {"", "a class name has 0 bytes; 1 to 256 are allowed"},
      {std::string(257, 'x'), "a class name has 257 bytes; 1 to 256 are allowed"},
      {"\x1b[2J", "a class name holds a control character"},
      {std::string("a\0b", 3), "a class name holds a control character"},
      {"a\x7f", "a class name holds a control character"},
      {"\u009b", "a class name holds a control character"},
      {"\xff", "a class name is not UTF-8"},
      {"caf\xc3", "a class name is not UTF-8"},           // cut
      {"\xe4", "a class name is not UTF-8"},              // ISO 8859-1's a with two dots
      {"\xc0\xaf", "a class name is not UTF-8"},          // more bytes than it takes
      {"\xed\xa0\x80", "a class name is not UTF-8"},      // a half of a surrogate pair
      {"\xf4\x90\x80\x80", "a class name is not UTF-8"},  // above U+10FFFF
  };
  for (const auto& [name, error] : cases) {
    const absl::Status status = CheckName("a class name", name);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << error;
    EXPECT_EQ(status.message(), error);
  }
}

}  // namespace
}  // namespace digits
