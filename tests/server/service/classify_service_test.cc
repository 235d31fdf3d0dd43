// Every call of digits.v1.DigitClassifier but the stream's.
#include "server/service/classify_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/image/image.h"
#include "tests/server/service/raw_call.h"
#include "tests/server/service/service_test_base.h"

namespace digits {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

using std::chrono_literals::operator""ms;

class ClassifyServiceTest : public ServiceTestBase {
 protected:
  // Sends bytes that need not be a message.
  grpc::Status CallWithBytes(const std::string& method, const std::string& bytes) {
    RawCall call(channel_, "/digits.v1.DigitClassifier/" + method);
    call.Write(bytes);
    call.WritesDone();
    call.Read();  // the status may wait behind an answer that nobody reads
    return call.Finish();
  }
};

v1::ClassifyRequest ClassifyRequestOf(const std::string& pixels, const std::string& model = "",
                                      const std::string& version = "") {
  v1::ClassifyRequest request;
  request.set_pixels(pixels);
  request.set_model(model);
  request.set_version(version);
  return request;
}

TEST_F(ClassifyServiceTest, ClassifyAnswersTheMostProbableClassAndAllProbabilities) {
  v1::ClassifyResponse response;
  const grpc::Status status =
      stub_->Classify(Context().get(), ClassifyRequestOf(Image28(7)), &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.label(), 7U);
  EXPECT_EQ(response.label_name(), "7");
  EXPECT_FLOAT_EQ(response.confidence(), 0.55F);
  ASSERT_THAT(response.probabilities(), SizeIs(10));
  EXPECT_FLOAT_EQ(response.probabilities(7), 0.55F);
  EXPECT_FLOAT_EQ(response.probabilities(0), 0.05F);
  EXPECT_EQ(response.digit_score(), 7 / 4.0F);
  EXPECT_EQ(response.model(), "first");
  EXPECT_EQ(response.version(), "0123456789ab");
}

TEST_F(ClassifyServiceTest, OfEquallyProbableClassesTheLowestIsTheLabel) {
  ServedModel model = MakeFakeModel("undecided", nullptr);
  model.class_names = {"a", "b", "c"};
  v1::ClassifyResponse response;
  FillResponse(model, std::vector{0.2F, 0.4F, 0.4F}, 0, response);
  EXPECT_EQ(response.label(), 1U);
  EXPECT_EQ(response.label_name(), "b");
}

TEST_F(ClassifyServiceTest, ANamedModelAndItsVersionAnswer) {
  v1::ClassifyResponse response;
  const grpc::Status status = stub_->Classify(
      Context().get(), ClassifyRequestOf(Image28(1), "second", "0123456789ab"), &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.model(), "second");
}

TEST_F(ClassifyServiceTest, BrokenImagesAreInvalidArgumentsThatNamePixels) {
  v1::ClassifyRequest no_image;
  const struct {
    v1::ClassifyRequest request;
    const char* message;
  } cases[] = {
      {ClassifyRequestOf(std::string(783, '\0')), "783 bytes"},
      {ClassifyRequestOf(std::string(785, '\0')), "785 bytes"},
      {ClassifyRequestOf(""), "0 bytes"},
      {no_image, "no image"},
  };
  for (const auto& [request, message] : cases) {
    v1::ClassifyResponse response;
    const grpc::Status status = stub_->Classify(Context().get(), request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), AllOf(HasSubstr(message), HasSubstr("784")));
    EXPECT_EQ(FieldInDetails(status), "pixels");
  }
  EXPECT_EQ(computed_, 0U);
}

