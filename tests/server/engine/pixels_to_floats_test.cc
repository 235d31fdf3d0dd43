#include "server/engine/pixels_to_floats.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "tests/server/simd/every_cpu.h"

namespace digits {
namespace {

using PixelsToFloatsTest = EveryCpuTest;

TEST_P(PixelsToFloatsTest, PixelsBecomeTheirShareOfTheScale) {
  std::vector<uint8_t> pixels(256);
  std::iota(pixels.begin(), pixels.end(), uint8_t{0});
  for (const size_t size : {0, 1, 15, 16, 255, 256}) {
    std::vector<float> values(256, -1);
    PixelsToFloats(pixels.data(), size, 1.0f / 255, values.data());
    for (size_t i = 0; i < 256; ++i) {
      EXPECT_EQ(values[i], i < size ? static_cast<float>(i) * (1.0f / 255) : -1) << size;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Cpus, PixelsToFloatsTest, testing::ValuesIn(EveryCpu()), CpuNameOfTest);

}  // namespace
}  // namespace digits
