#include "trainer/data/npz.h"

#include <gmock/gmock.h>

#include "tests/trainer/data/test_files.h"
#include "trainer/data/npy.h"

namespace digits {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kTwoImages(1568, '\x05');

std::string Images(const std::string& shape = "(2, 28, 28)") {
  return Npy("|u1", shape, kTwoImages);
}

std::string Labels() { return Npy("|u1", "(2,)", "\x07\x01"); }

TEST(NpzTest, PartsAreReadByTheirNames) {
  const std::string archive =
      Zip({{"x_train.npy", Npy("|u1", "(2, 28, 28)", AsString(SomeBytes(1568)))},
           {"y_train.npy", Labels()},
           {"x_test.npy", Npy("|u1", "(1, 28, 28)", std::string(784, '\x09'))},
           {"y_test.npy", Npy("|u1", "(1,)", "\x03")}});
  EXPECT_TRUE(IsZip(archive));
  const auto train = ParseNpz(archive, "mnist.npz", "train", 10);
  ASSERT_TRUE(train.ok()) << train.status();
  ASSERT_TRUE(train->has_value());
  EXPECT_EQ((*train)->pixels, SomeBytes(1568));
  EXPECT_THAT((*train)->labels, ElementsAre(7, 1));
  const auto test = ParseNpz(archive, "mnist.npz", "test", 10);
  ASSERT_TRUE(test.ok()) << test.status();
  ASSERT_TRUE(test->has_value());
  EXPECT_EQ((*test)->pixels, std::vector<uint8_t>(784, 9));
  EXPECT_THAT((*test)->labels, ElementsAre(3));
}

TEST(NpzTest, LabelsMayBeLongIntegers) {
  const std::string labels("\x07\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0", 16);
  const auto data =
      ParseNpz(Zip({{"x_test.npy", Images()}, {"y_test.npy", Npy("<i8", "(2,)", labels)}}), "a.npz",
               "test", 10);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_THAT((*data)->labels, ElementsAre(7, 1));
}

TEST(NpzTest, PartThatIsMissingIsNothing) {
  const auto data = ParseNpz(Zip({{"x_train.npy", Images()}}), "a.npz", "test", 10);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_FALSE(data->has_value());
}

TEST(NpzTest, ImagesWithoutLabelsAreUnlabelled) {
  const auto data = ParseNpz(Zip({{"x_train.npy", Images()}}), "a.npz", "train", 10);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_EQ((*data)->size(), 2u);
  EXPECT_FALSE((*data)->labelled());
}

TEST(NpzTest, BrokenArraysAreRefusedWithTheReason) {
  const std::string negative = "\x01" + std::string(7, '\0') + std::string(8, '\xff');
  const struct {
    std::string images;
    std::string labels;
    std::string error;
  } table[] = {
      {"text", Labels(), "a.npz, x_train.npy: is not an array in NumPy's .npy format"},
      {"", Labels(), "a.npz, x_train.npy: is not an array in NumPy's .npy format"},
      {std::string("\x93NUMPY\x04\x00\x00\x00", 10), Labels(),
       "is in version 4 of the .npy format"},
      {Images().substr(0, 9), Labels(), "a.npz, x_train.npy: ends within its .npy header"},
      {Images().substr(0, 100), Labels(), "a.npz, x_train.npy: ends within its .npy header"},
      {Images().substr(0, Images().size() - 1), Labels(),
       "a.npz, x_train.npy: holds 1567 bytes, which are not 2 images of 784"},
      {Images() + "x", Labels(), "holds 1569 bytes, which are not 2 images of 784"},
      {Images("(3, 28, 28)"), Labels(), "holds 1568 bytes, which are not 3 images of 784"},
      {Images("(18446744073709551615, 28, 28)"), Labels(),
       "which are not 18446744073709551615 images"},
      {Images("(99999999999999999999, 28, 28)"), Labels(),
       "has a .npy header that is not understood"},
      {Images("(-2, 28, 28)"), Labels(), "has a .npy header that is not understood"},
      {Images("(2, 784)"), Labels(), "its shape is (2, 784), where images are (n, 28, 28)"},
      {Images("(2, 14, 56)"), Labels(), "its shape is (2, 14, 56), where images are (n, 28, 28)"},
      {Images("()"), Labels(), "its shape is (), where images are (n, 28, 28)"},
      {Npy("<f4", "(2, 28, 28)", kTwoImages), Labels(),
       "a.npz, x_train.npy: its numbers are of type '<f4', where images are '|u1' (uint8)"},
      {Npy("|u1", "(2, 28, 28)", kTwoImages, /*fortran_order=*/true), Labels(),
       "is in Fortran order"},
      {NpyWithHeader("", kTwoImages), Labels(), "has a .npy header that is not understood"},
      {NpyWithHeader("{'descr': '|u1', 'fortran_order': False}", kTwoImages), Labels(),
       "has a .npy header that is not understood"},
      {NpyWithHeader("{'descr': [('x', '|u1')], 'fortran_order': False, 'shape': (2, 28, 28)}",
                     kTwoImages),
       Labels(), "has a .npy header that is not understood"},
      {NpyWithHeader("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 28, 28)} x",
                     kTwoImages),
       Labels(), "has a .npy header that is not understood"},
      {NpyWithHeader("{" + std::string(20000, ' ') + "}", kTwoImages), Labels(),
       "has a .npy header that is not understood"},
      {Images(), Npy("|u1", "(2, 1)", "\x07\x01"),
       "a.npz, y_train.npy: its shape is (2, 1), where labels are (n,)"},
      {Images(), Npy("<f8", "(2,)", std::string(16, '\0')),
       "a.npz, y_train.npy: its numbers are of type '<f8', where labels are '|u1' (uint8) or "
       "'<i8'"},
      {Images(), Npy("<i8", "(2,)", "\x07\x01"),
       "a.npz, y_train.npy: holds 2 bytes, which are not 2 numbers of 8"},
      {Images(), Npy("|u1", "(3,)", "\x07\x01"), "holds 2 bytes, which are not 3 numbers of 1"},
      {Images(), Npy("|u1", "(1,)", "\x07"),
       "a.npz: y_train.npy holds 1 labels, but x_train.npy holds 2 images"},
      {Images(), Npy("|u1", "(2,)", "\x07\x0b"),
       "a.npz, y_train.npy: label 1 (counted from 0) is 11, where labels are 0 to 9"},
      {Images(), Npy("<i8", "(2,)", negative), "label 1 (counted from 0) is -1"},
  };
  for (const auto& broken : table) {
    SCOPED_TRACE(broken.error);
    const std::string archive =
        Zip({{"x_train.npy", broken.images}, {"y_train.npy", broken.labels}});
    const auto data = ParseNpz(archive, "a.npz", "train", 10);
    EXPECT_EQ(data.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(MessageOf(data.status()), HasSubstr(broken.error));
  }
}

TEST(NpzTest, BrokenArchivesAreRefusedWithTheReason) {
  const std::string good = Zip({{"x_train.npy", Images()}});
  std::string damaged = good;
  damaged[40 + 60] ^= 0x55;  // within the compressed array
  const struct {
    std::string bytes;
    std::string error;
  } table[] = {
      {good.substr(0, good.size() - 1), "a.npz: is a broken zip archive"},
      {good.substr(0, good.size() / 2), "a.npz: is a broken zip archive"},
      {damaged, "a.npz, x_train.npy: "},
      {Zip({{"x_train.npy", Images()}}, "secret"), "a.npz, x_train.npy: is encrypted"},
  };
  for (const auto& broken : table) {
    SCOPED_TRACE(broken.error);
    const auto data = ParseNpz(broken.bytes, "a.npz", "train", 10);
    EXPECT_EQ(data.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(MessageOf(data.status()), HasSubstr(broken.error));
  }
}

TEST(NpzTest, NothingInflatesBeyondTheLimit) {
  const std::string archive = Zip({{"x_train.npy", Images()}});
  const size_t size = Images().size();
  EXPECT_TRUE(ParseNpz(archive, "a.npz", "train", 10, size).ok());
  EXPECT_EQ(MessageOf(ParseNpz(archive, "a.npz", "train", 10, size - 1).status()),
            "a.npz, x_train.npy: inflates to more than 1695 bytes, the most that is read");
}

TEST(NpyTest, HeaderOfFormatTwoIsRead) {
  const std::string header = "{'shape': (3,), 'descr': '<i8', 'fortran_order': False}\n";
  const std::string bytes = std::string("\x93NUMPY\x02\x00", 8) + static_cast<char>(header.size()) +
                            std::string(3, '\0') + header + "data";
  const auto array = ParseNpy(bytes, "a.npy");
  ASSERT_TRUE(array.ok()) << array.status();
  EXPECT_EQ(array->type, "<i8");
  EXPECT_THAT(array->shape, ElementsAre(3));
  EXPECT_EQ(array->data, "data");
}

}  // namespace
}  // namespace digits
