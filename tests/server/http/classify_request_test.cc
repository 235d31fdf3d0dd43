#include "server/http/classify_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/service/status.h"

namespace digits {
namespace {

using ::testing::HasSubstr;

TEST(RequestFromBytesTest, TheBodyIsThePixelsAndTheQueryTheRest) {
  const auto request = RequestFromBytes(
      std::string("\0\xff", 2), {{"model", "best"}, {"version", "0123"}, {"return_image", "1"}});
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->pixels(), std::string("\0\xff", 2));
  EXPECT_EQ(request->model(), "best");
  EXPECT_EQ(request->version(), "0123");
  EXPECT_TRUE(request->return_image());
  EXPECT_FALSE(RequestFromBytes("", {{"return_image", "0"}})->return_image());
}

TEST(RequestFromBytesTest, AMistakeInTheQueryIsNamed) {
  const struct {
    std::multimap<std::string, std::string> query;
    const char *field, *message;
  } cases[] = {
      {{{"modell", "best"}}, "modell", "the query may not have 'modell', but model, version and"},
      {{{"model", "a"}, {"model", "b"}}, "model", "twice"},
      {{{"return_image", "yes"}}, "return_image", "neither 0 nor 1"},
      {{{"", ""}}, "", "the query has a name that is not known; it may have model"},
      {{{"\xff", ""}}, "", "the query has a name that is not known"},
      {{{"model", "\xff"}}, "model", "model is not UTF-8"},
      {{{"version", "1\n"}}, "version", "version holds a control character"},
  };
  for (const auto& [query, field, message] : cases) {
    const absl::Status status = RequestFromBytes("", query).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << message;
    EXPECT_EQ(FieldOf(status), field);
    EXPECT_THAT(std::string{status.message()}, HasSubstr(message));
  }
}

TEST(RequestFromJsonTest, PixelsAreAnArrayOrBase64) {
  const auto array = RequestFromJson(R"({"pixels": [0, 1, 255]})");
  ASSERT_TRUE(array.ok()) << array.status();
  EXPECT_EQ(array->pixels(), std::string("\0\x01\xff", 3));
  // RFC 4648, section 10: of "foobar".
  const auto base64 = RequestFromJson(R"({"pixels": "Zm9vYmFy"})");
  ASSERT_TRUE(base64.ok()) << base64.status();
  EXPECT_EQ(base64->pixels(), "foobar");
}

TEST(RequestFromJsonTest, APictureHasItsSidesAndPixels) {
  const auto array =
      RequestFromJson(R"({"picture": {"width": 3, "height": 1, "pixels": [9, 8, 7]}})");
  ASSERT_TRUE(array.ok()) << array.status();
  EXPECT_EQ(array->picture().width(), 3U);
  EXPECT_EQ(array->picture().height(), 1U);
  EXPECT_EQ(array->picture().pixels(), "\x09\x08\x07");
  const auto base64 =
      RequestFromJson(R"({"picture": {"pixels": "Zm9v", "height": 3, "width": 1}})");
  ASSERT_TRUE(base64.ok()) << base64.status();
  EXPECT_EQ(base64->picture().pixels(), "foo");
  EXPECT_EQ(base64->picture().height(), 3U);
}

TEST(RequestFromJsonTest, TheOtherMembersMayComeBeforeAndAfter) {
  const auto request = RequestFromJson(
      R"({"model": "best", "picture": {"width": 1}, "version": "0123", "return_image": true})");
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->model(), "best");
  EXPECT_EQ(request->version(), "0123");
  EXPECT_TRUE(request->return_image());
  EXPECT_EQ(request->picture().width(), 1U);
}

TEST(RequestFromJsonTest, ARequestWithoutImageIsLeftToTheService) {
  const auto request = RequestFromJson("{}");
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->image_case(), v1::ClassifyRequest::IMAGE_NOT_SET);
  EXPECT_TRUE(RequestFromJson(R"({"pixels": []})")->has_pixels());
  EXPECT_TRUE(RequestFromJson(R"({"picture": {}})")->has_picture());
}

