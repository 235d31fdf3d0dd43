#include "trainer/data/read.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "server/files/file.h"
#include "trainer/data/csv.h"
#include "trainer/data/folder.h"
#include "trainer/data/gzip.h"
#include "trainer/data/idx.h"
#include "trainer/data/non_digits.h"
#include "trainer/data/npz.h"
#include "trainer/data/picture.h"
#include "trainer/data/picture_files.h"
#include "trainer/data/strokes.h"

namespace digits {
namespace {

// Reads a part of a data set, or nothing where there is no such part. What has no parts is all
// kTrain.
using PartReader = std::function<absl::StatusOr<std::optional<DataSet>>(Split)>;

bool Exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

bool IsFolder(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

absl::StatusOr<std::string> Inflated(std::string bytes, const std::string& path) {
  return IsGzip(bytes) ? Gunzip(bytes, path) : std::move(bytes);
}

absl::StatusOr<std::string> ReadInflated(const std::string& path) {
  absl::StatusOr<std::string> bytes = ReadFile(path, kMaxFileBytes);
  return bytes.ok() ? Inflated(*std::move(bytes), path) : std::move(bytes);
}

// Where the labels are of a file of images that is named as MNIST's are, if they are there:
// train-labels-idx1-ubyte or train-labels-idx1-ubyte.gz for train-images-idx3-ubyte.gz.
std::optional<std::string> LabelsBeside(const std::string& images_path) {
  const std::filesystem::path path(images_path);
  std::string name = path.filename().string();
  const size_t images = name.rfind("images");
  const size_t idx3 = name.rfind("idx3");
  if (images == std::string::npos || idx3 == std::string::npos) return std::nullopt;
  name.replace(idx3, 4, "idx1");
  name.replace(images, 6, "labels");
  if (name.ends_with(".gz")) name.erase(name.size() - 3);
  for (const char* const ending : {"", ".gz"}) {
    std::string labels = path.parent_path() / (name + ending);
    if (Exists(labels)) return labels;
  }
  return std::nullopt;
}

absl::StatusOr<DataSet> ParseIdxPair(std::string_view image_bytes, const std::string& path,
                                     const ReadOptions& options) {
  DataSet data;
  absl::StatusOr<std::vector<uint8_t>> pixels = ParseIdxImages(image_bytes, path);
  if (!pixels.ok()) return pixels.status();
  data.pixels = *std::move(pixels);

  const std::optional<std::string> labels_path = LabelsBeside(path);
  if (!labels_path.has_value()) return data;
  const absl::StatusOr<std::string> label_bytes = ReadInflated(*labels_path);
  if (!label_bytes.ok()) return label_bytes.status();
  absl::StatusOr<std::vector<uint8_t>> labels =
      ParseIdxLabels(*label_bytes, *labels_path, options.classes);
  if (!labels.ok()) return labels.status();
  if (labels->size() != data.size()) {
    return absl::InvalidArgumentError(fmt::format("{} holds {} labels, but {} holds {} images",
                                                  *labels_path, labels->size(), path, data.size()));
  }
  data.labels = *std::move(labels);
  return data;
}

// Parses the inflated bytes of a file that has no parts.
absl::StatusOr<DataSet> ParseUndivided(std::string_view bytes, const std::string& path,
                                       const ReadOptions& options) {
  if (bytes.empty()) return absl::InvalidArgumentError(fmt::format("{}: is empty", path));
  if (IsIdxImages(bytes)) return ParseIdxPair(bytes, path, options);
  if (IsIdxLabels(bytes)) {
    return absl::InvalidArgumentError(
        fmt::format("{}: holds labels without images: name the file of images, and the labels "
                    "beside it are found",
                    path));
  }
  if (IsPicture(bytes) || bytes.size() == kImagePixels) {
    const PictureOutcome image = ParsePicture(bytes, path, options.normalizing);
    if (!image.ok()) return image.status();
    if (!image->has_value()) return BlankPictureError(path);
    DataSet data;
    data.pixels.assign((*image)->begin(), (*image)->end());
    data.sources = {path};
    return data;
  }
  if (LooksLikeCsv(bytes)) return ParseCsv(bytes, path, options.classes);
  const std::string_view start = bytes.substr(0, 8);
  return absl::InvalidArgumentError(fmt::format(
      "{}: is in no format that is read (IDX, CSV, npz, PNG, JPEG, PBM, PGM, PPM, or a raw image "
      "of 784 bytes): it has {} bytes and begins with {}",
      path, bytes.size(), absl::BytesToHexString(absl::string_view(start.data(), start.size()))));
}

absl::StatusOr<std::optional<DataSet>> ReadUndivided(const std::string& path,
                                                     const ReadOptions& options) {
  const absl::StatusOr<std::string> bytes = ReadInflated(path);
  if (!bytes.ok()) return bytes.status();
  return ParseUndivided(*bytes, path, options);
}

// `read`: the bytes of a file.
absl::StatusOr<PartReader> OpenBytes(std::string read, const std::string& path,
                                     const ReadOptions& options) {
  absl::StatusOr<std::string> inflated = Inflated(std::move(read), path);
  if (!inflated.ok()) return inflated.status();
  const auto bytes = std::make_shared<const std::string>(*std::move(inflated));
  return [=](Split split) -> absl::StatusOr<std::optional<DataSet>> {
    if (IsZip(*bytes)) {
      return ParseNpz(*bytes, path, split == Split::kTrain ? "train" : "test", options.classes);
    }
    if (split == Split::kTest) return std::nullopt;
    return ParseUndivided(*bytes, path, options);
  };
}

absl::StatusOr<PartReader> OpenFile(const std::string& path, const ReadOptions& options) {
  absl::StatusOr<std::string> read = ReadFile(path, kMaxFileBytes);
  if (!read.ok()) return read.status();
  return OpenBytes(*std::move(read), path, options);
}

// The file of a part in a folder that holds MNIST's files or Kaggle's.
std::optional<std::string> PartFile(const std::string& folder, Split split) {
  const char* const mnist = split == Split::kTrain ? "train" : "t10k";
  const char* const kaggle = split == Split::kTrain ? "train" : "test";
  for (const std::string& name :
       {fmt::format("{}-images-idx3-ubyte", mnist), fmt::format("{}-images-idx3-ubyte.gz", mnist),
        fmt::format("{}-images.idx3-ubyte", mnist), fmt::format("{}-images.idx3-ubyte.gz", mnist),
        fmt::format("{}.csv", kaggle), fmt::format("{}.csv.gz", kaggle)}) {
    std::string path = std::filesystem::path(folder) / name;
    if (Exists(path)) return path;
  }
  return std::nullopt;
}

PartReader OpenFolder(const std::string& path, const ReadOptions& options) {
  return [=](Split split) -> absl::StatusOr<std::optional<DataSet>> {
    if (!IsPictureFolder(path)) {
      const std::optional<std::string> file = PartFile(path, split);
      if (!file.has_value()) return std::nullopt;
      return ReadUndivided(*file, options);
    }
    if (split == Split::kTest) return std::nullopt;
    return ReadPictureFolder(path, options.classes, options.normalizing);
  };
}

PartReader OpenStrokes(uint64_t seed) {
  return [seed](Split split) -> absl::StatusOr<std::optional<DataSet>> {
    if (split == Split::kTrain) return DrawStrokes(60000, seed);
    // Far from every seed that a person would choose, so that no digit of one part is in the other.
    return DrawStrokes(10000, ~seed);
  };
}

PartReader OpenNonDigits(uint64_t seed) {
  return [seed](Split split) -> absl::StatusOr<std::optional<DataSet>> {
    DataSet data =
        DrawNonDigits(700 * NonDigitFamilies().size(), split == Split::kTrain ? seed : ~seed);
    data.labels.clear();  // families are no classes of a network
    return data;
  };
}

absl::StatusOr<PartReader> Open(const std::string& path, const ReadOptions& options) {
  if (options.classes < 1 || options.classes > 256) {
    return absl::InvalidArgumentError(
        fmt::format("the number of classes is {}, expected 1 to 256", options.classes));
  }
  if (path == "strokes") return OpenStrokes(options.seed);
  if (path == "non-digits") return OpenNonDigits(options.seed);
  if (IsFolder(path)) return OpenFolder(path, options);
  return OpenFile(path, options);
}

absl::Status CheckNotEmpty(const DataSet& data) {
  if (data.size() > 0) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("{}: holds no images", data.name));
}

// The asked part where there are two, otherwise all.
absl::StatusOr<DataSet> PartOrAll(const PartReader& read, const std::string& name, Split split) {
  absl::StatusOr<std::optional<DataSet>> part = read(split);
  if (part.ok() && !part->has_value()) {
    part = read(split == Split::kTrain ? Split::kTest : Split::kTrain);
  }
  if (!part.ok()) return part.status();
  if (!part->has_value()) {
    return absl::InvalidArgumentError(
        fmt::format("{}: is a zip archive without x_train.npy or x_test.npy", name));
  }
  DataSet data = **std::move(part);
  data.name = name;
  if (absl::Status status = CheckNotEmpty(data); !status.ok()) return status;
  return data;
}

}  // namespace

absl::StatusOr<TrainingData> ReadTrainingData(const std::string& path, const ReadOptions& options) {
  const absl::StatusOr<PartReader> read = Open(path, options);
  if (!read.ok()) return read.status();
  absl::StatusOr<std::optional<DataSet>> train = (*read)(Split::kTrain);
  if (!train.ok()) return train.status();
  if (!train->has_value()) {
    return absl::InvalidArgumentError(
        fmt::format("{}: has no part for training: neither train-images-idx3-ubyte nor train.csv "
                    "nor x_train.npy",
                    path));
  }
  TrainingData data;
  data.train = **std::move(train);
  data.train.name = path;
  if (absl::Status status = CheckNotEmpty(data.train); !status.ok()) return status;
  if (!data.train.labelled()) {
    return absl::InvalidArgumentError(fmt::format(
        "{}: its images have no labels, which training needs: IDX has them in a file beside "
        "(train-labels-idx1-ubyte), CSV in a column \"label\", npz in y_train, and pictures lie in "
        "folders named by their class",
        path));
  }

  absl::StatusOr<std::optional<DataSet>> test = (*read)(Split::kTest);
  if (!test.ok()) return test.status();
  if (test->has_value() && (*test)->labelled()) {
    data.test = **std::move(test);
    data.test->name = path;
  }
  return data;
}

absl::StatusOr<DataSet> ReadExamples(const std::string& path, Split split,
                                     const ReadOptions& options) {
  const absl::StatusOr<PartReader> read = Open(path, options);
  if (!read.ok()) return read.status();
  return PartOrAll(*read, path, split);
}

absl::StatusOr<DataSet> ParseExamples(std::string bytes, const std::string& name, Split split,
                                      const ReadOptions& options) {
  const absl::StatusOr<PartReader> read = OpenBytes(std::move(bytes), name, options);
  if (!read.ok()) return read.status();
  return PartOrAll(*read, name, split);
}

bool IsPictureFolder(const std::string& path) {
  return IsFolder(path) && !PartFile(path, Split::kTrain) && !PartFile(path, Split::kTest);
}

}  // namespace digits
