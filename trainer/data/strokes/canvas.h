// Draws traces of the pen as grayscale ink.
#ifndef DIGITS_TRAINER_DATA_STROKES_CANVAS_H_
#define DIGITS_TRAINER_DATA_STROKES_CANVAS_H_

#include <cstdint>
#include <span>
#include <vector>

#include "server/image/plane.h"
#include "trainer/data/strokes/pen.h"

namespace digits {

// A square of paper.
class Canvas {
 public:
  Canvas();

  // Draws the traces anew, as large as the canvas allows, with anti-aliased edges.
  // The view lasts until the next call.
  PlaneView Draw(std::span<const Trace> traces);

 private:
  void DrawSegment(const Nib& from, const Nib& to);

  std::vector<uint8_t> pixels_;
};

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_STROKES_CANVAS_H_