TEST(RequestFromJsonTest, AMistakeIsNamedWithItsField) {
  const struct {
    const char *body, *field, *message;
  } cases[] = {
      {R"({"pixles": []})", "pixles", "the request may not have 'pixles', but pixels or picture"},
      {R"({"width": 1})", "width", "may not have 'width'"},
      {R"({"picture.width": 1})", "picture.width", "may not have 'picture.width'"},
      {R"({"picture": {"depth": 1}})", "picture.depth",
       "a picture may not have 'picture.depth', but width, height"},
      {R"({"picture": {"model": "best"}})", "picture.model",
       "a picture may not have 'picture.model'"},
      {R"({"pixels": 3})", "pixels", "pixels is 3, not an array"},
      {R"({"pixels": null})", "pixels", "pixels is null"},
      {R"({"pixels": {}})", "pixels", "pixels is an object"},
      {R"({"pixels": "not base64!"})", "pixels", "pixels is not base64"},
      {R"({"pixels": [0, 256]})", "pixels", "pixels[1] is 256; a pixel is an integer from 0"},
      {R"({"pixels": [-1]})", "pixels", "pixels[0] is -1"},
      {R"({"pixels": [1.5]})", "pixels", "pixels[0] is 1.5"},
      {R"({"pixels": [1.0]})", "pixels", "pixels[0] is 1"},
      {R"({"pixels": ["0"]})", "pixels", "pixels[0] is a string"},
      {R"({"pixels": [[0]]})", "pixels", "pixels[0] is an array"},
      {R"({"pixels": [{}]})", "pixels", "pixels[0] is an object"},
      {R"({"pixels": [null]})", "pixels", "pixels[0] is null"},
      {R"({"pixels": [true]})", "pixels", "pixels[0] is true"},
      {R"({"pixels": [18446744073709551616]})", "pixels", "pixels[0] is 1.8446"},
      {R"({"picture": []})", "picture", "picture is an array, not an object"},
      {R"({"picture": "x"})", "picture", "picture is a string"},
      {R"({"picture": {"width": "3"}})", "picture.width",
       "picture.width is a string, not a number"},
      {R"({"picture": {"width": -3}})", "picture.width", "picture.width is -3"},
      {R"({"picture": {"height": 3.0}})", "picture.height", "picture.height is 3"},
      {R"({"picture": {"height": 4294967297}})", "picture.height", "at most 4194304 pixels"},
      {R"({"picture": {"pixels": [300]}})", "picture.pixels", "picture.pixels[0] is 300"},
      {R"({"picture": {"picture": {}}})", "picture.picture", "may not have"},
      {R"({"model": 3})", "model", "model is 3, not a string"},
      {R"({"version": ["a"]})", "version", "version is an array, not a string"},
      {R"({"return_image": 1})", "return_image", "return_image is 1, not true or false"},
      {R"({"model": true})", "model", "model is true, not a string"},
      {R"({"pixels": [], "pixels": []})", "pixels", "pixels is there twice"},
      {R"({"pixels": [], "picture": {}})", "picture", "both pixels and picture"},
      {R"({"picture": {}, "pixels": ""})", "pixels", "both pixels and picture"},
  };
  for (const auto& [body, field, message] : cases) {
    const absl::Status status = RequestFromJson(body).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << body;
    EXPECT_EQ(FieldOf(status), field) << body;
    EXPECT_THAT(std::string{status.message()}, HasSubstr(message)) << body;
  }
}

TEST(RequestFromJsonTest, WhatIsNoJsonObjectIsRefusedWithoutAField) {
  const struct {
    std::string body, message;
  } cases[] = {
      {"", "not JSON: byte 1"},
      {"{", "not JSON: byte 2"},
      {"{\"pixels\": [1,]}", "not JSON: byte 15"},
      {"{} {}", "not JSON: byte 4"},
      {std::string("{\0}", 3), "not JSON: byte 2"},
      {std::string(100, '\0'), "not JSON: byte 1"},
      {"{\"model\": \"\xff\"}", "not JSON"},
      {"{\"pixels\": [1e999]}", "not JSON"},
      {"// {}", "not JSON: byte 1"},
      {"[]", "the body is an array, not an object"},
      {"\"pixels\"", "the body is a string, not an object"},
      {"784", "the body is 784, not an object"},
      {"null", "the body is null, not an object"},
  };
  for (const auto& [body, message] : cases) {
    const absl::Status status = RequestFromJson(body).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << body;
    EXPECT_EQ(FieldOf(status), "") << body;
    EXPECT_THAT(std::string{status.message()}, HasSubstr(message)) << body;
  }
}

TEST(RequestFromJsonTest, NothingIsBuiltOfADeepBody) {
  const std::string deep(5'000'000, '[');
  EXPECT_THAT(std::string{RequestFromJson(deep).status().message()}, HasSubstr("an array"));
  const absl::Status nested = RequestFromJson("{\"pixels\": " + deep).status();
  EXPECT_EQ(FieldOf(nested), "pixels");
}

TEST(RequestFromJsonTest, ALongUnknownNameIsNotRepeated) {
  const absl::Status status =
      RequestFromJson("{\"" + std::string(1'000'000, 'x') + "\": 1}").status();
  EXPECT_EQ(FieldOf(status), "");
  EXPECT_LT(status.message().size(), 200U);
}

}  // namespace
}  // namespace digits
