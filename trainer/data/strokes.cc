#include "trainer/data/strokes.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "server/image/mnist_field.h"
#include "trainer/data/splitmix.h"
#include "trainer/data/strokes/canvas.h"
#include "trainer/data/strokes/pen.h"
#include "trainer/data/strokes/random.h"
#include "trainer/data/strokes/styles.h"

namespace digits {
namespace {

constexpr size_t kClasses = 10;

// The classes of ten digits in a row: each once, in any order.
std::array<uint8_t, kClasses> DrawClasses(StrokeRandom random) {
  std::array<uint8_t, kClasses> classes = {};
  std::iota(classes.begin(), classes.end(), uint8_t{0});
  for (size_t i = kClasses - 1; i > 0; --i) std::swap(classes[i], classes[random.Below(i + 1)]);
  return classes;
}

}  // namespace

DataSet DrawStrokes(size_t count, uint64_t seed) {
  DataSet data;
  data.name = "strokes";
  data.labels.resize(count);
  data.pixels.resize(count * kImagePixels);
  // Each digit and each ten have random numbers of their own, so that a digit depends on the seed
  // and its index alone. Two streams of seeds keep them apart.
  const uint64_t digit_seed = SplitMix::PartSeed(seed, 0);
  const uint64_t classes_seed = SplitMix::PartSeed(seed, 1);
  Canvas canvas;
  std::array<uint8_t, kClasses> classes = {};
  for (size_t i = 0; i < count; ++i) {
    if (i % kClasses == 0) classes = DrawClasses(StrokeRandom(SplitMix::PartSeed(classes_seed, i)));
    data.labels[i] = classes[i % kClasses];
    StrokeRandom random(SplitMix::PartSeed(digit_seed, i));
    const Image image =
        MnistField(canvas.Draw(Write(PickStyle(StylesOf(data.labels[i]), random), random)));
    std::copy(image.begin(), image.end(),
              data.pixels.begin() + static_cast<ptrdiff_t>(i * kImagePixels));
  }
  return data;
}

}  // namespace digits
