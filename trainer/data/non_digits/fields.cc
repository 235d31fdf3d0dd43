#include "trainer/data/non_digits/fields.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "server/image/mnist_field.h"

namespace digits {
namespace {

// A square of grays, 0 to 255.
using Greys = std::vector<double>;

uint8_t ToPixel(double grey) {
  return static_cast<uint8_t>(std::clamp(std::lround(grey), 0L, 255L));
}

// What `grey(x, y)` gives for the pixels of the field, or of the ink's square in its middle.
template <typename Grey>
Image Filled(bool whole_field, const Grey& grey) {
  const int side = whole_field ? kImageSide : kInkSide;
  std::vector<uint8_t> pixels;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) pixels.push_back(ToPixel(grey(x, y)));
  }
  if (!whole_field) return MnistField(ViewOf(side, side, pixels));
  Image image = {};
  std::ranges::copy(pixels, image.begin());
  return image;
}

bool Toss(StrokeRandom& random) { return random.Below(2) == 0; }

// A dark grey and a light one, in any order.
struct TwoGreys {
  explicit TwoGreys(StrokeRandom& random)
      : first(random.Uniform(0, 60)), second(random.Uniform(140, 255)) {
    if (Toss(random)) std::swap(first, second);
  }
  double first;
  double second;
};

// Means over squares of 2 x reach + 1 pixels, or what of them lies within the square.
Greys Blurred(const Greys& greys, int side, int reach) {
  Greys blurred;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      double sum = 0;
      int count = 0;
      for (int j = std::max(0, y - reach); j <= std::min(side - 1, y + reach); ++j) {
        for (int i = std::max(0, x - reach); i <= std::min(side - 1, x + reach); ++i) {
          sum += greys[static_cast<size_t>(j * side + i)];
          ++count;
        }
      }
      blurred.push_back(sum / count);
    }
  }
  return blurred;
}

}  // namespace

Image DrawBlank(StrokeRandom& random) {
  Image image = {};
  switch (random.Below(6)) {
    case 0:
      break;
    case 1:
    case 2:
      image.fill(static_cast<uint8_t>(random.Between(1, 255)));
      break;
    case 3:
      for (int specks = random.Between(1, 6); specks > 0; --specks) {
        image.at(random.Below(kImagePixels)) = static_cast<uint8_t>(random.Between(8, 255));
      }
      break;
    case 4: {
      const double grain = random.Uniform(2, 24);
      const double paper = Toss(random) ? 0 : random.Uniform(0, 230);
      for (uint8_t& pixel : image) pixel = ToPixel(paper + random.Uniform(0, grain));
      break;
    }
    default: {
      const double across = random.Uniform(-2, 2);
      const double down = random.Uniform(-2, 2);
      const double middle = random.Uniform(0, 255);
      image = Filled(true, [&](int x, int y) {
        return middle + across * (x - kImageSide / 2) + down * (y - kImageSide / 2);
      });
    }
  }
  return image;
}

Image DrawUniformNoise(StrokeRandom& random) {
  const double low = Toss(random) ? 0 : random.Uniform(0, 100);
  const double high = low + random.Uniform(60, 255 - low);
  return Filled(Toss(random), [&](int, int) { return random.Uniform(low, high); });
}

Image DrawSaltNoise(StrokeRandom& random) {
  const double share = random.Uniform(0.02, 0.4);
  const double level = random.Uniform(128, 255);
  return Filled(Toss(random), [&](int, int) { return random.Unit() < share ? level : 0; });
}

Image DrawBlurredNoise(StrokeRandom& random) {
  const bool whole_field = Toss(random);
  const int side = whole_field ? kImageSide : kInkSide;
  Greys greys(static_cast<size_t>(side * side));
  for (double& grey : greys) grey = random.Unit();
  const int reach = random.Between(1, 2);
  for (int times = random.Between(1, 2); times > 0; --times) greys = Blurred(greys, side, reach);
  const auto [least, greatest] = std::ranges::minmax(greys);
  return Filled(whole_field, [&](int x, int y) {
    return 255 * (greys[static_cast<size_t>(y * side + x)] - least) / (greatest - least);
  });
}

Image DrawStripes(StrokeRandom& random) {
  const TwoGreys greys(random);
  const double period = random.Uniform(3, 9);
  const double share = random.Uniform(0.35, 0.65);  // of the second grey
  const double phase = random.Unit();
  double across = random.Uniform(-1, 1);
  double down = random.Uniform(-1, 1);
  switch (random.Below(4)) {
    case 0:
      across = 1;
      down = 0;
      break;
    case 1:
      across = 0;
      down = 1;
      break;
    default:
      across = across < 0 ? std::min(across, -0.2) : std::max(across, 0.2);
  }
  const double length = std::sqrt(across * across + down * down) * period;
  return Filled(Toss(random), [&](int x, int y) {
    const double periods = (across * x + down * y) / length + phase;
    return periods - std::floor(periods) < share ? greys.second : greys.first;
  });
}

Image DrawChecks(StrokeRandom& random) {
  const TwoGreys greys(random);
  const int period = random.Between(3, 9);
  const int left = random.Between(0, period - 1);
  const int top = random.Between(0, period - 1);
  const uint64_t kind = random.Below(3);
  const int light = random.Between(1, std::max(1, period - 2));
  return Filled(Toss(random), [&](int x, int y) {
    const bool in_column = (x + left) % period < light;
    const bool in_row = (y + top) % period < light;
    const bool second = kind == 0   ? in_column != in_row
                        : kind == 1 ? in_column && in_row
                                    : in_column || in_row;
    return second ? greys.second : greys.first;
  });
}

}  // namespace digits
