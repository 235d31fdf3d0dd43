#include "server/model/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace digits {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

// A file with this header and data, laid out by hand as the format's text says.
std::string File(const std::string& header, const std::string& data) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(header.size() >> (8 * i) & 0xff);
  return bytes + header + data;
}

std::string Entry(const std::string& offsets) {
  return R"({"dtype":"U8","shape":[4],"data_offsets":)" + offsets + "}";
}

TEST(SafetensorsTest, ReadsTensorsInTheOrderOfTheirData) {
  const std::string bytes = File(R"({"b":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},)"
                                 R"("a":{"dtype":"I64","shape":[],"data_offsets":[8,16]},)"
                                 R"("empty":{"dtype":"F16","shape":[3,0],"data_offsets":[16,16]},)"
                                 R"("__metadata__":{"key":"value","Schl\u00fcssel":""}}    )",
                                 "12345678abcdefgh");
  const Safetensors content = ParseSafetensors(bytes).value();
  ASSERT_EQ(content.tensors.size(), 3u);
  EXPECT_EQ(content.tensors[0].name, "b");
  EXPECT_EQ(content.tensors[0].dtype, "F32");
  EXPECT_THAT(content.tensors[0].shape, ElementsAre(1, 2));
  EXPECT_EQ(content.tensors[0].data, "12345678");
  EXPECT_EQ(content.tensors[1].name, "a");
  EXPECT_THAT(content.tensors[1].shape, IsEmpty());
  EXPECT_EQ(content.tensors[1].data, "abcdefgh");
  EXPECT_EQ(content.tensors[2].data, "");
  EXPECT_THAT(content.metadata, ElementsAre(Pair("Schl\u00fcssel", ""), Pair("key", "value")));
}

TEST(SafetensorsTest, ReadsAFileWithoutTensors) {
  const std::string bytes = File("{}", "");
  EXPECT_THAT(ParseSafetensors(bytes).value().tensors, IsEmpty());
}

TEST(SafetensorsTest, WritesTheFormatByteForByte) {
  const Safetensors content = {
      .metadata = {{"k", "v"}},
      .tensors = {{"b", "U8", {2}, "xy"}, {"a", "U16", {1, 1}, "zw"}},
  };
  const std::string header =
      R"({"__metadata__":{"k":"v"},"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
      R"("a":{"dtype":"U16","shape":[1,1],"data_offsets":[2,4]}})";
  const std::string padding((8 - header.size() % 8) % 8, ' ');
  EXPECT_EQ(SerializeSafetensors(content), File(header + padding, "xyzw"));
}

TEST(SafetensorsTest, WritesTextThatIsNotUtf8SoThatItCanBeRead) {
  const std::string bytes = SerializeSafetensors({.metadata = {{"k", "a\xff"}}, .tensors = {}});
  EXPECT_THAT(ParseSafetensors(bytes).value().metadata, ElementsAre(Pair("k", "a\ufffd")));
}

TEST(SafetensorsTest, RefusesAFileCutShortAnywhere) {
  const std::string bytes = File(R"({"a":)" + Entry("[0,4]") + "}", "1234");
  ASSERT_TRUE(ParseSafetensors(bytes).ok());
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_EQ(ParseSafetensors(std::string_view(bytes).substr(0, length)).status().code(),
              absl::StatusCode::kInvalidArgument)
        << length;
  }
}

std::string Repeat(const std::string& text, int times) {
  std::string repeated;
  for (int i = 0; i < times; ++i) repeated += text;
  return repeated;
}

TEST(SafetensorsTest, RefusesAHeaderThatNestsWithoutEnd) {
  const std::string arrays = std::string(400'000, '[') + std::string(400'000, ']');
  const std::string objects = Repeat(R"({"a":)", 100'000) + "1" + std::string(100'000, '}');
  for (const std::string& header : {
           R"({"a":)" + std::string(1'000'000, '[') + "}",
           R"({"a":)" + arrays + "}",
           objects,
           R"({"a":{"dtype":)" + arrays + R"(,"shape":[4],"data_offsets":[0,4]}})",
           R"({"a":{"dtype":"U8","shape":)" + arrays + R"(,"data_offsets":[0,4]}})",
           R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)" + objects + "}}",
           R"({"__metadata__":{"k":)" + arrays + "}}",
           std::string(R"({"a":[[[]]]})"),
       }) {
    const absl::Status status = ParseSafetensors(File(header, "1234")).status();
    EXPECT_EQ(status.message(), "the header nests deeper than 3 levels") << header.substr(0, 40);
  }
}

