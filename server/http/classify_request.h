// The bodies of POST /v1/classify.
#ifndef DIGITS_SERVER_HTTP_CLASSIFY_REQUEST_H_
#define DIGITS_SERVER_HTTP_CLASSIFY_REQUEST_H_

#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "digits/v1/digits.pb.h"

namespace digits {

// These check the form alone; what Classify checks, such as the number of pixels, is left to it.
// InvalidArgument, with the field at fault where there is one: a member of the JSON, as in
// "picture.width", or a query parameter.

// `pixels` are the body; of the query, `model`, `version` and `return_image`, 0 or 1, are known.
absl::StatusOr<v1::ClassifyRequest> RequestFromBytes(
    std::string pixels, const std::multimap<std::string, std::string>& query);

// {"pixels": P} or {"picture": {"width": W, "height": H, "pixels": P}}, P an array of integers from
// 0 to 255 or base64; and perhaps "model", "version" and "return_image", false or true. Whatever
// the body is, it takes no more memory than a few copies of it: nothing is built of what is not
// asked for.
absl::StatusOr<v1::ClassifyRequest> RequestFromJson(std::string_view body);

}  // namespace digits

#endif  // DIGITS_SERVER_HTTP_CLASSIFY_REQUEST_H_
