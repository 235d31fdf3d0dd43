#include "trainer/augment/augmenter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <numeric>

#include "trainer/data/splitmix.h"

namespace digits {
namespace {

constexpr int kSigmas = 8;

Frame Framed(ImageView image) {
  Frame frame = {};
  for (size_t y = 0; y < kImageSide; ++y) {
    std::copy_n(image.begin() + static_cast<ptrdiff_t>(y * kImageSide), kImageSide,
                frame.begin() + static_cast<ptrdiff_t>((y + 1) * kFrameStride + 1));
  }
  return frame;
}

// The inverse of scaling, shearing, turning (rows count downwards) and shifting about the centre.
AffineMap Inverse(const Distortion& distortion) {
  constexpr double kCentre = (kImageSide - 1) / 2.0;
  const double angle = distortion.rotation / 180 * std::numbers::pi;
  const double cos = std::cos(angle);
  const double sin = std::sin(angle);
  const double xx = (cos + distortion.shear * sin) / distortion.scale_x;
  const double xy = (distortion.shear * cos - sin) / distortion.scale_x;
  const double yx = sin / distortion.scale_y;
  const double yy = cos / distortion.scale_y;
  const double x = kCentre + distortion.shift_x;
  const double y = kCentre + distortion.shift_y;
  AffineMap map;
  map.x0 = static_cast<float>(kCentre - xx * x - xy * y);
  map.xx = static_cast<float>(xx);
  map.xy = static_cast<float>(xy);
  map.y0 = static_cast<float>(kCentre - yx * x - yy * y);
  map.yx = static_cast<float>(yx);
  map.yy = static_cast<float>(yy);
  return map;
}

// Brings each pixel closer to the mean of all.
void Pale(double contrast, std::span<uint8_t, kImagePixels> image) {
  const double mean = std::accumulate(image.begin(), image.end(), 0) / double{kImagePixels};
  std::array<uint8_t, 256> levels;
  for (int level = 0; level < 256; ++level) {
    levels[static_cast<size_t>(level)] =
        static_cast<uint8_t>(std::lround(mean + contrast * (level - mean)));
  }
  for (uint8_t& pixel : image) pixel = levels[pixel];
}

}  // namespace

Augmenter::Augmenter(const AugmentOptions& options, const AugmentKernels& kernels)
    : options_(options), kernels_(kernels) {
  if (options.elastic_alpha == 0) return;
  const double step =
      (options.elastic_sigma_greatest - options.elastic_sigma_least) / (kSigmas - 1);
  for (int i = 0; i < kSigmas; ++i)
    smoothings_.emplace_back(options.elastic_sigma_least + i * step);
}

Distortion Augmenter::Draw(const AugmentKey& key) const {
  SplitMix random(SplitMix::PartSeed(SplitMix::PartSeed(key.seed, key.epoch), key.index));
  const auto either_way = [&random](double most) { return random.Uniform(-1, 1) * most; };
  Distortion distortion;
  distortion.rotation = either_way(options_.rotation);
  distortion.scale_x = 1 + either_way(options_.scale);
  distortion.scale_y = 1 + either_way(options_.scale);
  distortion.shear = either_way(options_.shear);
  distortion.shift_x = either_way(options_.shift);
  distortion.shift_y = either_way(options_.shift);
  distortion.thickness = either_way(options_.thickness);
  distortion.noise = random.Unit() * options_.noise;
  const uint64_t sigma = random.Below(kSigmas);
  distortion.smoothing = smoothings_.empty() ? nullptr : &smoothings_[sigma];
  distortion.elastic_alpha = options_.elastic_alpha;
  distortion.elastic_seed = random.Next();
  distortion.noise_seed = random.Next();
  distortion.contrast = 1 - random.Unit() * options_.contrast;
  if (random.Unit() >= options_.soiled) {
    distortion.contrast = 1;
    distortion.noise = 0;
  }
  return distortion;
}

void Augmenter::Deform(const Distortion& distortion, ImageView in,
                       std::span<uint8_t, kImagePixels> out) const {
  Frame frame = Framed(in);
  if (distortion.thickness != 0) {
    const Frame thin = frame;
    kernels_.thicken(static_cast<float>(distortion.thickness), thin, frame);
  }
  const AffineMap map = Inverse(distortion);
  if (distortion.smoothing != nullptr) {
    alignas(64) Field right;
    alignas(64) Field down;
    const Smoothing& smoothing = *distortion.smoothing;
    // Even noise between -1 and 1 has variance 1/3.
    const auto factor = static_cast<float>(distortion.elastic_alpha / std::numbers::sqrt3);
    kernels_.draw_field(smoothing, distortion.elastic_seed, 0, factor, right);
    kernels_.draw_field(smoothing, distortion.elastic_seed, smoothing.nodes * smoothing.node_stride,
                        factor, down);
    kernels_.warp(frame, map, &right, &down, out);
  } else {
    kernels_.warp(frame, map, nullptr, nullptr, out);
  }
}

void Augmenter::Soil(const Distortion& distortion, ImageView in,
                     std::span<uint8_t, kImagePixels> out) const {
  if (out.data() != in.data()) std::ranges::copy(in, out.begin());
  if (distortion.contrast != 1) Pale(distortion.contrast, out);
  if (distortion.noise != 0) {
    kernels_.add_noise(distortion.noise_seed, static_cast<float>(distortion.noise), out);
  }
}

}  // namespace digits
