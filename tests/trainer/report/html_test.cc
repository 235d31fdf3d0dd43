#include "trainer/report/html.h"

#include <gtest/gtest.h>

#include <string>

namespace digits {
namespace {

TEST(HtmlTest, TextCannotBecomeMarkup) {
  EXPECT_EQ(Html::Text("<script>alert(\"a\" & 'b')</script>").markup(),
            "&lt;script&gt;alert(&quot;a&quot; &amp; &#39;b&#39;)&lt;/script&gt;");
}

TEST(HtmlTest, AnAttributeCannotEndItself) {
  EXPECT_EQ(Element("img", {{"alt", "\" onerror=\"x"}}, Html()).markup(),
            "<img alt=\"&quot; onerror=&quot;x\"/>");
}

TEST(HtmlTest, ElementsHoldWhatIsPutIntoThem) {
  EXPECT_EQ(Element("td", {{"class", "n"}}, Html::Text("1") + Element("b", "2 < 3")).markup(),
            "<td class=\"n\">1<b>2 &lt; 3</b></td>");
  EXPECT_EQ(Element("span", Html()).markup(), "<span></span>") << "<span/> opens one in HTML";
  EXPECT_EQ(Element("p", "a").markup(), "<p>a</p>\n");
}

TEST(HtmlTest, GoodUtf8StaysAsItIs) {
  const std::string text = "a\tb\nñ ſ 三 𝔸 \u00a0 \ufffd";
  EXPECT_EQ(Html::Text(text).markup(), text);
}

// What Python 3's bytes.decode("utf-8", "replace") makes of them.
TEST(HtmlTest, BadUtf8IsReplaced) {
  const struct {
    std::string bytes, text;
  } kCases[] = {
      {"\xff", "\ufffd"},
      {"a\x80z", "a\ufffdz"},
      {"\xc3", "\ufffd"},
      {"\xc3(", "\ufffd("},
      {"\xc0\xaf", "\ufffd\ufffd"},
      {"\xe2\x82", "\ufffd"},
      {"\xe2\x82<", "\ufffd&lt;"},
      {"\xe0\x80\xaf", "\ufffd\ufffd\ufffd"},
      {"\xed\xa0\x80", "\ufffd\ufffd\ufffd"},
      {"\xf0\x9d\x94", "\ufffd"},
      {"\xf0\x9d\x94x", "\ufffdx"},
      {"\xf4\x90\x80\x80", "\ufffd\ufffd\ufffd\ufffd"},
      {"\xf5\x80", "\ufffd\ufffd"},
  };
  for (const auto& [bytes, text] : kCases) {
    EXPECT_EQ(Html::Text(bytes).markup(), text) << testing::PrintToString(bytes);
  }
}

TEST(HtmlTest, CharactersThatHtmlOrXmlForbidAreReplaced) {
  const struct {
    std::string text;
    size_t characters;
  } kCases[] = {{std::string(1, '\0'), 1},
                {"\x1b[31m", 5},
                {"\r", 1},
                {"\x7f", 1},
                {"\u0085", 1},
                {"\ufdd0", 1},
                {"\uffff", 1},
                {"\U0001fffe", 1},
                {"\U0010ffff", 1}};
  for (const auto& [text, characters] : kCases) {
    const std::string markup = Html::Text(text).markup();
    EXPECT_EQ(markup.substr(0, 3), "\ufffd") << testing::PrintToString(text);
    EXPECT_EQ(markup.size(), 3 + characters - 1) << testing::PrintToString(text);
  }
}

}  // namespace
}  // namespace digits
