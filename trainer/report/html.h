// Markup that text cannot break out of.
#ifndef DIGITS_TRAINER_REPORT_HTML_H_
#define DIGITS_TRAINER_REPORT_HTML_H_

#include <string>
#include <string_view>
#include <vector>

namespace digits {

// A piece of HTML, which is well-formed XML too. Whatever comes from outside gets into it as text
// or as the value of an attribute alone, and both are escaped.
class Html {
 public:
  Html() = default;

  // What is not UTF-8 becomes U+FFFD, one for each longest part that could have begun a character
  // (Unicode 15, section 3.9, "U+FFFD Substitution of Maximal Subparts"), and so do characters that
  // HTML or XML do not allow: controls but the tab and the line feed, and noncharacters.
  static Html Text(std::string_view text);

  // Our own constants, taken as they are.
  static Html Markup(std::string_view markup);

  Html& operator+=(const Html& other);
  friend Html operator+(Html left, const Html& right) { return left += right; }

  const std::string& markup() const { return markup_; }

 private:
  std::string markup_;
};

struct Attribute {
  std::string_view name;  // one of ours
  std::string value;      // any text
};

// <tag name="value">content</tag>, or <tag name="value"/> where the content is empty and HTML knows
// no content of such an element (img, meta), or SVG needs none. Blocks end in a line break.
Html Element(std::string_view tag, const std::vector<Attribute>& attributes, const Html& content);
Html Element(std::string_view tag, const Html& content);
Html Element(std::string_view tag, std::string_view text);

}  // namespace digits

#endif  // DIGITS_TRAINER_REPORT_HTML_H_
