// How the report looks.
#ifndef DIGITS_TRAINER_REPORT_STYLE_H_
#define DIGITS_TRAINER_REPORT_STYLE_H_

#include <string_view>

namespace digits {

// CSS for light and dark screens of any width and for paper. Without <, > and &, so that it stands
// in HTML and in XML alike.
std::string_view StyleSheet();

}  // namespace digits

#endif  // DIGITS_TRAINER_REPORT_STYLE_H_
