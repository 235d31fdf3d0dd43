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

TEST(PictureTest, WeightsAreMoreOpaqueTheFurtherFromZero) {
  std::array<float, kImagePixels> weights = {0.0f, 0.5f, -0.5f, 1.0f, -1.0f, 7.0f};
  const auto picture = WeightsPicture(weights, 1.0f, "unit 0");
  ASSERT_TRUE(picture.ok()) << picture.status();
  const std::vector<uint8_t> pixels = PixelsOf(*picture);
  ASSERT_EQ(pixels.size(), 4 * kImagePixels);
  const int alphas[] = {0, 128, 128, 255, 255, 255};
  for (size_t i = 0; i < 6; ++i) EXPECT_EQ(pixels[4 * i + 3], alphas[i]) << i;
  const auto red = [&](size_t i) { return pixels[4 * i]; };
  const auto blue = [&](size_t i) { return pixels[4 * i + 2]; };
  EXPECT_GT(red(3), blue(3)) << "above zero is orange";
  EXPECT_LT(red(4), blue(4)) << "below zero is blue";
}

}  // namespace
}  // namespace digits
