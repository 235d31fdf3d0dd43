#include "trainer/data/read.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "tests/temporary_folder.h"
#include "tests/trainer/data/test_files.h"
#include "trainer/data/gzip.h"

namespace digits {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const ReadOptions kOptions;

// `count` images that are `ink` all over, and labels.
std::string Pixels(size_t count, char ink) { return std::string(count * 784, ink); }
std::string_view Pixels(const DataSet& data, size_t i) {
  return {reinterpret_cast<const char*>(data.image(i).data()), kImagePixels};
}
std::string TwoImages() { return IdxImages(2, 28, 28, Pixels(2, '\x05')); }
std::string TwoLabels() { return IdxLabels(2, "\x07\x01"); }
std::string OneRow(int label) {
  std::vector<int> row(785, 3);
  row[0] = label;
  return CsvHeader(true) + "\n" + CsvRow(row) + "\n";
}

class ReadTest : public ::testing::Test {
 protected:
  TemporaryFolder folder_;
};

TEST_F(ReadTest, ImagesGetTheLabelsBesideThem) {
  const struct {
    const char* images;
    const char* labels;
  } names[] = {
      {"a/train-images-idx3-ubyte", "a/train-labels-idx1-ubyte"},
      {"b/t10k-images.idx3-ubyte", "b/t10k-labels.idx1-ubyte"},
      {"c/my-images-idx3-ubyte", "c/my-labels-idx1-ubyte.gz"},
      {"images-idx3/images-idx3", "images-idx3/labels-idx1"},
  };
  for (const auto& [images, labels] : names) {
    const bool gzipped = std::string_view(labels).ends_with(".gz");
    folder_.Write(labels, gzipped ? Gzip(TwoLabels()) : TwoLabels());
    const auto data = ReadExamples(folder_.Write(images, TwoImages()), Split::kTest, kOptions);
    ASSERT_TRUE(data.ok()) << data.status();
    EXPECT_THAT(data->labels, ElementsAre(7, 1)) << images;
    EXPECT_EQ(data->size(), 2u);
  }
}

TEST_F(ReadTest, GzippedImagesGetLabelsThatAreNot) {
  folder_.Write("train-labels-idx1-ubyte", TwoLabels());
  const auto data =
      ReadTrainingData(folder_.Write("train-images-idx3-ubyte.gz", Gzip(TwoImages())), kOptions);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_THAT(data->train.labels, ElementsAre(7, 1));
  EXPECT_FALSE(data->test.has_value());
}

TEST_F(ReadTest, ContentTellsTheFormatWhateverTheName) {
  const std::vector<uint8_t> pixels = SomeBytes(784);
  const std::string npz = Zip({{"x_train.npy", Npy("|u1", "(1, 28, 28)", AsString(pixels))}});
  std::vector<int> row(pixels.begin(), pixels.end());
  const std::string csv = CsvHeader(false) + "\n" + CsvRow(row);
  const std::string idx = IdxImages(1, 28, 28, AsString(pixels));
  for (const std::string& bytes : {npz, csv, idx, GrayPng(pixels), AsString(pixels), Gzip(npz),
                                   Gzip(csv), Gzip(idx), Gzip(GrayPng(pixels))}) {
    const std::string path = folder_.Write("data.bin", bytes);
    const auto data = ReadExamples(path, Split::kTrain, kOptions);
    ASSERT_TRUE(data.ok()) << data.status();
    EXPECT_EQ(data->pixels, pixels);
    EXPECT_FALSE(data->labelled());
    EXPECT_EQ(data->name, path);
  }
}

TEST_F(ReadTest, SamePictureHasTheSameHashInEveryFormat) {
  const std::string idx = folder_.Write("idx", IdxImages(1, 28, 28, AsString(SomeBytes(784))));
  const std::string png = folder_.Write("png", GrayPng(SomeBytes(784)));
  EXPECT_EQ(Sha256(*ReadExamples(idx, Split::kTrain, kOptions)),
            Sha256(*ReadExamples(png, Split::kTrain, kOptions)));
}

TEST_F(ReadTest, FolderOfMnistsFilesHasTwoParts) {
  folder_.Write("train-images-idx3-ubyte.gz", Gzip(TwoImages()));
  folder_.Write("train-labels-idx1-ubyte.gz", Gzip(TwoLabels()));
  folder_.Write("t10k-images-idx3-ubyte", IdxImages(1, 28, 28, Pixels(1, '\x09')));
  folder_.Write("t10k-labels-idx1-ubyte", IdxLabels(1, "\x03"));
  const auto data = ReadTrainingData(folder_.path(), kOptions);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_THAT(data->train.labels, ElementsAre(7, 1));
  ASSERT_TRUE(data->test.has_value());
  EXPECT_THAT(data->test->labels, ElementsAre(3));
  EXPECT_THAT(ReadExamples(folder_.path(), Split::kTrain, kOptions)->labels, ElementsAre(7, 1));
  EXPECT_THAT(ReadExamples(folder_.path(), Split::kTest, kOptions)->labels, ElementsAre(3));
}

TEST_F(ReadTest, FolderWithATestPartAloneIsNotTrainedOn) {
  folder_.Write("t10k-images-idx3-ubyte", TwoImages());
  folder_.Write("t10k-labels-idx1-ubyte", TwoLabels());
  EXPECT_EQ(MessageOf(ReadTrainingData(folder_.path(), kOptions).status()),
            folder_.path() +
                ": has no part for training: neither train-images-idx3-ubyte nor "
                "train.csv nor x_train.npy");
  EXPECT_TRUE(ReadExamples(folder_.path(), Split::kTrain, kOptions).ok());
}

TEST_F(ReadTest, FolderOfKagglesFilesHasATestPartWithoutLabels) {
  folder_.Write("train.csv", OneRow(7));
  folder_.Write("test.csv", CsvHeader(false) + "\n" + CsvRow(std::vector<int>(784, 9)) + "\n");
  folder_.Write("sample_submission.csv", "ImageId,Label\n1,0\n");
  const auto data = ReadTrainingData(folder_.path(), kOptions);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_THAT(data->train.labels, ElementsAre(7));
  EXPECT_FALSE(data->test.has_value());
  const auto examples = ReadExamples(folder_.path(), Split::kTest, kOptions);
  ASSERT_TRUE(examples.ok()) << examples.status();
  EXPECT_EQ(examples->pixels, std::vector<uint8_t>(784, 9));
  EXPECT_FALSE(examples->labelled());
}

TEST_F(ReadTest, NpzHasTwoParts) {
  const std::string path = folder_.Write(
      "mnist.npz", Zip({{"x_train.npy", Npy("|u1", "(2, 28, 28)", Pixels(2, '\x05'))},
                        {"y_train.npy", Npy("|u1", "(2,)", "\x07\x01")},
                        {"x_test.npy", Npy("|u1", "(1, 28, 28)", Pixels(1, '\x09'))},
                        {"y_test.npy", Npy("<i8", "(1,)", std::string("\x03\0\0\0\0\0\0\0", 8))}}));
  const auto data = ReadTrainingData(path, kOptions);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_THAT(data->train.labels, ElementsAre(7, 1));
  ASSERT_TRUE(data->test.has_value());
  EXPECT_THAT(data->test->labels, ElementsAre(3));
  EXPECT_THAT(ReadExamples(path, Split::kTest, kOptions)->labels, ElementsAre(3));
}

TEST_F(ReadTest, PicturesInAFolderComeInNaturalOrderWithoutLabels) {
  folder_.Write("10.png", GrayPng(std::vector<uint8_t>(784, 10)));
  folder_.Write("2.png", GrayPng(std::vector<uint8_t>(784, 2)));
  folder_.Write("1.raw", Pixels(1, '\x01'));
  folder_.Write("no-ending", Pixels(1, '\x0b'));
  const auto data = ReadExamples(folder_.path(), Split::kTest, kOptions);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_THAT(data->sources, ElementsAre("1.raw", "2.png", "10.png", "no-ending"));
  EXPECT_EQ(data->image(2)[0], 10);
  EXPECT_FALSE(data->labelled());
}

TEST_F(ReadTest, SubFoldersNamedByClassGiveLabels) {
  folder_.Write("7/a.png", GrayPng(std::vector<uint8_t>(784, 70)));
  folder_.Write("0/b.png", GrayPng(std::vector<uint8_t>(784, 1)));
  folder_.Write("7/c.raw", Pixels(1, '\x47'));
  const auto data = ReadTrainingData(folder_.path(), kOptions);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_THAT(data->train.labels, ElementsAre(0, 7, 7));
  EXPECT_THAT(data->train.sources, ElementsAre("0/b.png", "7/a.png", "7/c.raw"));
  EXPECT_EQ(data->train.image(1)[0], 70);
}

TEST_F(ReadTest, PicturesOfOtherSizesThan28By28AreNormalisedAndThoseAreNot) {
  std::string rows(1600, '\xff');
  for (size_t y = 10; y < 30; ++y) rows[y * 40 + 20] = rows[y * 40 + 21] = '\0';
  folder_.Write("1/a.png", Png(40, 40, 8, kPngGray, rows));
  folder_.Write("1/b.png", GrayPng(SomeBytes(784)));
  const auto data = ReadTrainingData(folder_.path(), kOptions);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_THAT(data->train.labels, ElementsAre(1, 1));
  EXPECT_EQ(data->train.image(0)[0], 0);
  EXPECT_GT(data->train.image(0)[14 * 28 + 14], 200);
  const ImageView second = data->train.image(1);
  EXPECT_EQ(std::vector<uint8_t>(second.begin(), second.end()), SomeBytes(784));
}

TEST_F(ReadTest, BytesAreReadAsTheirFileWouldBe) {
  const auto png = ParseExamples(GrayPng(SomeBytes(784)), "standard input", Split::kTest, kOptions);
  ASSERT_TRUE(png.ok()) << png.status();
  EXPECT_EQ(png->pixels, SomeBytes(784));
  EXPECT_EQ(ParseExamples(Gzip(TwoImages()), "x", Split::kTest, kOptions)->size(), 2u);
  EXPECT_EQ(MessageOf(ParseExamples("", "standard input", Split::kTest, kOptions).status()),
            "standard input: is empty");
}

TEST_F(ReadTest, FoldersOfPicturesAreToldFromThoseOfDataSets) {
  EXPECT_TRUE(IsPictureFolder(folder_.path()));
  EXPECT_FALSE(IsPictureFolder(folder_.Write("a.png", "x")));
  folder_.Write("t10k-images-idx3-ubyte", TwoImages());
  EXPECT_FALSE(IsPictureFolder(folder_.path()));
}

TEST_F(ReadTest, WhatIsNoPictureInAFolderIsPassedOver) {
  folder_.Write("a.png", GrayPng(SomeBytes(784)));
  folder_.Write("README", "pictures");
  folder_.Write("Thumbs.db", "x");
  folder_.Write(".hidden.png", "not a picture");
  folder_.Write(".git/a.png", "not a picture");
  ASSERT_EQ(mkfifo((folder_.path() + "/pipe").c_str(), 0600), 0);
  std::filesystem::create_symlink(folder_.path() + "/loop", folder_.path() + "/loop");
  const auto data = ReadExamples(folder_.path(), Split::kTest, kOptions);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_THAT(data->sources, ElementsAre("a.png"));
}

TEST_F(ReadTest, SinglePictureSaysWhereItCameFrom) {
  const std::string path = folder_.Write("a.png", GrayPng(SomeBytes(784)));
  EXPECT_THAT(ReadExamples(path, Split::kTest, kOptions)->sources, ElementsAre(path));
}

TEST_F(ReadTest, StrokesAreTwoPartsThatShareNoDigit) {
  const auto data = ReadTrainingData("strokes", kOptions);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_EQ(data->train.name, "strokes");
  EXPECT_EQ(data->train.size(), 60000u);
  ASSERT_TRUE(data->test.has_value());
  EXPECT_EQ(data->test->size(), 10000u);
  std::set<std::string_view> train;
  for (size_t i = 0; i < data->train.size(); ++i) train.insert(Pixels(data->train, i));
  for (size_t i = 0; i < data->test->size(); ++i) {
    ASSERT_FALSE(train.contains(Pixels(*data->test, i))) << "test digit " << i << " is in both";
  }
}

TEST_F(ReadTest, NonDigitsHaveNoLabelsAndShareNoSeed) {
  const auto train = ReadExamples("non-digits", Split::kTrain, kOptions);
  const auto test = ReadExamples("non-digits", Split::kTest, kOptions);
  ASSERT_TRUE(train.ok() && test.ok());
  EXPECT_EQ(train->size(), 9800u);
  EXPECT_EQ(train->sources[4], "stripes 0");
  EXPECT_FALSE(train->labelled());
  EXPECT_NE(train->pixels, test->pixels);
  EXPECT_THAT(MessageOf(ReadTrainingData("non-digits", kOptions).status()),
              HasSubstr("its images have no labels"));
}

TEST_F(ReadTest, LabelsMayBeOfMoreClassesThanTen) {
  const std::string path = folder_.Write("letters.csv", OneRow(25));
  EXPECT_THAT(ReadExamples(path, Split::kTrain, {.classes = 26})->labels, ElementsAre(25));
  EXPECT_FALSE(ReadExamples(path, Split::kTrain, {.classes = 25}).ok());
}

// What a folder or file holds, and what is wrong with it. Paths are within the folder of the test.
struct Broken {
  std::vector<std::pair<std::string, std::string>> files;
  std::string path;
  std::string error;  // DIR is the folder of the test
};

std::vector<Broken> BrokenDataSets() {
  const std::string png = GrayPng(SomeBytes(784));
  const std::string gz = Gzip(TwoImages());
  return {
      {{}, "none", "cannot open DIR/none: No such file or directory"},
      {{{"a", ""}}, "a", "DIR/a: is empty"},
      {{{"a", std::string(783, '\0')}},
       "a",
       "DIR/a: is in no format that is read (IDX, CSV, npz, PNG, JPEG, PBM, PGM, PPM, or a raw "
       "image of 784 bytes): it has 783 bytes and begins with 0000000000000000"},
      {{{"a", IdxImages(2, 28, 28, Pixels(2, 'x'), 0x804)}},
       "a",
       "it has 1584 bytes and begins with 0000080400000002"},
      {{{"a", std::string("\xff\xd8\xff\xe0", 4)}}, "a", "DIR/a: is a broken JPEG: "},
      {{{"a", "P5 2 2 255\nabc"}}, "a", "DIR/a: is a broken netpbm file: it is cut off"},
      {{{"a", "P5 2 1 255\nbb"}}, "a", "DIR/a: is blank: nothing is written on it"},
      {{{"a", "Dear reader,\n"}}, "a", "DIR/a, line 1: column 1 is \"Dear reader\""},
      {{{"a", TwoLabels()}}, "a", "DIR/a: holds labels without images: name the file of images"},
      {{{"a", gz.substr(0, gz.size() / 2)}}, "a", "DIR/a: the gzip data end early"},
      {{{"a", Gzip(gz)}}, "a", "DIR/a: is in no format that is read"},
      {{{"a", IdxImages(0, 28, 28, "")}}, "a", "DIR/a: holds no images"},
      {{{"a", CsvHeader(true)}}, "a", "DIR/a: holds no images"},
      {{{"a", Zip({{"b", "c"}})}}, "a", "DIR/a: has no part for training"},
      {{{"images-idx3", TwoImages()}, {"labels-idx1", IdxLabels(3, "\x01\x02\x03")}},
       "images-idx3",
       "DIR/labels-idx1 holds 3 labels, but DIR/images-idx3 holds 2 images"},
      {{{"images-idx3", TwoImages()}, {"labels-idx1", IdxLabels(2, "\x01\x0b")}},
       "images-idx3",
       "DIR/labels-idx1: label 1 (counted from 0) is 11, where labels are 0 to 9"},
      {{{"images-idx3", TwoImages()}, {"labels-idx1", TwoImages()}},
       "images-idx3",
       "DIR/labels-idx1: begins with the number 0x00000803, where IDX labels begin with"},
      {{{"images-idx3", TwoImages()}, {"labels-idx1/file", ""}},
       "images-idx3",
       "DIR/labels-idx1 is not a regular file"},
      {{{"train-images-idx3-ubyte", TwoImages()}},
       "",
       "DIR/: its images have no labels, which training needs"},
      {{{"train.csv", OneRow(7)}, {"test.csv", "label"}},
       "",
       "DIR/test.csv, line 1: has 1 columns"},
      {{{"README", "nothing here"}},
       "",
       "DIR/: holds neither MNIST's files nor train.csv nor any picture"},
      {{{"7/a.png", png}, {"b.png", png}}, "", "DIR/: holds both pictures (b.png) and folders (7)"},
      {{{"7/a.png", png}, {"10/b.png", png}},
       "",
       "DIR/: its folder \"10\" is not named by a class, 0 to 9"},
      {{{"07/a.png", png}}, "", "DIR/: its folder \"07\" is not named by a class"},
      {{{"-0/a.png", png}}, "", "DIR/: its folder \"-0\" is not named by a class"},
      {{{"train/7/a.png", png}}, "", "DIR/: its folder \"train\" is not named by a class"},
      {{{"7/8/a.png", png}}, "", "DIR/7: holds a folder, \"8\", where only pictures are read"},
      {{{"7/a.png", png.substr(0, 100)}}, "", "DIR/7/a.png: is a broken PNG: "},
      {{{"7/a.PNG", "text"}}, "", "DIR/7/a.PNG: is no picture"},
      {{{"7/a.raw", Pixels(1, 'x') + "x"}}, "", "DIR/7/a.raw: is no picture"},
      {{{"7/a.jpg", "text"}}, "", "DIR/7/a.jpg: is no picture"},
      {{{"7/a", Png(32, 32, 8, kPngGray, std::string(1024, 'x'))}},
       "",
       "DIR/7/a: is blank: nothing is written on it that stands out"},
      {{{"7/a", png}, {"7/b.pgm", "P5 0 4 255\n"}}, "", "DIR/7/b.pgm: is a picture of 0 by 4"},
  };
}

TEST_F(ReadTest, BrokenDataSetsAreRefusedWithTheReason) {
  for (const Broken& broken : BrokenDataSets()) {
    SCOPED_TRACE(broken.error);
    const TemporaryFolder folder;
    for (const auto& [name, bytes] : broken.files) folder.Write(name, bytes);
    std::string expected = broken.error;
    for (size_t at; (at = expected.find("DIR")) != std::string::npos;) {
      expected.replace(at, 3, folder.path());
    }
    const auto data = ReadTrainingData(folder.path() + "/" + broken.path, kOptions);
    EXPECT_FALSE(data.ok());
    EXPECT_THAT(MessageOf(data.status()), HasSubstr(expected));
  }
}

TEST_F(ReadTest, PictureThatIsAPipeIsRefusedWithoutWaiting) {
  ASSERT_EQ(mkfifo((folder_.path() + "/a.png").c_str(), 0600), 0);
  EXPECT_THAT(MessageOf(ReadExamples(folder_.path(), Split::kTest, kOptions).status()),
              HasSubstr("a.png is not a regular file"));
}

TEST_F(ReadTest, LinksThatLeadNowhereAreRefusedWherePicturesAreNamed) {
  for (const char* const name : {"a", "a.png"}) {
    const TemporaryFolder folder;
    folder.Write("b.raw", Pixels(1, 'x'));
    std::filesystem::create_symlink(folder.path() + "/" + name, folder.path() + "/" + name);
    const auto data = ReadExamples(folder.path(), Split::kTest, kOptions);
    if (name == std::string("a")) {  // is as good as any other file that is no picture
      EXPECT_TRUE(data.ok()) << data.status();
    } else {
      EXPECT_THAT(MessageOf(data.status()), HasSubstr("a.png: Too many levels of symbolic links"));
    }
  }
}

TEST_F(ReadTest, FolderThatHoldsItselfIsNotFollowed) {
  folder_.Write("7/a.raw", Pixels(1, 'x'));
  std::filesystem::create_directory_symlink(folder_.path() + "/7", folder_.path() + "/7/7");
  EXPECT_THAT(MessageOf(ReadTrainingData(folder_.path(), kOptions).status()),
              HasSubstr("holds a folder, \"7\", where only pictures are read"));
}

TEST_F(ReadTest, FileBeyondTheLimitIsRefusedBeforeItIsRead) {
  const std::string path = folder_.Write("large", "");
  std::filesystem::resize_file(path, kMaxFileBytes + 1);  // takes no room
  EXPECT_EQ(MessageOf(ReadExamples(path, Split::kTest, kOptions).status()),
            path + " has 1073741825 bytes; at most 1073741824 are read");
}

TEST_F(ReadTest, NumberOfClassesIsWithinAByte) {
  for (const int classes : {0, -1, 257}) {
    EXPECT_THAT(MessageOf(ReadExamples("strokes", Split::kTest, {.classes = classes}).status()),
                HasSubstr("expected 1 to 256"));
  }
}

std::string Md5(std::string_view bytes) {
  std::array<uint8_t, 16> digest = {};
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_md5(), nullptr);
  return fmt::format("{:02x}", fmt::join(digest, ""));
}

