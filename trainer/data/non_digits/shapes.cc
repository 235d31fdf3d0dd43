#include "trainer/data/non_digits/shapes.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "server/image/mnist_field.h"
#include "trainer/data/strokes/canvas.h"
#include "trainer/data/strokes/pen.h"
#include "trainer/data/strokes/styles.h"

namespace digits {
namespace {

struct Vertex {
  double x = 0;
  double y = 0;
};

// The corners in order; the last is joined to the first.
using Polygon = std::vector<Vertex>;

// A turn by the angle of whose half `half_tangent` is the tangent.
Vertex Turned(Vertex p, double half_tangent) {
  const double per = 1 / (1 + half_tangent * half_tangent);
  const double cosine = (1 - half_tangent * half_tangent) * per;
  const double sine = 2 * half_tangent * per;
  return {cosine * p.x - sine * p.y, sine * p.x + cosine * p.y};
}

// `corners` on a circle about (0, 0), the first at the top; every second one nearer to the middle
// by `waist`.
Polygon Regular(int corners, double half_tangent, double waist) {
  Polygon polygon;
  Vertex direction = {0, -1};
  for (int i = 0; i < corners; ++i) {
    const double radius = i % 2 == 0 ? 1 : waist;
    polygon.push_back({radius * direction.x, radius * direction.y});
    direction = Turned(direction, half_tangent);
  }
  return polygon;
}

// Tangents of half of 1/3, 1/10, 1/12 and 1/24 of a whole turn.
constexpr double kThird = 1.7320508075688772;
constexpr double kTenth = 0.3249196962329063;
constexpr double kTwelfth = 0.2679491924311227;
constexpr double kTwentyFourth = 0.13165249758739585;

Polygon DrawPolygon(StrokeRandom& random) {
  switch (random.Below(7)) {
    case 0:
      return Regular(24, kTwentyFourth, 1);
    case 1:
      return {{-1, -.7}, {1, -.7}, {1, .7}, {-1, .7}};
    case 2:
      return Regular(3, kThird, 1);
    case 3: {  // a cross
      const double arm = random.Uniform(0.2, 0.4);
      return {{-arm, -1}, {arm, -1}, {arm, -arm}, {1, -arm}, {1, arm},   {arm, arm},
              {arm, 1},   {-arm, 1}, {-arm, arm}, {-1, arm}, {-1, -arm}, {-arm, -arm}};
    }
    case 4:
      return Regular(10, kTenth, random.Uniform(0.35, 0.55));
    case 5:
      return Regular(12, kTwelfth, random.Uniform(0.5, 0.7));
    default: {  // an arrow to the left or to the right
      const double shaft = random.Uniform(0.15, 0.35);
      const double to = random.Below(2) == 0 ? 1 : -1;
      return {{-to, -shaft}, {.1 * to, -shaft}, {.1 * to, -.7}, {to, 0},
              {.1 * to, .7}, {.1 * to, shaft},  {-to, shaft}};
    }
  }
}

// By the even-odd rule.
bool Inside(const Polygon& polygon, Vertex p) {
  bool inside = false;
  Vertex from = polygon.back();
  for (const Vertex to : polygon) {
    if ((from.y > p.y) != (to.y > p.y) &&
        p.x < from.x + (to.x - from.x) * (p.y - from.y) / (to.y - from.y)) {
      inside = !inside;
    }
    from = to;
  }
  return inside;
}

// As large as MNIST's field lets it be.
Image Fill(const Polygon& polygon) {
  constexpr int kSide = 48;
  constexpr double kReach = 1.8;  // of the polygon, from (0, 0)
  std::vector<uint8_t> pixels;
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      int inside = 0;  // of four points in the pixel
      for (const double dy : {0.25, 0.75}) {
        for (const double dx : {0.25, 0.75}) {
          const Vertex p = {(2 * (x + dx) / kSide - 1) * kReach,
                            (2 * (y + dy) / kSide - 1) * kReach};
          inside += Inside(polygon, p) ? 1 : 0;
        }
      }
      pixels.push_back(static_cast<uint8_t>(255 * inside / 4));
    }
  }
  return MnistField(ViewOf(kSide, kSide, pixels));
}

// clang-format off

const std::vector<Style>& OutlinedShapes() {
  static const std::vector<Style>& kShapes = *new std::vector<Style>{
      // A wide rectangle.
      {1, {{{.0, .0, kCorner}, {1.5, .0, kCorner}, {1.5, 1.0, kCorner}, {.0, 1.0, kCorner},
            {.0, .0}}}},
      // A rectangle with its diagonals.
      {1, {{{.0, .0, kCorner}, {1.1, .0, kCorner}, {1.1, 1.0, kCorner}, {.0, 1.0, kCorner},
            {.0, .0}},
           {{.0, .0}, {1.1, 1.0}}, {{1.1, .0}, {.0, 1.0}}}},
      // A triangle.
      {1, {{{.5, .0, kCorner}, {1.0, .95, kCorner}, {.0, .95, kCorner}, {.5, .0}}}},
      // Crosses, upright and lying.
      {1, {{{.5, .0}, {.5, 1.0}}, {{.0, .5}, {1.0, .5}}}},
      {1, {{{.0, .0}, {.9, 1.0}}, {{.9, .0}, {.0, 1.0}}}},
      // A star in one stroke.
      {1, {{{.20, 1.0, kCorner}, {.50, .0, kCorner}, {.80, 1.0, kCorner}, {.02, .38, kCorner},
            {.98, .38, kCorner}, {.20, 1.0}}}},
      // A star of three bars.
      {1, {{{.5, .0}, {.5, 1.0}}, {{.05, .25}, {.95, .75}}, {{.95, .25}, {.05, .75}}}},
      // Arrows to the right, to the left and down.
      {.7, {{{.0, .4}, {1.3, .4}}, {{.85, .0}, {1.3, .4, kCorner}, {.85, .8}}}},
      {.7, {{{.0, .4}, {1.3, .4}}, {{.45, .0}, {.0, .4, kCorner}, {.45, .8}}}},
      {.6, {{{.5, .0}, {.5, 1.0}}, {{.05, .55}, {.5, 1.0, kCorner}, {.95, .55}}}},
      // Two bars each way.
      {1, {{{.32, .0}, {.32, 1.0}}, {{.68, .0}, {.68, 1.0}}, {{.0, .32}, {1.0, .32}},
           {{.0, .68}, {1.0, .68}}}},
      // A zigzag.
      {1, {{{.0, .6}, {.3, .0, kCorner}, {.6, .6, kCorner}, {.9, .0, kCorner}, {1.2, .6, kCorner},
            {1.5, .0}}}},
      // A house.
      {1, {{{.0, .45, kCorner}, {.0, 1.0, kCorner}, {1.0, 1.0, kCorner}, {1.0, .45, kCorner},
            {.5, .0, kCorner}, {.0, .45, kCorner}, {1.0, .45}}}},
  };
  return kShapes;
}

// clang-format on

}  // namespace

Image DrawFilledShape(StrokeRandom& random) {
  Polygon polygon = DrawPolygon(random);
  const double turn = random.Uniform(-0.2, 0.2);
  const double width = random.Uniform(0.85, 1.3);
  for (Vertex& corner : polygon) corner = Turned({width * corner.x, corner.y}, turn);
  return Fill(polygon);
}

Image DrawOutlinedShape(StrokeRandom& random) {
  Canvas canvas;
  return MnistField(canvas.Draw(Write(PickStyle(OutlinedShapes(), random), random)));
}

}  // namespace digits
