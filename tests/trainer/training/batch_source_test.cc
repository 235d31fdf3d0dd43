#include "trainer/training/batch_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <numeric>
#include <vector>

namespace digits {
namespace {

constexpr float kScale = 1.0f / 255;

// Images whose pixels tell them apart, most of them background.
DataSet Numbered(size_t count) {
  DataSet data;
  data.pixels.resize(count * kImagePixels);
  for (size_t i = 0; i < count; ++i) {
    for (size_t p = 0; p < kImagePixels; p += 5) {
      data.pixels[i * kImagePixels + p] = static_cast<uint8_t>(i * 31 + p);
    }
    data.labels.push_back(static_cast<uint8_t>(i % 10));
  }
  return data;
}

// A batch with its images as pixels, whatever form they had.
struct Flat {
  std::vector<float> inputs;
  std::vector<uint8_t> labels;
  std::vector<float> soft_targets;
  bool operator==(const Flat&) const = default;
};

Flat Flatten(const Batch& batch) {
  Flat flat;
  flat.labels.assign(batch.labels.begin(), batch.labels.end());
  flat.soft_targets.assign(batch.soft_targets.begin(), batch.soft_targets.end());
  flat.inputs.resize(flat.labels.size() * kImagePixels);
  if (const auto* const pixels = std::get_if<PixelRows>(&batch.images)) {
    for (size_t i = 0; i < flat.inputs.size(); ++i) {
      flat.inputs[i] = static_cast<float>(pixels->pixels[i]) * pixels->scale;
    }
    return flat;
  }
  const auto& sparse = std::get<SparseRows>(batch.images);
  EXPECT_EQ(sparse.rows.size(), flat.labels.size());
  for (size_t r = 0; r < sparse.rows.size(); ++r) {
    for (const SparsePixel& pixel : sparse.rows[r]) {
      flat.inputs[r * kImagePixels + pixel.column] = sparse.values[pixel.level];
    }
  }
  return flat;
}

std::vector<Flat> Epoch(BatchSource& source, uint64_t epoch, std::span<const uint32_t> order,
                        size_t max_batch) {
  std::vector<Flat> batches;
  source.BeginEpoch(epoch, order);
  for (size_t left = order.size(); left > 0; left -= std::min(left, max_batch)) {
    batches.push_back(Flatten(source.Next()));
  }
  return batches;
}

std::vector<uint32_t> Backwards(size_t count) {
  std::vector<uint32_t> order(count);
  std::iota(order.rbegin(), order.rend(), 0u);
  return order;
}

// Moves an image to the right by as many pixels as seed, epoch and number make.
void Shift(uint64_t seed, uint64_t epoch, uint64_t image, ImageView in, Image& out) {
  const size_t by = (seed + 3 * epoch + 5 * image) % 7;
  for (size_t p = 0; p < kImagePixels; ++p) {
    out.at(p) = p % kImageSide < by ? uint8_t{0} : in[p - by];
  }
}

// The first pixel decides.
void Soft(std::span<const uint8_t> pixels, std::span<float> probabilities) {
  for (size_t i = 0; i < pixels.size() / kImagePixels; ++i) {
    probabilities[2 * i] = static_cast<float>(pixels[i * kImagePixels]) * kScale;
    probabilities[2 * i + 1] = 1 - probabilities[2 * i];
  }
}

class BatchSourceTest : public testing::TestWithParam<InputForm> {};

TEST_P(BatchSourceTest, StoredImagesComeInTheirOrder) {
  const DataSet data = Numbered(70);
  const std::vector<uint32_t> order = Backwards(70);
  const auto source = MakeStoredBatches(data, 32, kScale, GetParam());
  const std::vector<Flat> batches = Epoch(*source, 1, order, 32);
  ASSERT_EQ(batches.size(), 3u);
  EXPECT_EQ(batches[2].labels.size(), 6u);
  EXPECT_EQ(batches[0].labels[0], 9);
  for (size_t p = 0; p < kImagePixels; ++p) {
    ASSERT_EQ(batches[0].inputs[p], static_cast<float>(data.image(69)[p]) * kScale);
  }
}

TEST_P(BatchSourceTest, PreparedImagesAreTheTransformsOfTheirNumbers) {
  const DataSet data = Numbered(70);
  const std::vector<uint32_t> order = Backwards(70);
  PreparedBatchOptions options;
  options.make_transform = [] { return Shift; };
  options.soft_targets = Soft;
  options.classes = 2;
  options.seed = 11;
  const auto source = MakePreparedBatches(data, 40, kScale, GetParam(), options);
  for (const uint64_t epoch : {1, 2}) {
    const std::vector<Flat> batches = Epoch(*source, epoch, order, 40);
    ASSERT_EQ(batches.size(), 2u);
    for (size_t i = 0; i < 70; ++i) {
      const Flat& batch = batches[i / 40];
      Image expected;
      Shift(11, epoch, order[i], data.image(order[i]), expected);
      for (size_t p = 0; p < kImagePixels; ++p) {
        ASSERT_EQ(batch.inputs[i % 40 * kImagePixels + p],
                  static_cast<float>(expected.at(p)) * kScale)
            << "image " << i << " of epoch " << epoch;
      }
      EXPECT_EQ(batch.labels[i % 40], data.labels[order[i]]);
      EXPECT_EQ(batch.soft_targets[i % 40 * 2], static_cast<float>(expected[0]) * kScale);
    }
  }
}

TEST_P(BatchSourceTest, SoftTargetsAreThoseOfImagesThatAreNotSoiledYet) {
  const DataSet data = Numbered(40);
  const std::vector<uint32_t> order = Backwards(45);  // 5 outliers, which are soiled too
  PreparedBatchOptions options;
  options.make_transform = [] { return Shift; };
  options.make_soiling = [] {
    return [](uint64_t seed, uint64_t epoch, uint64_t image, ImageView in, Image& out) {
      for (size_t p = 0; p < kImagePixels; ++p) {
        out.at(p) = static_cast<uint8_t>(in[p] ^ (seed + epoch + image));
      }
    };
  };
  options.soft_targets = Soft;
  options.classes = 2;
  options.draw_outlier = [](uint64_t, uint64_t, uint64_t, Image& out) { out.fill(77); };
  options.seed = 3;
  const auto source = MakePreparedBatches(data, 45, kScale, GetParam(), options);
  const Flat batch = Epoch(*source, 2, order, 45).front();
  for (size_t i = 0; i < 45; ++i) {
    Image clean;
    clean.fill(77);
    if (i >= 5) Shift(3, 2, order[i], data.image(order[i]), clean);
    EXPECT_EQ(batch.soft_targets[i * 2], static_cast<float>(clean[0]) * kScale) << i;
    for (size_t p = 0; p < kImagePixels; ++p) {
      const auto soiled = static_cast<uint8_t>(clean.at(p) ^ (3 + 2 + order[i]));
      ASSERT_EQ(batch.inputs[i * kImagePixels + p], static_cast<float>(soiled) * kScale)
          << "image " << i;
    }
  }
}

TEST_P(BatchSourceTest, NumbersBeyondTheDataSetAreOutliers) {
  const DataSet data = Numbered(30);
  const std::vector<uint32_t> order = Backwards(50);  // 20 outliers, then the images
  PreparedBatchOptions options;
  options.make_transform = [] { return Shift; };
  options.soft_targets = Soft;
  options.classes = 2;
  options.draw_outlier = [](uint64_t seed, uint64_t epoch, uint64_t index, Image& out) {
    out.fill(static_cast<uint8_t>(seed + 10 * epoch + index));
  };
  options.seed = 100;
  options.threads = 2;
  const auto source = MakePreparedBatches(data, 50, kScale, GetParam(), options);
  for (const uint64_t epoch : {1, 2}) {
    source->BeginEpoch(epoch, order);
    const Batch batch = source->Next();
    const Flat flat = Flatten(batch);
    for (size_t i = 0; i < 50; ++i) {
      Image expected;
      if (i < 20) {
        expected.fill(static_cast<uint8_t>(100 + 10 * epoch + 19 - i));
      } else {
        Shift(100, epoch, order[i], data.image(order[i]), expected);
        EXPECT_EQ(flat.labels[i], data.labels[order[i]]);
      }
      EXPECT_EQ(batch.outliers[i] != 0, i < 20) << i;
      for (size_t p = 0; p < kImagePixels; ++p) {
        ASSERT_EQ(flat.inputs[i * kImagePixels + p], static_cast<float>(expected.at(p)) * kScale)
            << "image " << i << " of epoch " << epoch;
      }
    }
  }
}

TEST_P(BatchSourceTest, EchoedEpochsTrainTheSameImagesWithoutMakingThemAgain) {
  const DataSet data = Numbered(90);
  const std::vector<uint32_t> backwards = Backwards(100);  // 10 outliers, then the images
  std::vector<uint32_t> forwards(backwards.rbegin(), backwards.rend());
  std::atomic<int> made = 0;
  std::atomic<int> asked = 0;
  PreparedBatchOptions options;
  options.make_transform = [&made] {
    return [&made](uint64_t seed, uint64_t epoch, uint64_t image, ImageView in, Image& out) {
      ++made;
      Shift(seed, epoch, image, in, out);
    };
  };
  options.make_soiling = [] { return Shift; };
  options.soft_targets = [&asked](std::span<const uint8_t> pixels, std::span<float> targets) {
    asked += static_cast<int>(pixels.size() / kImagePixels);
    Soft(pixels, targets);
  };
  options.classes = 2;
  options.draw_outlier = [](uint64_t seed, uint64_t epoch, uint64_t index, Image& out) {
    out.fill(static_cast<uint8_t>(seed + 10 * epoch + index));
  };
  options.seed = 5;
  options.threads = 2;
  const auto fresh = MakePreparedBatches(data, 48, kScale, GetParam(), options);
  const std::vector<Flat> first = Epoch(*fresh, 1, forwards, 48);
  const std::vector<Flat> first_backwards = Epoch(*fresh, 1, backwards, 48);
  const std::vector<Flat> fourth = Epoch(*fresh, 4, forwards, 48);
  made = asked = 0;

  options.echo = 3;
  const auto source = MakePreparedBatches(data, 48, kScale, GetParam(), options);
  EXPECT_TRUE(Epoch(*source, 1, forwards, 48) == first);
  EXPECT_TRUE(Epoch(*source, 2, backwards, 48) == first_backwards);
  EXPECT_TRUE(Epoch(*source, 3, forwards, 48) == first);
  EXPECT_EQ(made, 90);
  EXPECT_EQ(asked, 100);
  EXPECT_TRUE(Epoch(*source, 4, forwards, 48) == fourth);
  EXPECT_EQ(made, 180);
}

TEST_P(BatchSourceTest, AnEchoMayBeginAnywhere) {
  const DataSet data = Numbered(90);
  const std::vector<uint32_t> backwards = Backwards(90);
  const std::vector<uint32_t> forwards(backwards.rbegin(), backwards.rend());
  PreparedBatchOptions options;
  options.make_transform = [] { return Shift; };
  options.threads = 2;
  const std::vector<Flat> whole =
      Epoch(*MakePreparedBatches(data, 48, kScale, GetParam(), options), 1, backwards, 48);

  options.echo = 3;
  EXPECT_TRUE(Epoch(*MakePreparedBatches(data, 48, kScale, GetParam(), options), 2, backwards,
                    48) == whole);
  // Of the first epoch some images were made, which then stand among others.
  const auto left = MakePreparedBatches(data, 48, kScale, GetParam(), options);
  left->BeginEpoch(1, forwards);
  left->Next();
  EXPECT_TRUE(Epoch(*left, 2, backwards, 48) == whole);
}

TEST_P(BatchSourceTest, ThreadsChangeNothing) {
  const DataSet data = Numbered(1'000);
  const std::vector<uint32_t> order = Backwards(1'000);
  PreparedBatchOptions options;
  options.make_transform = [] { return Shift; };
  std::vector<std::vector<Flat>> results;
  for (const size_t threads : {0, 1, 3}) {
    options.threads = threads;
    const auto source = MakePreparedBatches(data, 48, kScale, GetParam(), options);
    std::vector<Flat> batches = Epoch(*source, 1, order, 48);
    for (Flat& batch : Epoch(*source, 2, order, 48)) batches.push_back(std::move(batch));
    results.push_back(std::move(batches));
  }
  EXPECT_TRUE(results[0] == results[1]);
  EXPECT_TRUE(results[0] == results[2]);
}

INSTANTIATE_TEST_SUITE_P(Forms, BatchSourceTest,
                         testing::Values(InputForm::kSparse, InputForm::kPixels));

TEST(PreparedBatchesTest, EachThreadHasATransformOfItsOwn) {
  const DataSet data = Numbered(64);
  const std::vector<uint32_t> order = Backwards(64);
  std::atomic<int> made = 0;
  std::atomic<bool> shared = false;
  PreparedBatchOptions options;
  options.threads = 2;
  options.make_transform = [&] {
    ++made;
    // A workspace that two threads at once would be seen in.
    auto busy = std::make_shared<std::atomic<bool>>(false);
    return [busy, &shared](uint64_t, uint64_t, uint64_t, ImageView in, Image& out) {
      if (busy->exchange(true)) shared = true;
      std::ranges::copy(in, out.begin());
      *busy = false;
    };
  };
  {
    const auto source = MakePreparedBatches(data, 8, kScale, InputForm::kPixels, options);
    for (uint64_t epoch = 1; epoch <= 20; ++epoch) Epoch(*source, epoch, order, 8);
  }
  EXPECT_EQ(made, 3) << "for two threads and the caller";
  EXPECT_FALSE(shared);
}

TEST(PreparedBatchesTest, AnEpochMayBeLeftInItsMiddle) {
  const DataSet data = Numbered(640);
  const std::vector<uint32_t> order = Backwards(640);
  PreparedBatchOptions options;
  options.make_transform = [] { return Shift; };
  options.threads = 2;
  const auto source = MakePreparedBatches(data, 16, kScale, InputForm::kPixels, options);
  const std::vector<Flat> whole = Epoch(*source, 7, order, 16);
  for (int i = 0; i < 50; ++i) {
    source->BeginEpoch(6, order);
    for (int taken = 0; taken < i % 5; ++taken) source->Next();
  }
  EXPECT_TRUE(Epoch(*source, 7, order, 16) == whole);
}

}  // namespace
}  // namespace digits
