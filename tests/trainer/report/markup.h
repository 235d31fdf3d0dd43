// Reads markup strictly, as XML is read: enough to see whether a page is whole.
#ifndef DIGITS_TESTS_TRAINER_REPORT_MARKUP_H_
#define DIGITS_TESTS_TRAINER_REPORT_MARKUP_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace digits {

struct Tag {
  std::string name;
  std::map<std::string, std::string> attributes;  // as they stand there, escaped
  std::string text;  // all text inside, that of inner elements too, as it stands there
};

// The elements of a document or a piece of one, in the order in which they begin; nothing where a
// tag is not closed, closes another one than it should, has an attribute twice or without quotes,
// or where an & begins no reference.
std::optional<std::vector<Tag>> ReadMarkup(std::string_view markup);

// The text of the element with this id, or "" without one.
std::string TextOfId(const std::vector<Tag>& tags, std::string_view id);

}  // namespace digits

#endif  // DIGITS_TESTS_TRAINER_REPORT_MARKUP_H_
