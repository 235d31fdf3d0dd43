// The page's files, which the server brings along.
#ifndef DIGITS_SERVER_HTTP_PAGE_H_
#define DIGITS_SERVER_HTTP_PAGE_H_

#include <string_view>

namespace digits {

std::string_view PageHtml();
std::string_view PageCss();
std::string_view PageJs();

}  // namespace digits

#endif  // DIGITS_SERVER_HTTP_PAGE_H_
