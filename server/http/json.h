// What is answered, as JSON.
#ifndef DIGITS_SERVER_HTTP_JSON_H_
#define DIGITS_SERVER_HTTP_JSON_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "digits/v1/digits.pb.h"

namespace digits {

inline constexpr char kJsonType[] = "application/json";

// Fields are called as in the contract and floats are as short as a float needs. `is_digit` says
// whether the score reaches the threshold, and is there where that is; so is `image`, in base64,
// where the response has one.
std::string ClassifyJson(const v1::ClassifyResponse& response,
                         std::optional<float> digit_threshold);

// {"models":[...]}, in the order of the response.
std::string ModelsJson(const v1::ListModelsResponse& response);

// {"error":{...}}, as ErrorAnswer says.
std::string ErrorJson(const absl::Status& error);

}  // namespace digits

#endif  // DIGITS_SERVER_HTTP_JSON_H_