TEST_F(ClassifyServiceTest, UnknownModelsAndVersionsAreNotFoundAndNamed) {
  const struct {
    const char* model;
    const char* version;
    const char* message;
    const char* field;
  } cases[] = {
      {"third", "", "third", "model"},
      {"third", "0123456789ab", "third", "model"},
      {"first", "ba9876543210", "ba9876543210", "version"},
      {"", "ba9876543210", "ba9876543210", "version"},
      // Odd names come back, legibly.
      {"\xd1\x86\n\x01", "", "\xd1\x86??", "model"},
  };
  for (const auto& [model, version, message, field] : cases) {
    v1::ClassifyResponse response;
    const grpc::Status status =
        stub_->Classify(Context().get(), ClassifyRequestOf(Image28(0), model, version), &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
    EXPECT_THAT(status.error_message(), HasSubstr(message));
    EXPECT_EQ(FieldInDetails(status), field);
  }
}

TEST_F(ClassifyServiceTest, AVeryLongModelNameIsAnsweredInShort) {
  v1::ClassifyResponse response;
  const grpc::Status status = stub_->Classify(
      Context().get(), ClassifyRequestOf(Image28(0), std::string(60'000, 'x')), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(status.error_message(), SizeIs(testing::Lt(600U)));
}

TEST_F(ClassifyServiceTest, RequestsOfMoreThanTheirKindNeedsAreRefused) {
  const size_t small = 64 << 10;
  const size_t picture = (4 << 20) + small;
  for (const auto& [method, limit] : {std::pair("Classify", picture), std::pair("GetModel", small),
                                      std::pair("ListModels", small)}) {
    const grpc::Status status = CallWithBytes(method, std::string(limit + 1, 'x'));
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << method;
    EXPECT_THAT(status.error_message(), HasSubstr(std::to_string(limit + 1) + " bytes")) << method;
  }
}

// A message keeps its unknown fields, each in thirty times the memory that its bytes take here.
TEST_F(ClassifyServiceTest, RequestsOfThousandsOfFieldsAreInvalidArguments) {
  std::string empty_fields(1 << 20, '\0');
  for (size_t i = 0; i < empty_fields.size(); i += 2) empty_fields[i] = '\x7a';  // field 15
  const std::string group = "\x7b\x7c";  // the beginning and the end of group 15
  for (const std::string& bytes : {empty_fields, group}) {
    const grpc::Status status = CallWithBytes("ClassifyBatch", bytes);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr("more fields"));
  }
}

TEST_F(ClassifyServiceTest, SoAreThoseOfThousandsOfFieldsWithin) {
  std::string empty_fields(1 << 20, '\0');
  for (size_t i = 0; i < empty_fields.size(); i += 2) empty_fields[i] = '\x7a';  // field 15
  // Field 2, the picture, of 2^20 bytes.
  const grpc::Status status = CallWithBytes("Classify", "\x12\x80\x80\x40" + empty_fields);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("more fields"));
}

TEST_F(ClassifyServiceTest, MessagesWithinThatClaimMoreBytesThanThereAreAreInvalidArguments) {
  // Their sizes: 100, about 2^31, and one that never ends; then none.
  for (const std::string size :
       {"\x64", "\xff\xff\xff\xff\x0f", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", ""}) {
    const grpc::Status status = CallWithBytes("Classify", "\x12" + size + "\x08");
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr("not a valid digits.v1.ClassifyRequest"));
  }
}

TEST_F(ClassifyServiceTest, FieldsOfLaterVersionsAreIgnored) {
  v1::ClassifyBatchRequest request;
  request.set_pixels(Image28(3));
  const std::string later = "\x7a\x01x";  // field 15, "x"
  EXPECT_TRUE(CallWithBytes("ClassifyBatch", request.SerializeAsString() + later).ok());
}

TEST_F(ClassifyServiceTest, ABatchWhoseDeadlinePassesWhileItWaitsLeavesAtOnce) {
  std::promise<void> release;
  on_classify_ = [released = release.get_future().share()](size_t /*images*/) {
    released.wait_for(kPatience);
  };
  v1::ClassifyBatchRequest request;
  request.set_pixels(Image28(3));
  const auto call = [&](std::chrono::milliseconds time) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + time);
    v1::ClassifyBatchResponse response;
    return stub_->ClassifyBatch(&context, request, &response);
  };
  const size_t slots = BatchLimits().slots;
  std::vector<std::future<grpc::Status>> in_hand;
  for (size_t i = 0; i < slots; ++i) {
    in_hand.push_back(std::async(std::launch::async, call, kPatience));
  }
  const auto wait_for_calls = [&](size_t count) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (service_.open_calls().size() != count && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(1ms);
    }
    EXPECT_EQ(service_.open_calls().size(), count);
  };
  wait_for_calls(slots);
  EXPECT_EQ(call(200ms).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  wait_for_calls(slots);
  release.set_value();
  for (std::future<grpc::Status>& answer : in_hand) EXPECT_TRUE(answer.get().ok());
  EXPECT_EQ(computed_, slots);
}

TEST_F(ClassifyServiceTest, BytesThatAreNoMessageAreInvalidArguments) {
  for (const char* method : {"Classify", "ClassifyBatch", "GetModel", "ListModels"}) {
    const grpc::Status status = CallWithBytes(method, "\x0a\xff\xff");  // a field cut short
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << method;
    EXPECT_THAT(status.error_message(), HasSubstr("Request")) << method;
  }
}

