#include "server/http/json.h"

#include <gtest/gtest.h>

#include <string>

#include "server/service/status.h"

namespace digits {
namespace {

v1::ClassifyResponse Response() {
  v1::ClassifyResponse response;
  response.set_label(1);
  response.set_label_name("one");
  response.set_confidence(0.99f);
  response.add_probabilities(0.01f);
  response.add_probabilities(0.99f);
  response.set_digit_score(12.3f);
  response.set_model("best");
  response.set_version("3f295654b32a");
  return response;
}

TEST(ClassifyJsonTest, FloatsAreAsShortAsFloatsNeed) {
  EXPECT_EQ(ClassifyJson(Response(), std::nullopt),
            "{\"label\":1,\"label_name\":\"one\",\"confidence\":0.99,\"probabilities\":[0.01,0.99],"
            "\"digit_score\":12.3,\"model\":\"best\",\"version\":\"3f295654b32a\"}\n");
}

TEST(ClassifyJsonTest, ADigitIsWhatReachesTheThreshold) {
  const auto is_digit = [](float threshold) {
    return ClassifyJson(Response(), threshold).find("\"is_digit\":true") != std::string::npos;
  };
  EXPECT_TRUE(is_digit(12.3f));
  EXPECT_FALSE(is_digit(12.4f));
}

TEST(ClassifyJsonTest, TheImageIsBase64) {
  v1::ClassifyResponse response = Response();
  response.set_image("foobar");  // RFC 4648, section 10
  EXPECT_NE(ClassifyJson(response, std::nullopt).find("\"image\":\"Zm9vYmFy\""), std::string::npos);
}

TEST(ModelsJsonTest, HasWhatTheContractHas) {
  v1::ListModelsResponse response;
  v1::Model& model = *response.add_models();
  model.set_name("best");
  model.set_version("0123");
  v1::Layer& layer = *model.add_layers();
  layer.set_inputs(784);
  layer.set_outputs(2);
  layer.set_activation("softmax");
  model.add_class_names("no");
  model.add_class_names("\"yes\"");
  model.set_precision("int8");
  model.set_sha256("0123ab");
  (*model.mutable_provenance())["seed"] = "1";
  (*model.mutable_provenance())["data"] = "mnist";
  model.set_max_batch_images(3);
  model.set_digit_threshold(0.1f);
  response.add_models()->set_name("bare");
  EXPECT_EQ(ModelsJson(response),
            "{\"models\":[{\"name\":\"best\",\"version\":\"0123\",\"layers\":[{\"inputs\":784,"
            "\"outputs\":2,\"activation\":\"softmax\"}],\"class_names\":[\"no\",\"\\\"yes\\\"\"],"
            "\"precision\":\"int8\",\"sha256\":\"0123ab\",\"provenance\":{\"data\":\"mnist\","
            "\"seed\":\"1\"},\"max_batch_images\":3,\"digit_threshold\":0.1},"
            "{\"name\":\"bare\",\"version\":\"\",\"layers\":[],\"class_names\":[],"
            "\"precision\":\"\",\"sha256\":\"\",\"provenance\":{},\"max_batch_images\":0}]}\n");
}

TEST(ErrorJsonTest, NamesFieldAndReasonWhereThereAre) {
  EXPECT_EQ(ErrorJson(absl::NotFoundError("none")),
            "{\"error\":{\"code\":\"NOT_FOUND\",\"message\":\"none\"}}\n");
  EXPECT_EQ(ErrorJson(InvalidField("picture", "blank", "BLANK")),
            "{\"error\":{\"code\":\"INVALID_ARGUMENT\",\"message\":\"blank\",\"field\":\"picture\","
            "\"reason\":\"BLANK\"}}\n");
}

TEST(ErrorJsonTest, BytesThatAreNoUtf8AreReplaced) {
  EXPECT_EQ(ErrorJson(absl::NotFoundError("\xff")),
            "{\"error\":{\"code\":\"NOT_FOUND\",\"message\":\"\xef\xbf\xbd\"}}\n");
}

}  // namespace
}  // namespace digits
