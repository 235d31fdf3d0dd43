#include "trainer/augment/smoothing.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <memory>
#include <numbers>
#include <vector>

#include "trainer/augment/kernels.h"

namespace digits {
namespace {

constexpr size_t kSide = kImageSide;

// The covariance, along one axis, of noise of variance 1 at every pixel, smoothed with a Gaussian
// of sigma: a sum over many pixels, as Simard's method has it.
double PixelCovariance(double sigma, double distance) {
  double sum = 0;
  for (int i = -300; i <= 300; ++i) {
    const double first = i / sigma;
    const double second = (i - distance) / sigma;
    sum += std::exp(-(first * first + second * second) / 2);
  }
  return sum / (2 * std::numbers::pi * sigma * sigma);
}

TEST(SmoothingTest, HasTheCovariancesOfNoiseAtEveryPixel) {
  for (const double sigma : {1.0, 2.0, 4.5, 5.3, 6.0, 13.0, 28.0}) {
    const auto smoothing = std::make_unique<Smoothing>(sigma);
    const double variance = PixelCovariance(sigma, 0);
    for (size_t i = 0; i < kSide; ++i) {
      for (size_t j = 0; j < kSide; ++j) {
        double sum = 0;
        for (size_t node = 0; node < smoothing->nodes; ++node) {
          sum += static_cast<double>(smoothing->weights[i * smoothing->nodes + node]) *
                 smoothing->weights[j * smoothing->nodes + node];
        }
        const double distance = static_cast<double>(i) - static_cast<double>(j);
        EXPECT_NEAR(sum / variance, PixelCovariance(sigma, distance) / variance, 3e-4)
            << sigma << ": " << i << ", " << j;
      }
    }
  }
}

TEST(SmoothingTest, HoldsTheSameWeightsTransposed) {
  const auto smoothing = std::make_unique<Smoothing>(5);
  for (size_t node = 0; node < smoothing->nodes; ++node) {
    for (size_t pixel = 0; pixel < kSide; ++pixel) {
      EXPECT_EQ(smoothing->transposed[node * kFieldStride + pixel],
                smoothing->weights[pixel * smoothing->nodes + node]);
    }
  }
}

TEST(SmoothingTest, FieldsHaveTheDeviationAndSmoothnessOfTheFormula) {
  constexpr int kFields = 4000;
  constexpr double kSigma = 5;
  constexpr float kFactor = 36;
  const auto smoothing = std::make_unique<Smoothing>(kSigma);
  const double variance = kFactor * kFactor / (4 * std::numbers::pi * kSigma * kSigma);
  // The four corners, an edge and the middle; and how each goes with the pixel four to the right.
  const std::vector<size_t> places = {
      0, 22, 27 * kFieldStride, 27 * kFieldStride + 22, 14 * kFieldStride, 14 * kFieldStride + 14};
  std::vector<double> sums(places.size()), squares(places.size()), products(places.size());
  const AugmentKernels& kernels = KernelsOfThisProcessor().back();
  for (int i = 0; i < kFields; ++i) {
    Field field;
    kernels.draw_field(*smoothing, static_cast<uint64_t>(i), 0, kFactor, field);
    for (size_t p = 0; p < places.size(); ++p) {
      const double value = field[places[p]];
      sums[p] += value;
      squares[p] += value * value;
      products[p] += value * field[places[p] + 4];
    }
  }
  for (size_t p = 0; p < places.size(); ++p) {
    SCOPED_TRACE(places[p]);
    // Within four standard errors.
    EXPECT_NEAR(sums[p] / kFields, 0, 4 * std::sqrt(variance / kFields));
    EXPECT_NEAR(squares[p] / kFields / variance, 1, 4 * std::sqrt(2.0 / kFields));
    const double correlation = std::exp(-16 / (4 * kSigma * kSigma));
    EXPECT_NEAR(products[p] / kFields / variance, correlation, 4 * std::sqrt(2.0 / kFields));
  }
}

TEST(SmoothingTest, DrawsAnotherFieldForAnotherSeedOrBeginning) {
  const auto smoothing = std::make_unique<Smoothing>(4.5);
  const size_t count = smoothing->nodes * smoothing->node_stride;
  for (const AugmentKernels& kernels : KernelsOfThisProcessor()) {
    Field first, same, other_seed, next;
    for (Field* const field : {&first, &same, &other_seed, &next}) field->fill(0);
    kernels.draw_field(*smoothing, 1, 0, 1, first);
    kernels.draw_field(*smoothing, 1, 0, 1, same);
    kernels.draw_field(*smoothing, 2, 0, 1, other_seed);
    kernels.draw_field(*smoothing, 1, count, 1, next);
    EXPECT_EQ(first, same);
    EXPECT_NE(first, other_seed);
    EXPECT_NE(first, next);
  }
}

}  // namespace
}  // namespace digits