TEST_F(ClassifyServiceTest, TextsThatAreNotUtf8AreInvalidArguments) {
  const grpc::Status status = CallWithBytes("Classify", "\x1a\x01\xff");  // model = "\xff"
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("UTF-8"));
}

TEST_F(ClassifyServiceTest, BatchesAnswerALabelAndAConfidenceForEachImage) {
  v1::ClassifyBatchRequest request;
  request.set_pixels(Images(std::vector<uint8_t>{3, 1, 9}));
  v1::ClassifyBatchResponse response;
  ASSERT_TRUE(stub_->ClassifyBatch(Context().get(), request, &response).ok());
  EXPECT_THAT(response.labels(), ElementsAre(3, 1, 9));
  EXPECT_THAT(response.confidences(), AllOf(SizeIs(3), Each(FloatEq(0.55F))));
  EXPECT_THAT(response.digit_scores(), ElementsAre(3 / 4.0F, 1 / 4.0F, 9 / 4.0F));
  EXPECT_THAT(response.probabilities(), IsEmpty());
  EXPECT_EQ(response.model(), "first");
  EXPECT_EQ(response.version(), "0123456789ab");
}

TEST_F(ClassifyServiceTest, BatchesAnswerAllProbabilitiesWhenAsked) {
  v1::ClassifyBatchRequest request;
  request.set_pixels(Images(std::vector<uint8_t>{3, 1}));
  request.set_model("second");
  request.set_probabilities(true);
  v1::ClassifyBatchResponse response;
  ASSERT_TRUE(stub_->ClassifyBatch(Context().get(), request, &response).ok());
  EXPECT_THAT(response.labels(), ElementsAre(3, 1));
  EXPECT_THAT(response.digit_scores(), ElementsAre(3 / 4.0F, 1 / 4.0F));
  ASSERT_THAT(response.probabilities(), SizeIs(20));
  for (int i = 0; i < 20; ++i) {
    EXPECT_FLOAT_EQ(response.probabilities(i), i == 3 || i == 11 ? 0.55F : 0.05F) << i;
  }
  EXPECT_EQ(response.model(), "second");
}