TEST(SafetensorsTest, RefusesAHeaderOfManyEmptyEntriesAtOnce) {
  std::string header = "{";
  for (int i = 0; i < 90'000; ++i) header += '"' + std::to_string(i) + "\":{},";
  header.back() = '}';
  EXPECT_THAT(std::string(ParseSafetensors(File(header, "")).status().message()),
              HasSubstr("it has no string dtype"));
}

struct BadFile {
  const char* name;
  std::string bytes;
  const char* error;
};

class BadSafetensorsTest : public ::testing::TestWithParam<BadFile> {};

TEST_P(BadSafetensorsTest, IsRefused) {
  const absl::Status status = ParseSafetensors(GetParam().bytes).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().error));
}

BadFile BadTensor(const char* name, const std::string& entry, const char* error) {
  return {name, File(R"({"a":)" + entry + "}", "1234"), error};
}

INSTANTIATE_TEST_SUITE_P(
    Files, BadSafetensorsTest,
    ::testing::Values(
        BadFile{"Empty", "", "it has 0 bytes; a safetensors file has at least 10"},
        BadFile{"SevenBytes", "1234567", "it has 7 bytes"},
        BadFile{"HeaderAboveTheCap", std::string("\x01\x00\x10\x00\x00\x00\x00\x00{}", 10),
                "its header would have 1048577 bytes; at most 1048576 are read"},
        BadFile{"HeaderOfTwoToThe64", std::string(8, '\xff') + "{}",
                "its header would have 18446744073709551615 bytes"},
        BadFile{"APng", "\x89PNG\r\n\x1a\n-------", "(is it safetensors?)"},
        BadFile{"EndsInItsHeader", File("{}", "").substr(0, 9),
                "it ends in its header: 1 bytes of 2 are there"},
        BadFile{"EmptyHeader", File("", ""), "the header does not begin with '{'"},
        BadFile{"ArrayHeader", File("[]", ""), "the header does not begin with '{'"},
        BadFile{"LeadingSpace", File(" {}", ""), "the header does not begin with '{'"},
        BadFile{"TrailingTab", File("{}\t", ""), "the header does not end in '}' and spaces"},
        BadFile{"TrailingText", File("{} {}", ""), "the header is not valid JSON"},
        BadFile{"ZeroByte", File(std::string("{}\0}", 4), ""), "the header holds a zero byte"},
        BadFile{"NotJson", File("{a:1}", ""), "the header is not valid JSON"},
        BadFile{"NumberBeyondAllRange", File(R"({"a":1e999})", ""), "the header is not valid JSON"},
        BadFile{"NotUtf8", File("{\"\xff\":1}", ""), "the header is not valid JSON"},
        BadFile{"LoneSurrogate", File(R"({"\ud800":1})", ""), "the header is not valid JSON"},
        BadFile{"TensorTwice",
                File(R"({"a":)" + Entry("[0,4]") + R"(,"a":)" + Entry("[4,8]") + "}", "12345678"),
                "the header has the key 'a' twice"},
        BadFile{
            "TensorTwiceInOtherLetters",
            File(R"({"a":)" + Entry("[0,4]") + R"(,"\u0061":)" + Entry("[4,8]") + "}", "12345678"),
            "the header has the key 'a' twice"},
        BadFile{
            "ShapeTwice",
            File(R"({"a":{"dtype":"U8","shape":[9],"shape":[4],"data_offsets":[0,4]}})", "1234"),
            "the header has the key 'shape' twice"},
        BadFile{"MetadataTwice", File(R"({"__metadata__":{"k":"1","k":"2"}})", ""),
                "the header has the key 'k' twice"},
        BadFile{"MetadataNumber", File(R"({"__metadata__":{"k":1}})", ""),
                "__metadata__: 'k' is not a string"},
        BadFile{"MetadataArray", File(R"({"__metadata__":[]})", ""),
                "__metadata__ is not an object"},
        BadFile{"Hole",
                File(R"({"a":)" + Entry("[0,4]") + R"(,"b":)" + Entry("[5,9]") + "}", "123456789"),
                "tensor 'b': its data begin at 5, leaving a hole after what lies before, which "
                "ends at 4"},
        BadFile{"Overlap",
                File(R"({"a":)" + Entry("[0,4]") + R"(,"b":)" + Entry("[3,7]") + "}", "1234567"),
                "tensor 'b': its data begin at 3, overlapping what lies before, which ends at 4"},
        BadFile{"SameData",
                File(R"({"a":)" + Entry("[0,4]") + R"(,"b":)" + Entry("[0,4]") + "}", "1234"),
                "tensor 'b': its data begin at 0, overlapping"},
        BadFile{"DataBeforeTheFirst", File(R"({"a":)" + Entry("[1,5]") + "}", "12345"),
                "tensor 'a': its data begin at 1, leaving a hole"},
        BadFile{"DataAfterTheLast", File(R"({"a":)" + Entry("[0,4]") + "}", "12345"),
                "1 bytes follow the last tensor"},
        BadFile{"DataCutShort", File(R"({"a":)" + Entry("[0,4]") + "}", "123"),
                "tensor 'a': its data end at 4, but the file has only 3 bytes of data"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Tensors, BadSafetensorsTest,
    ::testing::Values(
        BadTensor("NotAnObject", "1", "tensor 'a': its entry is not an object"),
        BadTensor("NoDtype", R"({"shape":[4],"data_offsets":[0,4]})",
                  "tensor 'a': it has no string dtype"),
        BadTensor("NoShape", R"({"dtype":"U8","data_offsets":[0,4]})",
                  "tensor 'a': it has no array shape"),
        BadTensor("NoOffsets", R"({"dtype":"U8","shape":[4]})",
                  "tensor 'a': it has no two data_offsets"),
        BadTensor("OneOffset", Entry("[4]"), "tensor 'a': it has no two data_offsets"),
        BadTensor("ThreeOffsets", Entry("[0,4,4]"), "tensor 'a': it has no two data_offsets"),
        BadTensor("UnknownKey", R"({"dtype":"U8","shape":[4],"data_offsets":[0,4],"stride":[1]})",
                  "tensor 'a': its entry has the unknown key 'stride'"),
        BadTensor("UnknownDtype", R"({"dtype":"F33","shape":[4],"data_offsets":[0,4]})",
                  "tensor 'a': its dtype 'F33' is not known"),
        BadTensor("FractionInShape", R"({"dtype":"U8","shape":[4.5],"data_offsets":[0,4]})",
                  "tensor 'a': its shape: 4.5 is not an integer from 0 to 2^64 - 1"),
        BadTensor("WholeFractionInShape", R"({"dtype":"U8","shape":[4.0],"data_offsets":[0,4]})",
                  "tensor 'a': its shape: 4.0"),
        BadTensor("NegativeShape", R"({"dtype":"U8","shape":[-1],"data_offsets":[0,4]})",
                  "tensor 'a': its shape: -1"),
        BadTensor("TextInShape", R"({"dtype":"U8","shape":["4"],"data_offsets":[0,4]})",
                  "tensor 'a': its shape: string is not an integer"),
        BadTensor("ShapeAbove64Bits",
                  R"({"dtype":"U8","shape":[18446744073709551616],"data_offsets":[0,4]})",
                  "tensor 'a': its shape: 1.8446744073709552e+19"),
        BadTensor("ShapeThatOverflows",
                  R"({"dtype":"F32","shape":[4294967296,4294967297],"data_offsets":[0,4]})",
                  "tensor 'a': its shape (4294967296, 4294967297) is too large"),
        BadTensor("FractionalOffset", Entry("[0,4.2]"), "tensor 'a': its data_offsets: 4.2"),
        BadTensor("NegativeOffset", Entry("[-4,0]"), "tensor 'a': its data_offsets: -4"),
        BadTensor("OffsetsBackwards", Entry("[4,0]"),
                  "tensor 'a': its shape (4) of U8 takes 4 bytes, its data_offsets are 4 to 0"),
        BadTensor("OffsetsThatWrap", Entry("[18446744073709551612,0]"),
                  "tensor 'a': its shape (4) of U8 takes 4 bytes"),
        BadTensor("TooFewBytes", Entry("[0,3]"), "takes 4 bytes, its data_offsets are 0 to 3"),
        BadTensor("OtherSizeOfType", R"({"dtype":"F32","shape":[4],"data_offsets":[0,4]})",
                  "tensor 'a': its shape (4) of F32 takes 16 bytes, its data_offsets are 0 to 4")),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace digits
