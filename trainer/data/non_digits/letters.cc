#include "trainer/data/non_digits/letters.h"

#include <vector>

#include "server/image/mnist_field.h"
#include "trainer/data/strokes/canvas.h"
#include "trainer/data/strokes/pen.h"
#include "trainer/data/strokes/styles.h"

namespace digits {
namespace {

using Styles = std::vector<Style>;

// clang-format off

const Styles& Capitals() {
  static const Styles& kLetters = *new Styles{
      // A
      {1, {{{.0, 1.0}, {.38, .0, kCorner}, {.76, 1.0}}, {{.16, .62}, {.62, .62}}}},
      // E
      {.5, {{{.06, .0}, {.04, 1.0}}, {{.06, .02}, {.60, .0}}, {{.05, .48}, {.48, .47}},
            {{.04, .98}, {.62, .97}}}},
      {.5, {{{.58, .02}, {.06, .02, kCorner}, {.04, .98, kCorner}, {.60, .98}},
            {{.05, .50}, {.44, .48}}}},
      // F
      {1, {{{.06, .0}, {.04, 1.0}}, {{.06, .02}, {.64, .0}}, {{.05, .46}, {.50, .45}}}},
      // H
      {1, {{{.04, .0}, {.04, 1.0}}, {{.66, .0}, {.66, 1.0}}, {{.04, .50}, {.66, .48}}}},
      // K
      {1, {{{.05, .0}, {.04, 1.0}}, {{.62, .02}, {.06, .55, kCorner}, {.66, 1.0}}}},
      // M
      {1, {{{.0, 1.0}, {.08, .0, kCorner}, {.44, .66, kCorner}, {.80, .0, kCorner}, {.88, 1.0}}}},
      // N
      {1, {{{.04, 1.0}, {.05, .0, kCorner}, {.66, 1.0, kCorner}, {.67, .0}}}},
      // R
      {1, {{{.05, .0}, {.04, 1.0}},
           {{.0, .04}, {.40, .0}, {.60, .20}, {.46, .44}, {.08, .52, kCorner}, {.66, 1.0}}}},
      // W
      {1, {{{.0, .0}, {.22, 1.0, kCorner}, {.48, .30, kCorner}, {.74, 1.0, kCorner}, {.98, .0}}}},
      // X
      {1, {{{.0, .0}, {.70, 1.0}}, {{.72, .0}, {.0, 1.0}}}},
  };
  return kLetters;
}

const Styles& OtherLetters() {
  static const Styles& kLetters = *new Styles{
      // P
      {1, {{{.06, .0}, {.04, 1.0}},
           {{.0, .04}, {.40, .0}, {.62, .22}, {.46, .48}, {.06, .54}}}},
      // T
      {1, {{{.0, .02}, {.84, .0}}, {{.42, .01}, {.42, 1.0}}}},
      // U
      {1, {{{.04, .0}, {.04, .60}, {.14, .92}, {.38, 1.0}, {.64, .90}, {.72, .58}, {.72, .0}}}},
      // V
      {1, {{{.0, .0}, {.40, 1.0, kCorner}, {.80, .0}}}},
      // h
      {1, {{{.05, .0}, {.04, 1.0, kCorner}, {.06, .66}, {.26, .46}, {.46, .54}, {.52, .78},
            {.54, 1.0}}}},
      // k
      {1, {{{.05, .0}, {.04, 1.0}}, {{.52, .38}, {.06, .70, kCorner}, {.58, 1.0}}}},
      // m
      {1, {{{.03, .10}, {.04, .74, kCorner}, {.10, .24}, {.28, .06}, {.42, .22}, {.44, .74, kCorner},
            {.50, .24}, {.68, .06}, {.84, .22}, {.86, .76}}}},
      // Pi
      {1, {{{.05, .0}, {.03, 1.0}}, {{.69, .0}, {.70, 1.0}}, {{.0, .01}, {.78, .0}}}},
      // Sigma
      {1, {{{.70, .02}, {.04, .02, kCorner}, {.42, .48, kCorner}, {.03, .98, kCorner},
            {.72, .97}}}},
      // Psi
      {1, {{{.0, .04}, {.04, .40}, {.24, .62}, {.50, .64}, {.76, .60}, {.94, .40}, {.98, .02}},
           {{.49, .0}, {.48, 1.0}}}},
      // Omega
      {1, {{{.0, .98}, {.28, .96, kCorner}, {.10, .64}, {.08, .28}, {.30, .03}, {.58, .01},
            {.82, .26}, {.82, .62}, {.62, .97, kCorner}, {.92, .97}}}},
      // Zhe
      {1, {{{.50, .0}, {.50, 1.0}}, {{.0, .02}, {.46, .48, kCorner}, {.0, 1.0}},
           {{1.0, .02}, {.54, .48, kCorner}, {1.0, 1.0}}}},
      // Sha
      {1, {{{.04, .0}, {.04, .98, kCorner}, {.96, .98, kCorner}, {.96, .0}},
           {{.50, .0}, {.50, .98}}}},
  };
  return kLetters;
}

// clang-format on

Image DrawOneOf(const Styles& styles, StrokeRandom& random) {
  Canvas canvas;
  return MnistField(canvas.Draw(Write(PickStyle(styles, random), random)));
}

}  // namespace

Image DrawCapital(StrokeRandom& random) { return DrawOneOf(Capitals(), random); }
Image DrawOtherLetter(StrokeRandom& random) { return DrawOneOf(OtherLetters(), random); }

}  // namespace digits
