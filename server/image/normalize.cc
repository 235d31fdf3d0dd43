#include "server/image/normalize.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "server/image/ink.h"
#include "server/image/mnist_field.h"
#include "server/image/morphology.h"
#include "server/image/resample.h"
#include "server/image/specks.h"
#include "server/image/stroke_width.h"

namespace digits {
namespace {

// The longer side of what is worked on.
constexpr int kWorkSide = 256;
// Ink that takes less of the picture's longer side is looked at again, closer.
constexpr double kCloseEnough = 0.5;
// Of the ink's longer side: how much paper is left around it.
constexpr double kMargin = 0.25;

// Of the widths of MNIST's strokes, in its pixels: what lies beyond is one in a hundred.
constexpr double kThinnest = 1.6;
constexpr double kThickest = 4.7;
constexpr int kFine = 4;  // pixels to one of MNIST's, where strokes are made thinner or thicker

struct Ink {
  Plane plane;
  Box box;  // of all that is not 0; not empty
};

PlaneView Shrunk(const PlaneView& picture, Plane& memory) {
  const int64_t longer = std::max(picture.width, picture.height);
  if (longer <= kWorkSide) return picture;
  const auto side = [longer](int64_t full) {
    return static_cast<int>(std::max<int64_t>(1, full * kWorkSide / longer));
  };
  memory = Resample(picture, side(picture.width), side(picture.height));
  return memory.View();
}

std::optional<Ink> FindInk(const PlaneView& picture, Paper paper) {
  std::optional<Plane> plane = SeparateInk(picture, paper);
  if (!plane) return std::nullopt;
  Ink ink = {*std::move(plane), {}};
  ink.box = RemoveSpecks(ink.plane);
  if (ink.box.x.size() <= 0) return std::nullopt;
  return ink;
}

// `part` of one that is `work` pixels long, with a margin, in the `full` pixels that these stand
// for.
Range Widened(Range part, double margin, int work, int full) {
  const double scale = static_cast<double>(full) / work;
  return {std::max(0, static_cast<int>(std::floor((part.begin - margin) * scale))),
          std::min(full, static_cast<int>(std::ceil((part.end + margin) * scale)))};
}

// `ink` with strokes about as thick as MNIST's.
Image FieldOf(const PlaneView& ink) {
  const int longer = std::max(ink.width, ink.height);
  const double width = StrokeWidth(ink) * kInkSide / longer;
  if (width >= kThinnest && width <= kThickest) return MnistField(ink);
  // The strokes' ends grow and shrink with their sides, and what is fitted with them.
  const int side = kFine * kInkSide;
  const auto fine_side = [&](int full) { return std::max(1, full * side / longer); };
  const Plane fine = Resample(ink, fine_side(ink.width), fine_side(ink.height));
  const double wanted = std::clamp(width, kThinnest, kThickest);
  const int reach = static_cast<int>(std::lround(kFine * (wanted - width) / 2));
  return MnistField(Thickened(fine.View(), reach).View());
}

}  // namespace

std::optional<Image> Normalize(const PlaneView& picture) {
  if (picture.width < 1 || picture.height < 1) return std::nullopt;
  Plane memory;
  const PlaneView small = Shrunk(picture, memory);
  const Paper paper = FindPaper(small);
  std::optional<Ink> ink = FindInk(small, paper);
  if (!ink) return std::nullopt;

  const int longer = std::max(ink->box.x.size(), ink->box.y.size());
  const bool shrunk = small.pixels != picture.pixels;
  if (shrunk && longer < kCloseEnough * std::max(small.width, small.height)) {
    const double margin = kMargin * longer + 1;
    const PlaneView part =
        picture.Part({Widened(ink->box.x, margin, small.width, picture.width),
                      Widened(ink->box.y, margin, small.height, picture.height)});
    Plane part_memory;
    if (std::optional<Ink> closer = FindInk(Shrunk(part, part_memory), paper)) {
      ink = std::move(closer);
    }
  }
  return FieldOf(ink->plane.View().Part(ink->box));
}

}  // namespace digits