TEST_F(ClassifyServiceTest, TheLargestBatchIsAnsweredInOrder) {
  std::vector<uint8_t> first_pixels(kMaxBatchImages);
  for (size_t i = 0; i < kMaxBatchImages; ++i) first_pixels[i] = static_cast<uint8_t>(i * 7 % 256);
  for (const bool probabilities : {false, true}) {
    v1::ClassifyBatchRequest request;
    request.set_pixels(Images(first_pixels));
    request.set_probabilities(probabilities);
    v1::ClassifyBatchResponse response;
    const grpc::Status status = stub_->ClassifyBatch(Context().get(), request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    ASSERT_THAT(response.labels(), SizeIs(kMaxBatchImages));
    ASSERT_THAT(response.digit_scores(), SizeIs(kMaxBatchImages));
    for (size_t i = 0; i < kMaxBatchImages; ++i) {
      ASSERT_EQ(response.labels(static_cast<int>(i)), first_pixels[i] % 10U) << i;
      ASSERT_EQ(response.digit_scores(static_cast<int>(i)), static_cast<float>(first_pixels[i]) / 4)
          << i;
    }
  }
}

TEST_F(ClassifyServiceTest, BrokenBatchesAreInvalidArgumentsThatNamePixels) {
  const struct {
    size_t bytes;
    const char* message;
  } cases[] = {
      {0, "empty"},
      {783, "783 bytes"},
      {785, "1 images and 1 bytes more"},
      {(kMaxBatchImages + 1) * kImagePixels, "3001 images; a request may hold 3000"},
  };
  for (const auto& [bytes, message] : cases) {
    v1::ClassifyBatchRequest request;
    request.set_pixels(std::string(bytes, '\0'));
    v1::ClassifyBatchResponse response;
    const grpc::Status status = stub_->ClassifyBatch(Context().get(), request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << bytes;
    EXPECT_THAT(status.error_message(), HasSubstr(message));
    EXPECT_EQ(FieldInDetails(status), "pixels") << bytes;
  }
  EXPECT_EQ(computed_, 0U);
}

TEST_F(ClassifyServiceTest, BatchesForUnknownModelsAreNotFound) {
  v1::ClassifyBatchRequest request;
  request.set_pixels(Image28(0));
  request.set_model("third");
  v1::ClassifyBatchResponse response;
  const grpc::Status status = stub_->ClassifyBatch(Context().get(), request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(FieldInDetails(status), "model");
}

TEST_F(ClassifyServiceTest, ABatchStopsWhenItsCallerCancels) {
  const auto context = Context();
  on_classify_ = [&](size_t /*images*/) {
    if (computed_ > 0) return;
    context->TryCancel();
    std::this_thread::sleep_for(100ms);  // for the cancellation to arrive
  };
  v1::ClassifyBatchRequest request;
  request.set_pixels(Images(std::vector<uint8_t>(kMaxBatchImages)));
  v1::ClassifyBatchResponse response;
  const grpc::Status status = stub_->ClassifyBatch(context.get(), request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
  server_->Shutdown();
  service_.Stop();  // after which nothing is computed any more
  EXPECT_EQ(computed_, 1024U);
}

TEST_F(ClassifyServiceTest, ABatchStopsWhenItsDeadlinePasses) {
  on_classify_ = [](size_t /*images*/) { std::this_thread::sleep_for(200ms); };
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + 100ms);
  v1::ClassifyBatchRequest request;
  request.set_pixels(Images(std::vector<uint8_t>(kMaxBatchImages)));
  v1::ClassifyBatchResponse response;
  const grpc::Status status = stub_->ClassifyBatch(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  server_->Shutdown();
  service_.Stop();
  EXPECT_LE(computed_, 1024U);
}

TEST_F(ClassifyServiceTest, ListModelsDescribesThemTheDefaultFirst) {
  v1::ListModelsResponse response;
  ASSERT_TRUE(stub_->ListModels(Context().get(), {}, &response).ok());
  ASSERT_THAT(response.models(), SizeIs(2));
  EXPECT_EQ(response.models(0).name(), "first");
  EXPECT_EQ(response.models(1).name(), "second");
}

TEST_F(ClassifyServiceTest, GetModelDescribesTheDefaultModelWhenNoneIsNamed) {
  v1::GetModelResponse response;
  ASSERT_TRUE(stub_->GetModel(Context().get(), {}, &response).ok());
  const v1::Model& model = response.model();
  EXPECT_EQ(model.name(), "first");
  EXPECT_EQ(model.version(), "0123456789ab");
  EXPECT_EQ(model.sha256(), "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
  ASSERT_THAT(model.layers(), SizeIs(2));
  EXPECT_EQ(model.layers(0).inputs(), 784U);
  EXPECT_EQ(model.layers(0).outputs(), 16U);
  EXPECT_EQ(model.layers(0).activation(), "relu");
  EXPECT_EQ(model.layers(1).activation(), "softmax");
  EXPECT_THAT(model.class_names(), ElementsAre("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"));
  EXPECT_EQ(model.precision(), "f32");
  EXPECT_THAT(model.provenance(),
              UnorderedElementsAre(Pair("data", "a test"), Pair("test_accuracy", "0.5")));
  EXPECT_EQ(model.max_batch_images(), kMaxBatchImages);
}

TEST_F(ClassifyServiceTest, GetModelGivesTheThresholdOfTheDigitScoreWhereThereIsOne) {
  ModelRegistry models;
  ServedModel calibrated = MakeFakeModel("calibrated", std::make_unique<FakeClassifier>());
  calibrated.digit_threshold = -1.5F;
  ASSERT_TRUE(models.Add(std::move(calibrated)).ok());
  ASSERT_TRUE(models.Add(MakeFakeModel("bare", std::make_unique<FakeClassifier>())).ok());
  v1::ListModelsResponse response;
  ASSERT_TRUE(ListModels({&models}, {}, response).ok());
  ASSERT_TRUE(response.models(0).has_digit_threshold());
  EXPECT_EQ(response.models(0).digit_threshold(), -1.5F);
  EXPECT_FALSE(response.models(1).has_digit_threshold());
}

TEST_F(ClassifyServiceTest, GetModelOfAnUnknownNameOrVersionIsNotFound) {
  v1::GetModelRequest request;
  request.set_model("third");
  v1::GetModelResponse response;
  grpc::Status status = stub_->GetModel(Context().get(), request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(FieldInDetails(status), "model");

  request.set_model("second");
  request.set_version("none");
  status = stub_->GetModel(Context().get(), request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(FieldInDetails(status), "version");
}

}  // namespace
}  // namespace digits
