#include "trainer/data/data_set.h"

#include <gtest/gtest.h>

namespace digits {
namespace {

// The hashes are sha256sum's.
TEST(DataSetTest, HashOfNothingIsThatOfNoBytes) {
  EXPECT_EQ(Sha256({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(DataSetTest, HashIsThatOfThePixelsFollowedByTheLabels) {
  DataSet data;
  data.pixels.assign(kImagePixels, 7);
  data.labels = {3};
  EXPECT_EQ(Sha256(data), "95b6793b63dd7d2d2d5e8c405d30317a3b5853babdcea4135563fd96620e26ae");
}

TEST(DataSetTest, HashKnowsNothingOfNames) {
  DataSet data;
  data.pixels.assign(kImagePixels, 7);
  DataSet other = data;
  other.name = "other";
  other.sources = {"a.png"};
  EXPECT_EQ(Sha256(data), Sha256(other));
}

TEST(DataSetTest, ImagesLieOneAfterAnother) {
  DataSet data;
  data.pixels.assign(2 * kImagePixels, 0);
  data.pixels[kImagePixels] = 9;
  ASSERT_EQ(data.size(), 2u);
  EXPECT_EQ(data.image(0)[0], 0);
  EXPECT_EQ(data.image(1)[0], 9);
}

}  // namespace
}  // namespace digits
