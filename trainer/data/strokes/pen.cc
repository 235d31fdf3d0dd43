#include "trainer/data/strokes/pen.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace digits {
namespace {

constexpr double kStep = 0.04;  // between two moments of a trace

struct Point {
  double x = 0;
  double y = 0;
};

Point operator+(Point a, Point b) { return {a.x + b.x, a.y + b.y}; }
Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
Point operator*(double s, Point a) { return {s * a.x, s * a.y}; }
double Length(Point a) { return std::sqrt(a.x * a.x + a.y * a.y); }

using Path = std::vector<Point>;

// A smooth displacement of the whole plane, a cubic in x and y: it makes one loop larger and
// another smaller, bows what is straight, and so on.
struct Warp {
  std::array<Point, 7> terms;

  Point At(Point p) const {
    const double x = 2 * p.x - 0.6;  // from -1 to 1 over a digit
    const double y = 2 * p.y - 1;
    const std::array<double, 7> powers = {x * x,     x * y,     y * y,    x * x * x,
                                          x * x * y, x * y * y, y * y * y};
    Point moved = p;
    for (size_t i = 0; i < powers.size(); ++i) moved = moved + powers[i] * terms[i];
    return moved;
  }
};

// What makes one digit of one writer differ from the style. Slant, width and the nib's radius
// spread about as they do in MNIST.
struct Hand {
  double slant;     // the run to the right for one up
  double turn;      // of the paper: the tangent of half the angle
  double width;     // of the digit, beside the style's
  double radius;    // of the nib
  double pressure;  // how much wider it writes where the pen is slow, as a share of the radius
  double taper;     // how much narrower it begins and ends, as a share of the radius
  double haste;     // the length over which a quick pen cuts its corners
  double jitter;    // how far knots go astray, standard deviation
  Warp warp;
};

// A factor about 1, as likely a half as two.
double Factor(double deviation, StrokeRandom& random) {
  const double z = random.Normal(0, deviation);
  return z < 0 ? 1 / (1 - z) : 1 + z;
}

Hand DrawHand(StrokeRandom& random) {
  Hand hand = {};
  hand.slant = random.Normal(0.2, 0.22);
  hand.turn = random.Normal(0, 0.06);
  hand.width = 1.15 * Factor(0.18, random);
  hand.radius = 0.073 * Factor(0.28, random);
  hand.pressure = random.Uniform(0, 0.35);
  hand.taper = random.Uniform(0, 0.4);
  hand.haste = random.Uniform(0, 0.2);
  hand.jitter = random.Uniform(0.03, 0.09);
  for (Point& term : hand.warp.terms) term = {random.Normal(0, 0.05), random.Normal(0, 0.05)};
  return hand;
}

// The point of the centripetal Catmull-Rom spline between b and c, at t from 0 to 1 (Yuksel et al.,
// "Parameterization and applications of Catmull-Rom curves", 2011; evaluated as Barry and Goldman).
Point Spline(Point a, Point b, Point c, Point d, double t) {
  const auto knot = [](Point from, Point to) {
    return std::max(1e-6, std::sqrt(Length(to - from)));
  };
  const double ta = -knot(a, b);
  const double tc = knot(b, c);
  const double td = tc + knot(c, d);
  t *= tc;
  const auto between = [t](Point from, Point to, double t0, double t1) {
    return (t1 - t) / (t1 - t0) * from + (t - t0) / (t1 - t0) * to;
  };
  const Point ab = between(a, b, ta, 0);
  const Point bc = between(b, c, 0, tc);
  const Point cd = between(c, d, tc, td);
  return between(between(ab, bc, ta, tc), between(bc, cd, 0, td), 0, tc);
}

// The curve through a stroke's knots.
Path Curve(const Stroke& stroke) {
  constexpr int kPieces = 8;  // from one knot to the next
  const auto at = [&](size_t i) { return Point{stroke[i].x, stroke[i].y}; };
  Path path = {at(0)};
  for (size_t i = 0; i + 1 < stroke.size(); ++i) {
    const Point b = at(i);
    const Point c = at(i + 1);
    // At an end or a corner the curve sets out straight.
    const Point a = i == 0 || stroke[i].corner ? 2 * b - c : at(i - 1);
    const Point d = i + 2 == stroke.size() || stroke[i + 1].corner ? 2 * c - b : at(i + 2);
    for (int piece = 1; piece <= kPieces; ++piece) {
      path.push_back(Spline(a, b, c, d, static_cast<double>(piece) / kPieces));
    }
  }
  return path;
}

// The same path in steps of kStep.
Path EvenSteps(const Path& path) {
  Path even = {path.front()};
  double left = kStep;  // to the next point
  for (size_t i = 1; i < path.size(); ++i) {
    const Point step = path[i] - path[i - 1];
    const double length = Length(step);
    double done = 0;
    while (length - done >= left) {
      done += left;
      even.push_back(path[i - 1] + (done / length) * step);
      left = kStep;
    }
    left -= length - done;
  }
  even.push_back(path.back());
  return even;
}

// A pen in haste cuts corners: each point is the mean of what lies within `reach` on both sides, or
// as near as the ends are.
Path Hurried(const Path& path, double reach) {
  const size_t most = static_cast<size_t>(reach / kStep);
  Path hurried;
  for (size_t i = 0; i < path.size(); ++i) {
    const size_t side = std::min({most, i, path.size() - 1 - i});
    Point sum;
    for (size_t j = i - side; j <= i + side; ++j) sum = sum + path[j];
    hurried.push_back((1.0 / static_cast<double>(2 * side + 1)) * sum);
  }
  return hurried;
}

// How sharply the path turns at i, from 0 (straight on) to 1 (back).
double Turn(const Path& path, size_t i) {
  constexpr size_t kReach = 2;
  const Point before = path[i] - path[i - std::min(i, kReach)];
  const Point after = path[std::min(i + kReach, path.size() - 1)] - path[i];
  const double lengths = Length(before) * Length(after);
  if (lengths == 0) return 0;
  return (1 - (before.x * after.x + before.y * after.y) / lengths) / 2;
}

Point Placed(Point p, const Hand& hand) {
  p = hand.warp.At(p);
  p = {hand.width * p.x - hand.slant * p.y, p.y};
  const double t = hand.turn;
  const double cosine = (1 - t * t) / (1 + t * t);
  const double sine = 2 * t / (1 + t * t);
  return {cosine * p.x - sine * p.y, sine * p.x + cosine * p.y};
}

// The stroke as the hand remembers it. Knots that lie close together stray less, or a small turn
// would become a dent.
Stroke Astray(const Stroke& stroke, double jitter, StrokeRandom& random) {
  constexpr double kFarApart = 0.35;
  const auto apart = [&](size_t i, size_t j) {
    return Length(Point{stroke[i].x, stroke[i].y} - Point{stroke[j].x, stroke[j].y});
  };
  const Point shift = {random.Normal(0, jitter / 2), random.Normal(0, jitter / 2)};
  Stroke astray = stroke;
  for (size_t i = 0; i < stroke.size(); ++i) {
    double nearest = kFarApart;
    if (i > 0) nearest = std::min(nearest, apart(i, i - 1));
    if (i + 1 < stroke.size()) nearest = std::min(nearest, apart(i, i + 1));
    const double deviation = jitter * nearest / kFarApart;
    astray[i].x += shift.x + random.Normal(0, deviation);
    astray[i].y += shift.y + random.Normal(0, deviation);
  }
  return astray;
}

Trace WriteStroke(const Stroke& stroke, const Hand& hand, StrokeRandom& random) {
  Path path = Hurried(EvenSteps(Curve(Astray(stroke, hand.jitter, random))), hand.haste);
  for (Point& p : path) p = Placed(p, hand);
  Trace trace;
  for (size_t i = 0; i < path.size(); ++i) {
    const double from_end = kStep * static_cast<double>(std::min(i, path.size() - 1 - i));
    // The pen is slow where it turns.
    const double slow = std::min(1.0, 3 * Turn(path, i)) - 0.3;
    const double tapered = hand.taper * std::max(0.0, 1 - from_end / 0.15);
    trace.push_back(
        {path[i].x, path[i].y, hand.radius * (1 + hand.pressure * slow) * (1 - tapered)});
  }
  return trace;
}

}  // namespace

std::vector<Trace> Write(const Style& style, StrokeRandom& random) {
  const Hand hand = DrawHand(random);
  std::vector<Trace> traces;
  for (const Stroke& stroke : style.strokes) traces.push_back(WriteStroke(stroke, hand, random));
  return traces;
}

}  // namespace digits
