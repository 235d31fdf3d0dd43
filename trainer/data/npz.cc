#include "trainer/data/npz.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zip.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "trainer/data/npy.h"

namespace digits {
namespace {

std::string Shape(const std::vector<size_t>& shape) {
  return fmt::format("({})", fmt::join(shape, ", "));
}

// A zip archive in memory.
class Archive {
 public:
  static absl::StatusOr<Archive> Open(std::string_view bytes, std::string_view name,
                                      size_t max_bytes) {
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
    return Archive(zip, name, max_bytes);
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
    std::array<char, 65536> buffer;
    while (true) {
      const zip_int64_t got = zip_fread(file.get(), buffer.data(), buffer.size());
      if (got < 0) return broken(zip_error_strerror(zip_file_get_error(file.get())));
      if (got == 0) return content;
      content.append(buffer.data(), static_cast<size_t>(got));
      if (content.size() > max_bytes_) {
        return broken(
            fmt::format("inflates to more than {} bytes, the most that is read", max_bytes_));
      }
    }
  }

 private:
  Archive(zip_t* zip, std::string_view name, size_t max_bytes)
      : zip_(zip, zip_discard), name_(name), max_bytes_(max_bytes) {}

  std::unique_ptr<zip_t, decltype(&zip_discard)> zip_;
  std::string name_;
  size_t max_bytes_;
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

static_assert(std::endian::native == std::endian::little, "labels '<i8' are copied as they are");

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
  const bool wide = array->type == "<i8";
  const size_t item = wide ? sizeof(int64_t) : 1;
  if (array->data.size() % item != 0 || array->data.size() / item != array->shape[0]) {
    return absl::InvalidArgumentError(
        fmt::format("{}: holds {} bytes, which are not {} numbers of {}", where, array->data.size(),
                    array->shape[0], item));
  }
  std::vector<uint8_t> labels(array->shape[0]);
  for (size_t i = 0; i < labels.size(); ++i) {
    int64_t label = static_cast<uint8_t>(array->data[i * item]);
    if (wide) std::memcpy(&label, array->data.data() + i * item, item);
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

absl::StatusOr<std::optional<DataSet>> ParseNpz(std::string_view bytes, std::string_view name,
                                                std::string_view part, int classes,
                                                size_t max_bytes) {
  const std::string images = fmt::format("x_{}.npy", part);
  const std::string labels = fmt::format("y_{}.npy", part);
  const absl::StatusOr<Archive> archive = Archive::Open(bytes, name, max_bytes);
  if (!archive.ok()) return archive.status();
  if (!archive->Has(images)) return std::nullopt;

  DataSet data;
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
