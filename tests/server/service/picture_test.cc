// Pictures of any size in Classify and in streams.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/image/normalize.h"
#include "tests/server/service/service_test_base.h"

namespace digits {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A dark upright bar, a fifth of the paper's width and three of its height's.
v1::Picture Bar(uint32_t width, uint32_t height) {
  v1::Picture picture;
  picture.set_width(width);
  picture.set_height(height);
  std::string& pixels = *picture.mutable_pixels();
  pixels.assign(size_t{width} * height, '\xf0');
  for (uint32_t y = height / 5; y < height / 5 * 4; ++y) {
    for (uint32_t x = width / 5 * 2; x < width / 5 * 3; ++x) pixels[size_t{y} * width + x] = '\x20';
  }
  return picture;
}

v1::Picture Blank(uint32_t width, uint32_t height) {
  v1::Picture picture;
  picture.set_width(width);
  picture.set_height(height);
  picture.set_pixels(std::string(size_t{width} * height, '\xf0'));
  return picture;
}

v1::ClassifyRequest RequestOf(const v1::Picture& picture) {
  v1::ClassifyRequest request;
  *request.mutable_picture() = picture;
  request.set_return_image(true);
  return request;
}

std::string Normalized(const v1::Picture& picture) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(picture.pixels().data());
  const std::optional<Image> image =
      Normalize({static_cast<int>(picture.width()), static_cast<int>(picture.height()), bytes,
                 picture.width()});
  return image ? std::string(image->begin(), image->end()) : "";
}

// What the error's google.rpc.BadRequest gives for a reason.
std::string ReasonInDetails(const grpc::Status& status) {
  internal::Status details;
  internal::BadRequest bad_request;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  EXPECT_TRUE(bad_request.ParseFromString(details.details(0).value()));
  return bad_request.field_violations(0).reason();
}

class PictureTest : public ServiceTestBase {
 protected:
  grpc::Status Classify(const v1::ClassifyRequest& request, v1::ClassifyResponse& response) {
    return stub_->Classify(Context().get(), request, &response);
  }
};

