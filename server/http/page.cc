#include "server/http/page.h"

// The bytes of a file of DIGITS_PAGE_FOLDER, from digits_page_NAME_begin to digits_page_NAME_end.
#define DIGITS_EMBED(name, file)                      \
  asm(".pushsection .rodata\n"                        \
      "digits_page_" #name                            \
      "_begin:\n"                                     \
      ".incbin \"" DIGITS_PAGE_FOLDER "/" file        \
      "\"\n"                                          \
      "digits_page_" #name                            \
      "_end:\n"                                       \
      ".popsection\n");                               \
  extern "C" const char digits_page_##name##_begin[]; \
  extern "C" const char digits_page_##name##_end[]

DIGITS_EMBED(html, "index.html");
DIGITS_EMBED(css, "page.css");
DIGITS_EMBED(js, "page.js");

namespace digits {

std::string_view PageHtml() { return {digits_page_html_begin, digits_page_html_end}; }

std::string_view PageCss() { return {digits_page_css_begin, digits_page_css_end}; }

std::string_view PageJs() { return {digits_page_js_begin, digits_page_js_end}; }

}  // namespace digits
