// Pictures taken in row by row and kept small, and what no picture may exceed.
#ifndef DIGITS_TRAINER_DATA_SHRINKING_PLANE_H_
#define DIGITS_TRAINER_DATA_SHRINKING_PLANE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "server/image/plane.h"

namespace digits {

inline constexpr int64_t kMaxPictureSide = 65'535;
inline constexpr int64_t kMaxPicturePixels = 100'000'000;
// Of pictures that are decoded only as a whole: interlaced PNG, progressive JPEG.
inline constexpr int64_t kMaxWholePixels = 25'000'000;

// What is wrong with a picture's size as its header tells it: InvalidArgument, `name` standing for
// the file. `whole`: it is decoded only as a whole.
absl::Status CheckPictureSize(int64_t width, int64_t height, bool whole, std::string_view name);

// The least whole number by which a picture is divided so that neither side of what is kept is
// above 2,048 pixels. A JPEG is divided by 2, 4 or 8 of it in decoding, and by this again.
int ShrinkingFactor(int width, int height);

// Averages squares of ShrinkingFactor pixels a side, smaller ones at the right and the bottom.
class ShrinkingPlane {
 public:
  // Both sides are at least 1.
  ShrinkingPlane(int width, int height);

  // The next of `height` rows: `width` pixels.
  void AddRow(std::span<const uint8_t> pixels);

  // After the last row. Rounds to the nearest level.
  Plane Take() && { return std::move(plane_); }

 private:
  void FinishRow();

  const int width_;
  const int height_;
  const int factor_;
  Plane plane_;
  int rows_ = 0;                // taken in
  std::vector<uint32_t> sums_;  // of the row of squares under way
};

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_SHRINKING_PLANE_H_