// Small ones, ones that are read on another thread because of their bytes, and the largest.
TEST_F(PictureTest, ThePictureIsMadeAnImageAndThatIsClassified) {
  for (const auto& [width, height] : {std::pair(20U, 30U), std::pair(200U, 300U),
                                      std::pair(2048U, 2048U), std::pair(1000U, 4194U)}) {
    const v1::Picture picture = Bar(width, height);
    v1::ClassifyResponse response;
    const grpc::Status status = Classify(RequestOf(picture), response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    ASSERT_THAT(response.image(), SizeIs(784));
    EXPECT_EQ(response.image(), Normalized(picture)) << width << " x " << height;
    // The bar's middle is ink, and the corner, which the fake model reads, is paper.
    EXPECT_GT(static_cast<uint8_t>(response.image()[14 * 28 + 14]), 200);
    EXPECT_EQ(response.label(), 0U);
    EXPECT_THAT(response.probabilities(), SizeIs(10));
    EXPECT_EQ(response.model(), "first");
  }
  EXPECT_EQ(computed_, 4U);
}

TEST_F(PictureTest, TheImageOfPixelsIsReturnedAsItCame) {
  v1::ClassifyRequest request;
  request.set_pixels(Image28(7));
  request.set_return_image(true);
  v1::ClassifyResponse response;
  ASSERT_TRUE(Classify(request, response).ok());
  EXPECT_EQ(response.image(), Image28(7));
}

TEST_F(PictureTest, NoImageIsReturnedUnasked) {
  v1::ClassifyRequest request = RequestOf(Bar(40, 40));
  request.set_return_image(false);
  v1::ClassifyResponse response;
  ASSERT_TRUE(Classify(request, response).ok());
  EXPECT_THAT(response.image(), IsEmpty());
}

TEST_F(PictureTest, ABlankPictureIsAnInvalidArgumentThatGivesThatReason) {
  for (const auto& [width, height] :
       {std::pair(1U, 1U), std::pair(28U, 28U), std::pair(500U, 400U)}) {
    v1::ClassifyResponse response;
    const grpc::Status status = Classify(RequestOf(Blank(width, height)), response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr("blank"));
    EXPECT_EQ(FieldInDetails(status), "picture");
    EXPECT_EQ(ReasonInDetails(status), "BLANK");
  }
  EXPECT_EQ(computed_, 0U);
}

TEST_F(PictureTest, BrokenPicturesAreInvalidArgumentsThatNameTheField) {
  struct Case {
    uint32_t width;
    uint32_t height;
    size_t bytes;
    const char* field;
    const char* message;
  };
  const std::vector<Case> cases = {
      {0, 5, 0, "picture.width", "picture.width is 0"},
      {5, 0, 5, "picture.height", "picture.height is 0"},
      {0, 0, 0, "picture.width", "picture.width is 0"},
      {10, 10, 99, "picture.pixels", "99 bytes; a picture of 10 x 10 has 100"},
      {10, 10, 101, "picture.pixels", "101 bytes"},
      {20'000, 20'000, 4, "picture", "20000 x 20000"},
      {2048, 2049, 2048 * 2049, "picture", "2048 x 2049"},
      // Their product is 0 in 32 bits.
      {65'536, 65'536, 0, "picture", "65536 x 65536"},
      {4'294'967'295, 4'294'967'295, 1, "picture", "4294967295 x 4294967295"},
      {4'194'305, 1, 4'194'305, "picture", "at most 4194304 pixels"},
  };
  for (const Case& c : cases) {
    v1::Picture picture;
    picture.set_width(c.width);
    picture.set_height(c.height);
    picture.set_pixels(std::string(c.bytes, '\x80'));
    v1::ClassifyResponse response;
    const grpc::Status status = Classify(RequestOf(picture), response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << c.message;
    EXPECT_THAT(status.error_message(), HasSubstr(c.message));
    EXPECT_EQ(FieldInDetails(status), c.field) << c.message;
  }
  EXPECT_EQ(computed_, 0U);
}

TEST_F(PictureTest, OfPixelsAndPictureTheLastOneCounts) {
  v1::ClassifyRequest request;
  request.set_pixels(Image28(7));
  v1::ClassifyResponse response;
  ASSERT_TRUE(Classify(RequestOf(Bar(30, 30)), response).ok());
  v1::ClassifyRequest both;
  ASSERT_TRUE(both.ParseFromString(RequestOf(Bar(30, 30)).SerializeAsString() +
                                   request.SerializeAsString()));
  ASSERT_TRUE(Classify(both, response).ok());
  EXPECT_EQ(response.label(), 7U);
}

TEST_F(PictureTest, APictureForAnUnknownModelIsNotFound) {
  v1::ClassifyRequest request = RequestOf(Bar(100, 100));
  request.set_model("third");
  v1::ClassifyResponse response;
  const grpc::Status status = Classify(request, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(FieldInDetails(status), "model");
}

TEST_F(PictureTest, AStreamAnswersPicturesAndImagesInTheirOrder) {
  constexpr uint64_t kMessages = 30;
  const auto context = Context();
  const auto stream = stub_->ClassifyStream(context.get());
  for (uint64_t i = 0; i < kMessages; ++i) {
    v1::ClassifyStreamRequest message;
    message.set_id(i);
    if (i % 3 == 0) {
      *message.mutable_request() = RequestOf(Bar(200, 100 + static_cast<uint32_t>(i)));
    } else if (i % 3 == 1) {
      message.mutable_request()->set_pixels(Image28(static_cast<uint8_t>(i)));
    } else {
      *message.mutable_request() = RequestOf(Blank(100, 100));
    }
    ASSERT_TRUE(stream->Write(message));
  }
  stream->WritesDone();
  for (uint64_t i = 0; i < kMessages; ++i) {
    v1::ClassifyStreamResponse response;
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.id(), i);
    if (i % 3 == 0) {
      EXPECT_EQ(response.response().image(), Normalized(Bar(200, 100 + static_cast<uint32_t>(i))));
    } else if (i % 3 == 1) {
      EXPECT_EQ(response.response().label(), i % 10);
    } else {
      EXPECT_EQ(response.error().code(), static_cast<int>(grpc::StatusCode::INVALID_ARGUMENT));
      EXPECT_EQ(response.error().field(), "request.picture");
    }
  }
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(PictureTest, TheFieldOfABrokenPictureInAStreamIsNamedWithinTheMessage) {
  const auto context = Context();
  const auto stream = stub_->ClassifyStream(context.get());
  v1::ClassifyStreamRequest message;
  message.mutable_request()->mutable_picture()->set_width(3);
  ASSERT_TRUE(stream->Write(message));
  v1::ClassifyStreamResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.error().field(), "request.picture.height");
  EXPECT_THAT(response.error().message(), HasSubstr("picture.height is 0"));
}

}  // namespace
}  // namespace digits
