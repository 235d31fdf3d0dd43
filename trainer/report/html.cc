#include "trainer/report/html.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace digits {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

struct Character {
  size_t bytes;  // that it takes, at least 1
  bool valid;
};

// The character that `text`, which is not empty, begins with, by table 3-7 of the Unicode standard,
// "Well-Formed UTF-8 Byte Sequences".
Character NextCharacter(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(0);
  if (first < 0x80) return {1, true};
  if (first < 0xc2 || first > 0xf4) return {1, false};
  const size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  // Bounds of the second byte: no overlong forms, no surrogates, nothing above U+10FFFF.
  const uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  for (size_t i = 1; i < length; ++i) {
    if (i == text.size()) return {i, false};
    const bool good =
        i == 1 ? byte(i) >= low && byte(i) <= high : byte(i) >= 0x80 && byte(i) <= 0xbf;
    if (!good) return {i, false};
  }
  return {length, true};
}

// Whether HTML and XML take the character, given as valid UTF-8.
bool Allowed(std::string_view character) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(character[i]); };
  switch (character.size()) {
    case 1:
      return (byte(0) >= 0x20 && byte(0) != 0x7f) || byte(0) == '\t' || byte(0) == '\n';
    case 2:
      return byte(0) != 0xc2 || byte(1) >= 0xa0;  // U+0080 to U+009F: controls
    case 3:
      if (byte(0) != 0xef) return true;
      if (byte(1) == 0xb7) return byte(2) < 0x90 || byte(2) > 0xaf;  // U+FDD0 to U+FDEF
      return byte(1) != 0xbf || byte(2) < 0xbe;                      // U+FFFE and U+FFFF
    default:  // the last two of each plane, such as U+1FFFE
      return (byte(1) & 0x0f) != 0x0f || byte(2) != 0xbf || byte(3) < 0xbe;
  }
}

void AppendEscaped(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const Character next = NextCharacter(text);
    const std::string_view character = text.substr(0, next.bytes);
    text.remove_prefix(next.bytes);
    if (!next.valid || !Allowed(character)) {
      out += kReplacement;
    } else if (character == "&") {
      out += "&amp;";
    } else if (character == "<") {
      out += "&lt;";
    } else if (character == ">") {
      out += "&gt;";
    } else if (character == "\"") {
      out += "&quot;";
    } else if (character == "'") {
      out += "&#39;";
    } else {
      out += character;
    }
  }
}

template <size_t n>
bool IsOneOf(std::string_view tag, const std::array<std::string_view, n>& tags) {
  return std::ranges::find(tags, tag) != tags.end();
}

constexpr std::array<std::string_view, 8> kWithoutContent = {"img",  "link", "meta",     "circle",
                                                             "line", "path", "polyline", "rect"};
constexpr std::array<std::string_view, 24> kBlocks = {
    "body", "caption", "details", "div",     "dl",     "figcaption", "figure", "footer",
    "h1",   "h2",      "h3",      "head",    "header", "link",       "main",   "meta",
    "nav",  "p",       "pre",     "section", "style",  "table",      "title",  "tr"};

}  // namespace

Html Html::Text(std::string_view text) {
  Html html;
  AppendEscaped(text, html.markup_);
  return html;
}

Html Html::Markup(std::string_view markup) {
  Html html;
  html.markup_ = markup;
  return html;
}

Html& Html::operator+=(const Html& other) {
  markup_ += other.markup_;
  return *this;
}

Html Element(std::string_view tag, const std::vector<Attribute>& attributes, const Html& content) {
  std::string markup = "<";
  markup += tag;
  for (const auto& [name, value] : attributes) {
    markup += ' ';
    markup += name;
    markup += "=\"";
    markup += Html::Text(value).markup();
    markup += '"';
  }
  if (content.markup().empty() && IsOneOf(tag, kWithoutContent)) {
    markup += "/>";
  } else {
    markup += '>';
    markup += content.markup();
    markup += "</";
    markup += tag;
    markup += '>';
  }
  if (IsOneOf(tag, kBlocks)) markup += '\n';
  return Html::Markup(markup);
}

Html Element(std::string_view tag, const Html& content) { return Element(tag, {}, content); }

Html Element(std::string_view tag, std::string_view text) {
  return Element(tag, {}, Html::Text(text));
}

}  // namespace digits
