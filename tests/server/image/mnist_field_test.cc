#include "server/image/mnist_field.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace digits {
namespace {

using ::testing::Each;
using ::testing::Le;

class Picture {
 public:
  Picture(int width, int height)
      : width_(width),
        height_(height),
        pixels_(static_cast<size_t>(width) * static_cast<size_t>(height)) {}

  uint8_t& at(int x, int y) {
    return pixels_[static_cast<size_t>(y) * static_cast<size_t>(width_) + static_cast<size_t>(x)];
  }
  void Fill(int left, int top, int width, int height, uint8_t value = 255) {
    for (int y = top; y < top + height; ++y) {
      for (int x = left; x < left + width; ++x) at(x, y) = value;
    }
  }
  Image Field() const { return MnistField(ViewOf(width_, height_, pixels_)); }

 private:
  int width_;
  int height_;
  std::vector<uint8_t> pixels_;
};

// A slanted 7 of filled parallelograms, `scale` times as large as 30 x 40, its corner at (left,
// top).
Picture Seven(int side, int left, int top, int scale) {
  Picture picture(side, side);
  picture.Fill(left, top, 30 * scale, 5 * scale);
  for (int y = 5; y < 40; ++y) {
    picture.Fill(left + (25 - y / 2) * scale, top + y * scale, 5 * scale, scale);
  }
  return picture;
}

struct Box {
  int left = kImageSide;
  int top = kImageSide;
  int right = -1;   // the last column with ink
  int bottom = -1;  // the last row with ink
  int width() const { return right - left + 1; }
  int height() const { return bottom - top + 1; }
};

uint8_t At(const Image& image, int x, int y) {
  return image[static_cast<size_t>(y) * kImageSide + static_cast<size_t>(x)];
}

Box BoxOf(const Image& image) {
  Box box;
  for (int y = 0; y < kImageSide; ++y) {
    for (int x = 0; x < kImageSide; ++x) {
      if (At(image, x, y) == 0) continue;
      box = {std::min(box.left, x), std::min(box.top, y), std::max(box.right, x),
             std::max(box.bottom, y)};
    }
  }
  return box;
}

struct Point {
  double x = 0;
  double y = 0;
};

Point CentreOfMass(const Image& image) {
  double mass = 0;
  Point moment;
  for (int y = 0; y < kImageSide; ++y) {
    for (int x = 0; x < kImageSide; ++x) {
      mass += At(image, x, y);
      moment.x += x * At(image, x, y);
      moment.y += y * At(image, x, y);
    }
  }
  return {moment.x / mass, moment.y / mass};
}

std::vector<int> Differences(const Image& a, const Image& b) {
  std::vector<int> differences;
  for (size_t i = 0; i < kImagePixels; ++i) differences.push_back(std::abs(a[i] - b[i]));
  return differences;
}

TEST(MnistField, FitsTheInkInto20x20KeepingItsAspect) {
  struct Case {
    int width, height, fitted_width, fitted_height;
  };
  for (const Case& c : {Case{60, 80, 15, 20}, Case{80, 60, 20, 15}, Case{50, 50, 20, 20},
                        Case{10, 5, 20, 10}, Case{7, 20, 7, 20}, Case{33, 100, 7, 20}}) {
    SCOPED_TRACE(testing::Message() << c.width << "x" << c.height);
    Picture picture(120, 120);
    picture.Fill(11, 3, c.width, c.height);
    const Box box = BoxOf(picture.Field());
    EXPECT_EQ(box.width(), c.fitted_width);
    EXPECT_EQ(box.height(), c.fitted_height);
  }
}

TEST(MnistField, PutsTheCentreOfMassWithinHalfAPixelOfPixel14) {
  const Point centre = CentreOfMass(Seven(200, 20, 30, 2).Field());
  EXPECT_NEAR(centre.x, 14, 0.5);
  EXPECT_NEAR(centre.y, 14, 0.5);
}

TEST(MnistField, LeavesADigitOfMnistsSizeAsItIs) {
  // 20 pixels long with its mass centred: the field that it is cut from comes back.
  Image digit = {};
  for (int y = 4; y < 24; ++y) {
    for (int x = 12; x < 17; ++x) {
      digit[static_cast<size_t>(y) * kImageSide + static_cast<size_t>(x)] =
          static_cast<uint8_t>(100 + 5 * y + x);
    }
  }
  EXPECT_EQ(MnistField(ViewOf(kImageSide, kImageSide, digit)), digit);
}

TEST(MnistField, AveragesTheAreaThatAPixelCovers) {
  // 30 to 20: a pixel covers one and a half pixels on each axis, 2.25 in all.
  Picture picture(30, 30);
  picture.Fill(0, 0, 30, 30, 90);
  picture.at(0, 0) = 180;  // the whole of it in the first
  picture.at(1, 1) = 180;  // a quarter of it in each of four
  const Image field = picture.Field();
  const Box box = BoxOf(field);
  EXPECT_EQ(At(field, box.left, box.top), 140);      // 90 + 90 * 1.25 / 2.25
  EXPECT_EQ(At(field, box.left + 1, box.top), 100);  // 90 + 90 * 0.25 / 2.25
  EXPECT_EQ(At(field, box.left + 5, box.top + 5), 90);
}

TEST(MnistField, InterpolatesLinearlyWhenItEnlarges) {
  // Two pixels, black and white, on a bar: a ramp between their centres.
  Picture picture(2, 2);
  picture.Fill(0, 0, 1, 2, 40);
  picture.Fill(1, 0, 1, 2, 240);
  const Image field = picture.Field();
  const Box box = BoxOf(field);
  ASSERT_EQ(box.width(), 20);
  // The centre of target pixel t is at source (t + 0.5) / 10; the source's centres are 0.5 and 1.5.
  EXPECT_EQ(At(field, box.left + 5, box.top + 10), 50);   // 40 + 200 * 0.05
  EXPECT_EQ(At(field, box.left + 9, box.top + 10), 130);  // 40 + 200 * 0.45
  EXPECT_EQ(At(field, box.left + 14, box.top + 10), 230);
}

TEST(MnistField, IsTheSameWhereverTheInkIs) {
  const Image field = Seven(128, 0, 0, 1).Field();
  EXPECT_EQ(Seven(128, 97, 3, 1).Field(), field);
  EXPECT_EQ(Seven(60, 11, 20, 1).Field(), field);
}

TEST(MnistField, IsTheSameHoweverLargeTheInkIs) {
  const Image field = Seven(48, 2, 2, 1).Field();
  EXPECT_THAT(Differences(Seven(100, 7, 7, 2).Field(), field), Each(Le(1)));
  EXPECT_THAT(Differences(Seven(600, 7, 7, 11).Field(), field), Each(Le(1)));
}

TEST(MnistField, MakesABlankImageOfABlankOrEmptyPicture) {
  const Image blank = {};
  EXPECT_EQ(Picture(100, 50).Field(), blank);
  EXPECT_EQ(Picture(0, 0).Field(), blank);
  EXPECT_EQ(Picture(0, 7).Field(), blank);
  EXPECT_EQ(Picture(7, 0).Field(), blank);
  EXPECT_EQ(Picture(1, 1).Field(), blank);
}

TEST(MnistField, EnlargesASinglePixelToABlob) {
  Picture picture(40, 40);
  picture.at(39, 0) = 255;
  const Image field = picture.Field();
  const Box box = BoxOf(field);
  EXPECT_EQ(box.width(), 20);
  EXPECT_EQ(box.height(), 20);
  EXPECT_GT(At(field, 14, 14), 230);
}

TEST(MnistField, KeepsAHairlineOnePixelWide) {
  Picture upright(500, 500);
  upright.Fill(250, 0, 1, 500);
  Image field = upright.Field();
  EXPECT_EQ(BoxOf(field).width(), 1);
  EXPECT_EQ(BoxOf(field).height(), 20);
  EXPECT_EQ(BoxOf(field).left, 14);
  EXPECT_EQ(At(field, 14, 14), 255);

  Picture wide(20000, 1);
  wide.Fill(0, 0, 20000, 1);
  field = wide.Field();
  EXPECT_EQ(BoxOf(field).width(), 20);
  EXPECT_EQ(BoxOf(field).height(), 1);
  EXPECT_EQ(BoxOf(field).top, 14);
}

TEST(MnistField, StopsAtTheBorderInkWhoseMassIsFarFromItsMiddle) {
  struct Case {
    int block_x, block_y, far_x, far_y;  // a heavy block, and a dot that widens the box
    Box box;
  };
  for (const Case& c : {Case{0, 0, 99, 99, {8, 8, 27, 27}}, Case{70, 70, 0, 0, {0, 0, 19, 19}},
                        Case{70, 0, 0, 99, {0, 8, 19, 27}}}) {
    SCOPED_TRACE(testing::Message() << c.block_x << ", " << c.block_y);
    Picture picture(100, 100);
    picture.Fill(c.block_x, c.block_y, 30, 30);
    picture.at(c.far_x, c.far_y) = 255;
    const Box box = BoxOf(picture.Field());
    EXPECT_EQ(box.left, c.box.left);
    EXPECT_EQ(box.top, c.box.top);
    EXPECT_EQ(box.right, c.box.right);
    EXPECT_EQ(box.bottom, c.box.bottom);
  }
}

TEST(MnistField, IsBlankWhereTheInkIsTooFaintToSeeOnceFitted) {
  Picture picture(1000, 1000);
  picture.at(0, 0) = 1;
  picture.at(999, 999) = 1;
  EXPECT_EQ(picture.Field(), Image{});
}

}  // namespace
}  // namespace digits
