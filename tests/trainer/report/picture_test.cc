#include "trainer/report/picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <png.h>

#include <array>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"

namespace digits {
namespace {

using testing::HasSubstr;

// The pixels of the picture in an <img>, as libpng reads them; RGBA.
std::vector<uint8_t> PixelsOf(const Html& picture) {
  const std::string& markup = picture.markup();
  const std::string start = "<img src=\"data:image/png;base64,";
  if (!markup.starts_with(start)) return {};
  std::string bytes;
  const std::string base64 =
      markup.substr(start.size(), markup.find('"', start.size()) - start.size());
  if (!absl::Base64Unescape(base64, &bytes)) return {};
  png_image png = {};
  png.version = PNG_IMAGE_VERSION;
  if (!png_image_begin_read_from_memory(&png, bytes.data(), bytes.size())) return {};
  png.format = PNG_FORMAT_RGBA;
  std::vector<uint8_t> pixels(PNG_IMAGE_SIZE(png));
  if (!png_image_finish_read(&png, nullptr, pixels.data(), 0, nullptr)) return {};
  return pixels;
}

TEST(PictureTest, AnImageIsThereAsItIs) {
  Image image = {};
  image[0] = 255;
  image[29] = 7;
  const auto picture = ImagePicture(image, "a <7>");
  ASSERT_TRUE(picture.ok()) << picture.status();
  const std::vector<uint8_t> pixels = PixelsOf(*picture);
  ASSERT_EQ(pixels.size(), 4 * kImagePixels);
  EXPECT_EQ(pixels[0], 255);
  EXPECT_EQ(pixels[4], 0);
  EXPECT_EQ(pixels[4 * 29], 7);
  EXPECT_THAT(picture->markup(), HasSubstr("alt=\"a &lt;7&gt;\""));
}

TEST(PictureTest, WeightsGoFromDarkBlueThroughGreyToLightOrange) {
  std::array<float, kImagePixels> weights = {-7.0f, -1.0f, -0.5f, 0.0f, 0.5f, 1.0f, 7.0f};
  const auto picture = WeightsPicture(weights, 1.0f, "unit 0");
  ASSERT_TRUE(picture.ok()) << picture.status();
  const std::vector<uint8_t> pixels = PixelsOf(*picture);
  ASSERT_EQ(pixels.size(), 4 * kImagePixels);
  const auto at = [&](size_t i, size_t channel) {
    return static_cast<int>(pixels[4 * i + channel]);
  };
  // Luma by ITU-R BT.601, in thousandths of a grey level.
  const auto luma = [&](size_t i) { return 299 * at(i, 0) + 587 * at(i, 1) + 114 * at(i, 2); };
  for (size_t i = 2; i < 6; ++i) {
    EXPECT_GT(luma(i), luma(i - 1) + 20'000) << "without colours too: " << i;
  }
  EXPECT_GT(at(1, 2), at(1, 0)) << "below zero is blue";
  EXPECT_GT(at(5, 0), at(5, 2)) << "above zero is orange";
  EXPECT_EQ(at(3, 0), at(3, 2)) << "zero is grey";
  for (size_t channel = 0; channel < 4; ++channel) {
    EXPECT_EQ(at(0, channel), at(1, channel)) << "beyond the limit";
    EXPECT_EQ(at(6, channel), at(5, channel)) << "beyond the limit";
  }
}

}  // namespace
}  // namespace digits
