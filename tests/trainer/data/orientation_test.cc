#include "trainer/data/orientation.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/trainer/data/test_files.h"

namespace digits {
namespace {

using ::testing::ElementsAreArray;

// One entry of IFD 0: the orientation, as Exif 2.3 lays it out.
std::string Exif(bool big_endian, int orientation) {
  const auto low = static_cast<char>(orientation);
  if (big_endian) {
    return std::string("Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 25) + low +
           std::string(6, '\0');
  }
  return std::string("Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", 24) + low +
         std::string(7, '\0');
}

// By PIL 9.4: ImageOps.exif_transpose() of a picture of 3 by 2 with the pixels 1 to 6.
TEST(OrientationTest, EachOfTheEightTurnsAPictureUpright) {
  const struct {
    int width;
    std::vector<uint8_t> pixels;
  } table[] = {
      {3, {1, 2, 3, 4, 5, 6}}, {3, {3, 2, 1, 6, 5, 4}}, {3, {6, 5, 4, 3, 2, 1}},
      {3, {4, 5, 6, 1, 2, 3}}, {2, {1, 4, 2, 5, 3, 6}}, {2, {4, 1, 5, 2, 6, 3}},
      {2, {6, 3, 5, 2, 4, 1}}, {2, {3, 6, 2, 5, 1, 4}},
  };
  for (int orientation = 1; orientation <= 8; ++orientation) {
    SCOPED_TRACE(orientation);
    Plane picture(3, 2);
    picture.pixels = {1, 2, 3, 4, 5, 6};
    const Plane upright = Upright(picture, orientation);
    const auto& expected = table[orientation - 1];
    EXPECT_EQ(upright.width, expected.width);
    EXPECT_EQ(upright.height, 6 / expected.width);
    EXPECT_THAT(upright.pixels, ElementsAreArray(expected.pixels));
  }
}

TEST(OrientationTest, IsReadInBothByteOrders) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    EXPECT_EQ(ExifOrientation(Exif(/*big_endian=*/true, orientation)), orientation);
    EXPECT_EQ(ExifOrientation(Exif(/*big_endian=*/false, orientation)), orientation);
  }
}

TEST(OrientationTest, IsUprightWhereExifTellsNoneOfTheEight) {
  const std::string good = Exif(true, 6);
  for (const std::string& exif :
       {std::string(), std::string("Exif\0\0", 6), good.substr(0, 20), good.substr(6),
        Exif(true, 0), Exif(true, 9), Exif(false, 255), std::string(2 << 20, '\xff')}) {
    EXPECT_EQ(ExifOrientation(exif), 1);
  }
}

}  // namespace
}  // namespace digits
