#include "client/printable.h"

#include <gtest/gtest.h>

namespace digits {
namespace {

TEST(PrintableTest, KeepsTextOfAnyLanguage) {
  for (const char* const text : {"", "a b~", "caf\u00e9", "\u4e09", "\u00a0", "\xff"}) {
    EXPECT_EQ(Printable(text), text);
  }
}

TEST(PrintableTest, ReplacesWhatMovesTheCursor) {
  EXPECT_EQ(Printable("a\nb\r\t\x7f"), "a?b???");
  EXPECT_EQ(Printable("\x1b[2J"), "?[2J");
  EXPECT_EQ(Printable(std::string("\0", 1)), "?");
  EXPECT_EQ(Printable("\u0080\u009b2J\u009f"), "??2J?");
}

}  // namespace
}  // namespace digits
