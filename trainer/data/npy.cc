#include "trainer/data/npy.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace digits {
namespace {

// NumPy's own limits.
constexpr size_t kMaxHeader = 10000;
constexpr size_t kMaxDimensions = 32;

// Takes `token` off the text where it stands next, after any spaces.
bool Take(std::string_view& text, std::string_view token) {
  text.remove_prefix(std::min(text.find_first_not_of(" \n"), text.size()));
  if (!text.starts_with(token)) return false;
  text.remove_prefix(token.size());
  return true;
}

// Takes a tuple of sizes, such as (60000, 28, 28) or (60000,).
bool TakeShape(std::string_view& text, std::vector<size_t>& shape) {
  if (!Take(text, "(")) return false;
  while (!Take(text, ")")) {
    size_t size = 0;
    const std::from_chars_result result =
        std::from_chars(text.data(), text.data() + text.size(), size);
    if (result.ec != std::errc()) return false;
    text.remove_prefix(static_cast<size_t>(result.ptr - text.data()));
    shape.push_back(size);
    if (shape.size() > kMaxDimensions) return false;
    if (!Take(text, ",") && !text.starts_with(")")) return false;
  }
  return true;
}

// Takes the dictionary that NumPy writes:
// {'descr': '|u1', 'fortran_order': False, 'shape': (60000, 28, 28), }
bool TakeHeader(std::string_view& text, NpyArray& array, bool& column_major) {
  if (!Take(text, "{")) return false;
  bool has_type = false, has_order = false, has_shape = false;
  while (!Take(text, "}")) {
    if (Take(text, "'descr'")) {
      if (!Take(text, ":") || !Take(text, "'")) return false;
      array.type = text.substr(0, text.find('\''));
      text.remove_prefix(array.type.size());
      has_type = Take(text, "'");
    } else if (Take(text, "'fortran_order'")) {
      if (!Take(text, ":")) return false;
      column_major = Take(text, "True");
      has_order = column_major || Take(text, "False");
    } else if (Take(text, "'shape'")) {
      array.shape.clear();
      has_shape = Take(text, ":") && TakeShape(text, array.shape);
    } else {
      return false;
    }
    if (!Take(text, ",") && !text.starts_with("}")) return false;
  }
  return has_type && has_order && has_shape && text.find_first_not_of(" \n") == text.npos;
}

// The number that little-endian bytes are.
uint64_t LittleEndian(std::string_view bytes) {
  uint64_t number = 0;
  for (size_t i = bytes.size(); i-- > 0;) number = number << 8 | static_cast<uint8_t>(bytes[i]);
  return number;
}

}  // namespace

absl::StatusOr<NpyArray> ParseNpy(std::string_view bytes, std::string_view name) {
  constexpr std::string_view kMagic = "\x93NUMPY";
  if (!bytes.starts_with(kMagic) || bytes.size() < kMagic.size() + 2) {
    return absl::InvalidArgumentError(
        fmt::format("{}: is not an array in NumPy's .npy format", name));
  }
  const auto version = static_cast<uint8_t>(bytes[kMagic.size()]);
  if (version < 1 || version > 3) {
    return absl::InvalidArgumentError(fmt::format(
        "{}: is in version {} of the .npy format, where 1 to 3 are read", name, version));
  }
  std::string_view rest = bytes.substr(kMagic.size() + 2);
  const size_t length_bytes = version == 1 ? 2 : 4;
  const size_t length = LittleEndian(rest.substr(0, length_bytes));
  if (rest.size() < length_bytes || rest.size() - length_bytes < length) {
    return absl::InvalidArgumentError(fmt::format("{}: ends within its .npy header", name));
  }
  NpyArray array;
  array.data = rest.substr(length_bytes + length);
  std::string_view header = rest.substr(length_bytes, length);
  bool column_major = false;
  if (length > kMaxHeader || !TakeHeader(header, array, column_major)) {
    return absl::InvalidArgumentError(
        fmt::format("{}: has a .npy header that is not understood", name));
  }
  if (column_major) {
    return absl::InvalidArgumentError(fmt::format(
        "{}: is in Fortran order, where C order is read (save numpy.ascontiguousarray(x))", name));
  }
  return array;
}

}  // namespace digits
