// Text from files and servers, as it may be shown to people.
#ifndef DIGITS_CLIENT_PRINTABLE_H_
#define DIGITS_CLIENT_PRINTABLE_H_

#include <string>
#include <string_view>

namespace digits {

// The text with '?' for each control character, of ASCII or of Latin-1 (U+0080 to U+009F), that
// could move a terminal's cursor or break a row.
std::string Printable(std::string_view text);

}  // namespace digits

#endif  // DIGITS_CLIENT_PRINTABLE_H_
