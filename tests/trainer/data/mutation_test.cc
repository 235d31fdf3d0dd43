// Damages a good file of every format in many ways: whatever comes of it is an error with a message
// or a data set that agrees with itself. Under the address sanitizer it shows more.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

#include "tests/trainer/data/encoders.h"
#include "tests/trainer/data/test_files.h"
#include "trainer/data/csv.h"
#include "trainer/data/gzip.h"
#include "trainer/data/idx.h"
#include "trainer/data/jpeg_decoder.h"
#include "trainer/data/netpbm_decoder.h"
#include "trainer/data/npy.h"
#include "trainer/data/npz.h"
#include "trainer/data/orientation.h"
#include "trainer/data/png_decoder.h"

namespace digits {
namespace {

constexpr int kFlips = 500;
constexpr int kCuts = 200;
constexpr int kSplices = 200;

using Parse = std::function<absl::Status(std::string_view bytes)>;

void ExpectNoHarm(const std::string& good, const Parse& parse) {
  const absl::Status unharmed = parse(good);
  ASSERT_TRUE(unharmed.ok()) << unharmed;
  std::mt19937 random(20240229);
  const auto below = [&random](size_t limit) { return random() % limit; };
  const auto expect_answer = [&parse](const std::string& bytes) {
    // Of exactly this length, so that a sanitizer sees the first byte beyond.
    const std::vector<char> exact(bytes.begin(), bytes.end());
    const absl::Status status = parse({exact.data(), exact.size()});
    EXPECT_TRUE(status.ok() || !status.message().empty());
  };
  for (int i = 0; i < kFlips; ++i) {
    std::string bytes = good;
    // Half of them near the start, where headers are.
    const size_t range = i % 2 == 0 ? std::min<size_t>(bytes.size(), 64) : bytes.size();
    for (size_t flips = 1 + below(4); flips > 0; --flips) {
      bytes[below(range)] = static_cast<char>(random());
    }
    expect_answer(bytes);
  }
  for (int i = 0; i < kCuts; ++i) expect_answer(good.substr(0, below(good.size())));
  for (int i = 0; i < kSplices; ++i) {
    std::string bytes = good;
    const std::string piece = good.substr(below(good.size()), below(64));
    if (i % 2 == 0) {
      bytes.insert(below(bytes.size()), piece);
    } else {
      bytes.erase(below(bytes.size()), piece.size());
    }
    expect_answer(bytes);
  }
}

absl::Status Check(const DataSet& data) {
  EXPECT_EQ(data.pixels.size() % kImagePixels, 0u);
  EXPECT_TRUE(data.labels.empty() || data.labels.size() == data.size());
  for (const uint8_t label : data.labels) EXPECT_LT(label, 10);
  return absl::OkStatus();
}

TEST(MutationTest, IdxImages) {
  const std::string good = IdxImages(2, 28, 28, AsString(SomeBytes(1568)));
  ExpectNoHarm(good, [](std::string_view bytes) { return ParseIdxImages(bytes, "a").status(); });
}

TEST(MutationTest, IdxLabels) {
  const std::string good = IdxLabels(20, std::string(20, '\x09'));
  ExpectNoHarm(good,
               [](std::string_view bytes) { return ParseIdxLabels(bytes, "a", 10).status(); });
}

TEST(MutationTest, Csv) {
  std::vector<int> row = {7};
  for (const uint8_t pixel : SomeBytes(784)) row.push_back(pixel);
  const std::string good = CsvHeader(true) + "\n" + CsvRow(row) + "\r\n" + CsvRow(row) + "\n";
  ExpectNoHarm(good, [](std::string_view bytes) {
    const auto data = ParseCsv(bytes, "a", 10);
    return data.ok() ? Check(*data) : data.status();
  });
}

TEST(MutationTest, Npz) {
  const std::string good =
      Zip({{"x_train.npy", Npy("|u1", "(2, 28, 28)", AsString(SomeBytes(1568)))},
           {"y_train.npy", Npy("|u1", "(2,)", "\x07\x01")}});
  ExpectNoHarm(good, [](std::string_view bytes) {
    const auto data = ParseNpz(bytes, "a", "train", 10);
    return data.ok() && data->has_value() ? Check(**data) : data.status();
  });
}

TEST(MutationTest, Npy) {
  const std::string good = Npy("|u1", "(1, 28, 28)", AsString(SomeBytes(784)));
  ExpectNoHarm(good, [](std::string_view bytes) { return ParseNpy(bytes, "a").status(); });
}

TEST(MutationTest, Png) {
  const std::string good = GrayPng(SomeBytes(784));
  ExpectNoHarm(good, [](std::string_view bytes) { return DecodePng(bytes, "a").status(); });
}

TEST(MutationTest, InterlacedPng) {
  const std::string good = InterlacedPng(28, 28, SomeBytes(784));
  ExpectNoHarm(good, [](std::string_view bytes) { return DecodePng(bytes, "a").status(); });
}

TEST(MutationTest, Jpeg) {
  for (const JpegKind kind : {JpegKind::kGray, JpegKind::kProgressive, JpegKind::kYcck}) {
    ExpectNoHarm(Jpeg(kind, 20, 20, 90),
                 [](std::string_view bytes) { return DecodeJpeg(bytes, "a").status(); });
  }
}

TEST(MutationTest, Netpbm) {
  for (const std::string& good :
       {std::string("P2 3 3 9\n1 2 3 4 5 6 7 8 9"), "P6 7 4 255\n" + std::string(84, 'x'),
        "P4 28 28\n" + std::string(112, 'x')}) {
    ExpectNoHarm(good, [](std::string_view bytes) { return DecodeNetpbm(bytes, "a").status(); });
  }
}

TEST(MutationTest, Exif) {
  const std::string good("Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0",
                         32);
  ExpectNoHarm(good, [](std::string_view bytes) {
    const int orientation = ExifOrientation(bytes);
    EXPECT_TRUE(orientation >= 1 && orientation <= 8);
    return absl::OkStatus();
  });
}

TEST(MutationTest, GzipOfImages) {
  const std::string good = Gzip(IdxImages(2, 28, 28, AsString(SomeBytes(1568))));
  ExpectNoHarm(good, [](std::string_view bytes) {
    const auto content = Gunzip(bytes, "a", 1 << 20);
    return content.ok() ? ParseIdxImages(*content, "a").status() : content.status();
  });
}

}  // namespace
}  // namespace digits
