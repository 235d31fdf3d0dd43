#include "server/http/classify_request.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "server/model/name.h"
#include "server/service/requests.h"
#include "server/service/status.h"

namespace digits {
namespace {

using Json = nlohmann::json;

// The longest name that is repeated to whoever made it up.
constexpr size_t kQuotedBytes = 64;

enum class Kind { kPixels, kPicture, kSide, kText, kFlag };

struct Member {
  std::string_view path;
  Kind kind;
};
constexpr Member kMembers[] = {
    {"pixels", Kind::kPixels},         {"picture", Kind::kPicture},
    {"picture.width", Kind::kSide},    {"picture.height", Kind::kSide},
    {"picture.pixels", Kind::kPixels}, {"model", Kind::kText},
    {"version", Kind::kText},          {"return_image", Kind::kFlag},
};

std::string_view Wanted(Kind kind) {
  switch (kind) {
    case Kind::kPixels:
      return "an array of integers from 0 to 255, or their bytes in base64";
    case Kind::kPicture:
      return "an object of width, height and pixels";
    case Kind::kSide:
      return "a number of pixels";
    case Kind::kText:
      return "a string";
    case Kind::kFlag:
      return "true or false";
  }
  return "";
}

// `name`, which is none of the `known` ones.
absl::Status Unknown(const std::string& name, std::string_view where, std::string_view known) {
  if (name.size() > kQuotedBytes || !CheckName("it", name).ok()) {
    return absl::InvalidArgumentError(
        fmt::format("{} has a name that is not known; it may have {}", where, known));
  }
  return InvalidField(name, fmt::format("{} may not have '{}', but {}", where, name, known));
}

// Takes in the request as the parser comes upon its parts, and stops it at the first that does not
// belong there. Numbers count as what they are: 1.0 is no integer.
class RequestReader final : public nlohmann::json_sax<Json> {
 public:
  const absl::Status& status() const { return status_; }
  v1::ClassifyRequest TakeRequest() { return std::move(request_); }

  bool null() override { return Unwanted("null"); }

  bool boolean(bool value) override {
    if (!Wants(Kind::kFlag)) return Unwanted(value ? "true" : "false");
    request_.set_return_image(value);
    return true;
  }

  bool number_integer(int64_t value) override { return Unwanted(fmt::format("{}", value)); }

  bool number_unsigned(uint64_t value) override {
    if (in_array_) return Pixel(value);
    if (!Wants(Kind::kSide)) return Unwanted(fmt::format("{}", value));
    if (value > kMaxPicturePixels) {
      return Fail(fmt::format("{} is {}; a picture has at most {} pixels: shrink it", member_->path,
                              value, kMaxPicturePixels));
    }
    v1::Picture& picture = *request_.mutable_picture();
    if (member_->path == "picture.width") {
      picture.set_width(static_cast<uint32_t>(value));
    } else {
      picture.set_height(static_cast<uint32_t>(value));
    }
    return true;
  }

  bool number_float(double value, const std::string& /*text*/) override {
    return Unwanted(fmt::format("{}", value));
  }

  bool string(std::string& value) override {
    if (!in_array_ && Wants(Kind::kText)) {
      (member_->path == "model" ? request_.mutable_model() : request_.mutable_version())
          ->swap(value);
      return true;
    }
    if (in_array_ || !Wants(Kind::kPixels)) return Unwanted("a string");
    if (absl::Base64Unescape(value, &Pixels())) return true;
    return Fail(fmt::format("{} is not base64", member_->path));
  }

  bool binary(Json::binary_t& /*value*/) override { return Unwanted("binary"); }

  bool start_object(size_t /*elements*/) override {
    if (!in_request_) return in_request_ = true;
    if (in_array_ || !Wants(Kind::kPicture)) return Unwanted("an object");
    request_.mutable_picture();
    return in_picture_ = true;
  }

