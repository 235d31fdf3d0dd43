// How many digits a model reads right on pictures as people make them, through the normaliser and
// without it, and how long the normaliser takes.
//
// Usage: picture_accuracy MNIST_DIR MODEL_FILE [--score] [--save DIR]
//   --score  the half of the photographs that nothing was chosen by, and MNIST's test digits;
//            without, the other half, and the training set's last 10,000 digits
//   --save   writes the photographs that were read wrong, as PNG files
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/engine/onednn_classifier.h"
#include "server/image/normalize.h"
#include "server/image/resample.h"
#include "server/model/weights_file.h"
#include "tests/pictures/picture_maker.h"
#include "trainer/data/png_encoder.h"
#include "trainer/data/read.h"

namespace digits {
namespace {

constexpr size_t kPhotographs = 2000;  // even ones to choose by, odd ones to score
constexpr uint64_t kPhotographSeed = 5;
constexpr uint64_t kPasteSeed = 6;
constexpr size_t kKeptOut = 10'000;

template <typename T>
T ValueOrExit(absl::StatusOr<T> value) {
  if (value.ok()) return *std::move(value);
  std::cerr << "picture_accuracy: " << value.status().message() << '\n';
  std::exit(1);
}

struct Digits {
  explicit Digits(DataSet data_set) : data(std::move(data_set)) {}

  ImageView image(size_t i) const {
    return ImageView(data.pixels.data() + i * kImagePixels, kImagePixels);
  }

  DataSet data;
};

class Reader {
 public:
  explicit Reader(const std::string& file) {
    const Weights weights = ValueOrExit(ReadWeights(file));
    classifier_ = ValueOrExit(MakeOnednnClassifier(weights.network, Precision::kAuto));
  }

  int Read(ImageView image) const {
    std::vector<float> probabilities(static_cast<size_t>(classifier_->classes()));
    classifier_->Classify(image, probabilities, {});
    return static_cast<int>(std::ranges::max_element(probabilities) - probabilities.begin());
  }

  // Blank pictures are read as -1.
  int ReadNormalized(const PlaneView& picture) const {
    const std::optional<Image> image = Normalize(picture);
    return image ? Read(*image) : -1;
  }

  // As who has no normaliser does: all of the picture, made 28x28.
  int ReadResized(const PlaneView& picture) const {
    const Plane image = Resample(picture, kImageSide, kImageSide);
    return Read(ImageView(image.pixels.data(), kImagePixels));
  }

 private:
  std::unique_ptr<Classifier> classifier_;
};

void Save(const LabelledPicture& wrong, size_t index, int answer,
          const std::filesystem::path& folder) {
  const Plane& picture = wrong.picture;
  std::ofstream file(folder / fmt::format("{}-is-{}-read-{}.png", index, wrong.label, answer),
                     std::ios::binary);
  file << ValueOrExit(EncodePng(PngFormat::kGray, static_cast<size_t>(picture.width),
                                static_cast<size_t>(picture.height), picture.pixels));
}

double Percent(size_t part, size_t whole) {
  return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

void ReadPhotographs(const Reader& reader, const Digits& digits, bool score,
                     const std::string& folder) {
  size_t pictures = 0;
  size_t right = 0;
  size_t right_resized = 0;
  for (size_t i = score ? 1 : 0; i < kPhotographs; i += 2) {
    const size_t digit = digits.data.size() - kKeptOut + i;
    const LabelledPicture made =
        i / 2 % 2 == 0
            ? PhotographStrokes(kPhotographSeed, i)
            : PhotographDigit(digits.image(digit), digits.data.labels[digit], kPhotographSeed, i);
    const int answer = reader.ReadNormalized(made.picture.View());
    ++pictures;
    if (answer == made.label) ++right;
    if (reader.ReadResized(made.picture.View()) == made.label) ++right_resized;
    if (answer != made.label && !folder.empty()) Save(made, i, answer, folder);
  }
  fmt::print("{} photographs: {:.2f} % right normalised, {:.2f} % only resized\n", pictures,
             Percent(right, pictures), Percent(right_resized, pictures));
}

void ReadDigits(const Reader& reader, const Digits& digits, size_t first) {
  const size_t all = digits.data.size() - first;
  size_t untouched = 0;
  size_t normalized = 0;
  size_t pasted = 0;
  for (size_t i = first; i < digits.data.size(); ++i) {
    const int label = digits.data.labels[i];
    const ImageView image = digits.image(i);
    if (reader.Read(image) == label) ++untouched;
    if (reader.ReadNormalized(ViewOf(kImageSide, kImageSide, image)) == label) ++normalized;
    const LabelledPicture made = PasteDigit(image, label, kPasteSeed, i);
    if (reader.ReadNormalized(made.picture.View()) == label) ++pasted;
  }
  fmt::print(
      "{} of MNIST's digits: {:.2f} % right, {:.2f} % normalised, {:.2f} % pasted anywhere\n", all,
      Percent(untouched, all), Percent(normalized, all), Percent(pasted, all));
}

void TimeNormalizer(const Digits& digits) {
  for (const int side : {28, 280, 2000}) {
    const Plane picture = Resample(ViewOf(kImageSide, kImageSide, digits.image(0)), side, side);
    std::vector<double> times;
    for (int i = 0; i < 21; ++i) {
      const auto start = std::chrono::steady_clock::now();
      if (!Normalize(picture.View())) std::exit(1);
      const std::chrono::duration<double, std::milli> time =
          std::chrono::steady_clock::now() - start;
      times.push_back(time.count());
    }
    std::ranges::nth_element(times, times.begin() + 10);
    fmt::print("{0} x {0} normalised in {1:.3f} ms\n", side, times[10]);
  }
}

int Main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "Usage: picture_accuracy MNIST_DIR MODEL_FILE [--score] [--save DIR]\n";
    return 2;
  }
  bool score = false;
  std::string folder;
  for (int i = 3; i < argc; ++i) {
    const std::string_view flag = argv[i];
    if (flag == "--score") {
      score = true;
    } else if (flag == "--save" && i + 1 < argc) {
      folder = argv[++i];
      std::filesystem::create_directories(folder);
    } else {
      std::cerr << "picture_accuracy: what is " << flag << "?\n";
      return 2;
    }
  }
  const Reader reader(argv[2]);
  const Digits train(ValueOrExit(ReadExamples(argv[1], Split::kTrain, {})));
  ReadPhotographs(reader, train, score, folder);
  if (score) {
    ReadDigits(reader, Digits(ValueOrExit(ReadExamples(argv[1], Split::kTest, {}))), 0);
  } else {
    ReadDigits(reader, train, train.data.size() - kKeptOut);
  }
  TimeNormalizer(train);
  return 0;
}

}  // namespace
}  // namespace digits

int main(int argc, char** argv) { return digits::Main(argc, argv); }
