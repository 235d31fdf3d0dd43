// The weights that the server brings along.
#ifndef DIGITS_SERVER_EMBEDDED_MODEL_H_
#define DIGITS_SERVER_EMBEDDED_MODEL_H_

#include <string_view>

namespace digits {

// The bytes of deploy/models/best.safetensors.
std::string_view EmbeddedModel();

}  // namespace digits

#endif  // DIGITS_SERVER_EMBEDDED_MODEL_H_
