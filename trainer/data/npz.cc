#include "trainer/data/npz.h"

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

#include "trainer/data/file.h"

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

std::string Shape(const std::vector<size_t>& shape) {
  return fmt::format("({})", fmt::join(shape, ", "));
}

// A zip archive in memory.
class Archive {
 public:
  static absl::StatusOr<Archive> Open(std::string_view bytes, std::string_view name) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
    zip_t* zip = source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY, &error);
    const std::string reason = zip == nullptr ? zip_error_strerror(&error) : "";
    zip_error_fini(&error);
    if (zip == nullptr) {
      zip_source_free(source);
      return absl::InvalidArgumentError(
          fmt::format("{}: is a broken zip archive: {}", name, reason));
    }
    return Archive(zip, name);
  }

  bool Has(const std::string& entry) const {
    return zip_name_locate(zip_.get(), entry.c_str(), 0) >= 0;
  }

  // What an entry inflates to, its checksum checked.
  absl::StatusOr<std::string> Read(const std::string& entry) const {
    const auto broken = [&](std::string_view reason) {
      return absl::InvalidArgumentError(fmt::format("{}, {}: {}", name_, entry, reason));
    };
    zip_stat_t stat;
    if (zip_stat(zip_.get(), entry.c_str(), 0, &stat) != 0) {
      return broken(zip_error_strerror(zip_get_error(zip_.get())));
    }
    if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) && stat.encryption_method != ZIP_EM_NONE) {
      return broken("is encrypted");
    }
    const std::unique_ptr<zip_file_t, decltype(&zip_fclose)> file(
        zip_fopen(zip_.get(), entry.c_str(), 0), zip_fclose);
    if (file == nullptr) return broken(zip_error_strerror(zip_get_error(zip_.get())));
    // The size that the archive states is not relied upon.
    std::string content;
    std::array<char, 256 * 1024> buffer;
    while (true) {
      const zip_int64_t got = zip_fread(file.get(), buffer.data(), buffer.size());
      if (got < 0) return broken(zip_error_strerror(zip_file_get_error(file.get())));
      if (got == 0) return content;
      content.append(buffer.data(), static_cast<size_t>(got));
      if (content.size() > kMaxFileBytes) {
        return broken(
            fmt::format("inflates to more than {} bytes, the most that is read", kMaxFileBytes));
      }
    }
  }

 private:
  Archive(zip_t* zip, std::string_view name) : zip_(zip, zip_discard), name_(name) {}

  std::unique_ptr<zip_t, decltype(&zip_discard)> zip_;
  std::string name_;
};

absl::StatusOr<std::vector<uint8_t>> ReadImages(const Archive& archive, std::string_view name,
                                                const std::string& entry) {
  const absl::StatusOr<std::string> bytes = archive.Read(entry);
  if (!bytes.ok()) return bytes.status();
  const std::string where = fmt::format("{}, {}", name, entry);
  const absl::StatusOr<NpyArray> array = ParseNpy(*bytes, where);
  if (!array.ok()) return array.status();
  if (array->type != "|u1") {
    return absl::InvalidArgumentError(
        fmt::format("{}: its numbers are of type '{:.20}', where images are '|u1' (uint8)", where,
                    array->type));
  }
  if (array->shape.size() != 3 || array->shape[1] != kImageSide || array->shape[2] != kImageSide) {
    return absl::InvalidArgumentError(fmt::format(
        "{}: its shape is {}, where images are (n, 28, 28)", where, Shape(array->shape)));
  }
  if (array->data.size() % kImagePixels != 0 ||
      array->data.size() / kImagePixels != array->shape[0]) {
    return absl::InvalidArgumentError(
        fmt::format("{}: holds {} bytes, which are not {} images of 784", where, array->data.size(),
                    array->shape[0]));
  }
  return std::vector<uint8_t>(array->data.begin(), array->data.end());
}

// The number of `size` little-endian bytes.
uint64_t LittleEndian(std::string_view bytes) {
  uint64_t number = 0;
  for (size_t i = bytes.size(); i-- > 0;) number = number << 8 | static_cast<uint8_t>(bytes[i]);
  return number;
}

absl::StatusOr<std::vector<uint8_t>> ReadLabels(const Archive& archive, std::string_view name,
                                                const std::string& entry, int classes) {
  const absl::StatusOr<std::string> bytes = archive.Read(entry);
  if (!bytes.ok()) return bytes.status();
  const std::string where = fmt::format("{}, {}", name, entry);
  const absl::StatusOr<NpyArray> array = ParseNpy(*bytes, where);
  if (!array.ok()) return array.status();
  if (array->type != "|u1" && array->type != "<i8") {
    return absl::InvalidArgumentError(fmt::format(
        "{}: its numbers are of type '{:.20}', where labels are '|u1' (uint8) or '<i8' (int64)",
        where, array->type));
  }
  if (array->shape.size() != 1) {
    return absl::InvalidArgumentError(
        fmt::format("{}: its shape is {}, where labels are (n,)", where, Shape(array->shape)));
  }
  const size_t item = array->type == "<i8" ? 8 : 1;
  if (array->data.size() % item != 0 || array->data.size() / item != array->shape[0]) {
    return absl::InvalidArgumentError(
        fmt::format("{}: holds {} bytes, which are not {} numbers of {}", where, array->data.size(),
                    array->shape[0], item));
  }
  std::vector<uint8_t> labels(array->shape[0]);
  for (size_t i = 0; i < labels.size(); ++i) {
    const auto label = static_cast<int64_t>(LittleEndian(array->data.substr(i * item, item)));
    if (label < 0 || label >= classes) {
      return absl::InvalidArgumentError(
          fmt::format("{}: label {} (counted from 0) is {}, where labels are 0 to {}", where, i,
                      label, classes - 1));
    }
    labels[i] = static_cast<uint8_t>(label);
  }
  return labels;
}

}  // namespace

bool IsZip(std::string_view bytes) {
  return bytes.starts_with("PK\x03\x04") || bytes.starts_with("PK\x05\x06");
}

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

absl::StatusOr<std::optional<DataSet>> ParseNpz(std::string_view bytes, std::string_view name,
                                                std::string_view part, int classes) {
  const std::string images = fmt::format("x_{}.npy", part);
  const std::string labels = fmt::format("y_{}.npy", part);
  const absl::StatusOr<Archive> archive = Archive::Open(bytes, name);
  if (!archive.ok()) return archive.status();
  if (!archive->Has(images)) return std::nullopt;

  DataSet data;
  data.name = name;
  absl::StatusOr<std::vector<uint8_t>> pixels = ReadImages(*archive, name, images);
  if (!pixels.ok()) return pixels.status();
  data.pixels = *std::move(pixels);
  if (archive->Has(labels)) {
    absl::StatusOr<std::vector<uint8_t>> values = ReadLabels(*archive, name, labels, classes);
    if (!values.ok()) return values.status();
    if (values->size() != data.size()) {
      return absl::InvalidArgumentError(
          fmt::format("{}: {} holds {} labels, but {} holds {} images", name, labels,
                      values->size(), images, data.size()));
    }
    data.labels = *std::move(values);
  }
  return data;
}

}  // namespace digits
