#include "server/embedded_model.h"

// DIGITS_EMBEDDED_MODEL_FILE is the file's path.
asm(".pushsection .rodata\n"
    ".balign 16\n"
    "digits_embedded_model_begin:\n"
    ".incbin \"" DIGITS_EMBEDDED_MODEL_FILE
    "\"\n"
    "digits_embedded_model_end:\n"
    ".popsection\n");

extern "C" const char digits_embedded_model_begin[];
extern "C" const char digits_embedded_model_end[];

namespace digits {

std::string_view EmbeddedModel() {
  return {digits_embedded_model_begin, digits_embedded_model_end};
}

}  // namespace digits