  bool key(std::string& name) override {
    const std::string path = in_picture_ ? "picture." + name : name;
    member_ = std::find_if(std::begin(kMembers), std::end(kMembers),
                           [&](const Member& member) { return member.path == path; });
    if (member_ == std::end(kMembers) || in_picture_ != path.starts_with("picture.")) {
      status_ = in_picture_ ? Unknown(path, "a picture", "width, height and pixels")
                            : Unknown(path, "the request",
                                      "pixels or picture, model, version and return_image");
      return false;
    }
    bool& seen = seen_[member_ - std::begin(kMembers)];
    if (seen) return Fail(fmt::format("{} is there twice", path));
    seen = true;
    if ((path == "pixels" && request_.has_picture()) ||
        (path == "picture" && request_.has_pixels())) {
      return Fail("the request has both pixels and picture; send one of them");
    }
    return true;
  }

  bool end_object() override {
    in_picture_ = false;
    return true;
  }

  bool start_array(size_t /*elements*/) override {
    if (in_array_ || !Wants(Kind::kPixels)) return Unwanted("an array");
    Pixels();
    return in_array_ = true;
  }

  bool end_array() override {
    in_array_ = false;
    return true;
  }

  bool parse_error(size_t position, const std::string& /*token*/,
                   const Json::exception& /*error*/) override {
    status_ = absl::InvalidArgumentError(
        fmt::format("the body is not JSON: byte {} does not belong there", position));
    return false;
  }

 private:
  bool Wants(Kind kind) const { return in_request_ && member_->kind == kind; }

  bool Fail(const std::string& message) {
    status_ = InvalidField(member_->path, message);
    return false;
  }

  bool Unwanted(const std::string& what) {
    if (!in_request_) {
      status_ = absl::InvalidArgumentError(fmt::format("the body is {}, not an object", what));
      return false;
    }
    if (in_array_) {
      return Fail(fmt::format("{}[{}] is {}; a pixel is an integer from 0 to 255", member_->path,
                              Pixels().size(), what));
    }
    return Fail(fmt::format("{} is {}, not {}", member_->path, what, Wanted(member_->kind)));
  }

  // Of the member that is read, which is of this kind.
  std::string& Pixels() {
    return in_picture_ ? *request_.mutable_picture()->mutable_pixels() : *request_.mutable_pixels();
  }

  bool Pixel(uint64_t value) {
    if (value > 255) return Unwanted(fmt::format("{}", value));
    Pixels().push_back(static_cast<char>(value));
    return true;
  }

  v1::ClassifyRequest request_;
  absl::Status status_;
  const Member* member_ = nullptr;  // set as soon as there is a key
  bool in_request_ = false;
  bool in_picture_ = false;
  bool in_array_ = false;
  bool seen_[std::size(kMembers)] = {};
};

}  // namespace

absl::StatusOr<v1::ClassifyRequest> RequestFromBytes(
    std::string pixels, const std::multimap<std::string, std::string>& query) {
  v1::ClassifyRequest request;
  request.set_pixels(std::move(pixels));
  for (const auto& [name, value] : query) {
    if (name != "model" && name != "version" && name != "return_image") {
      return Unknown(name, "the query", "model, version and return_image");
    }
    if (query.count(name) > 1) {
      return InvalidField(name, fmt::format("the query has {} twice", name));
    }
    if (name == "return_image") {
      if (value != "0" && value != "1")
        return InvalidField(name, "return_image is neither 0 nor 1");
      request.set_return_image(value == "1");
      continue;
    }
    // Unlike JSON, it may hold any bytes.
    if (const absl::Status status = CheckName(name, value); !value.empty() && !status.ok()) {
      return WithField(status, name);
    }
    (name == "model" ? request.mutable_model() : request.mutable_version())->assign(value);
  }
  return request;
}

absl::StatusOr<v1::ClassifyRequest> RequestFromJson(std::string_view body) {
  RequestReader reader;
  if (!Json::sax_parse(body, &reader)) return reader.status();
  return reader.TakeRequest();
}

}  // namespace digits