// The hashes are those of MNIST's files as they are published, without compression.
TEST_F(ReadTest, MnistIsReadWhole) {
  const char* const directory = std::getenv("DIGITS_MNIST_DIR");
  if (directory == nullptr) GTEST_SKIP() << "DIGITS_MNIST_DIR is not set";
  const auto data = ReadTrainingData(directory, kOptions);
  ASSERT_TRUE(data.ok()) << data.status();
  const DataSet& train = data->train;
  ASSERT_TRUE(data->test.has_value());
  const DataSet& test = *data->test;
  EXPECT_EQ(train.size(), 60000u);
  EXPECT_EQ(test.size(), 10000u);
  EXPECT_THAT(std::vector(train.labels.begin(), train.labels.begin() + 10),
              ElementsAre(5, 0, 4, 1, 9, 2, 1, 3, 1, 4));
  EXPECT_EQ(Md5(IdxImages(60000, 28, 28, AsString(train.pixels))),
            "6bbc9ace898e44ae57da46a324031adb");
  EXPECT_EQ(Md5(IdxLabels(60000, AsString(train.labels))), "a25bea736e30d166cdddb491f175f624");
  EXPECT_EQ(Md5(IdxImages(10000, 28, 28, AsString(test.pixels))),
            "2646ac647ad5339dbf082846283269ea");
  EXPECT_EQ(Md5(IdxLabels(10000, AsString(test.labels))), "27ae3e4e09519cfbb04c329615203637");
  EXPECT_THAT(train.sources, IsEmpty());
}

}  // namespace
}  // namespace digits
