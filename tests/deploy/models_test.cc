// The shipped models: they are what their cards say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "server/engine/onednn_classifier.h"
#include "server/engine/onednn_plan.h"
#include "server/model/weights_file.h"
#include "trainer/calibration/reliability.h"
#include "trainer/data/read.h"
#include "trainer/report/parameters.h"
#include "trainer/training/answers.h"
#include "trainer/training/evaluation.h"

namespace digits {
namespace {

using std::filesystem::path;
using testing::HasSubstr;

const path kModels = path(DIGITS_SOURCE_DIR) / "deploy/models";

std::string CardOf(const std::string& model) {
  std::ostringstream text;
  text << std::ifstream(kModels / (model + ".md")).rdbuf();
  return text.str();
}

Weights WeightsOf(const std::string& model) {
  const auto weights = ReadWeights(kModels / (model + ".safetensors"));
  EXPECT_TRUE(weights.ok()) << weights.status();
  return weights.ok() ? *weights : Weights();
}

TEST(ModelsTest, AllTogetherAreSmallAndEachHasACard) {
  std::vector<std::string> models;
  uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kModels)) {
    if (entry.path().extension() != ".safetensors") continue;
    models.push_back(entry.path().stem());
    bytes += entry.file_size();
    EXPECT_TRUE(exists(kModels / (models.back() + ".md"))) << models.back();
  }
  EXPECT_THAT(models, testing::UnorderedElementsAre("article", "article-best", "best"));
  EXPECT_LT(bytes, 6'000'000u);
}

class ModelTest : public testing::TestWithParam<const char*> {};

TEST_P(ModelTest, ItsCardIsOfThisFile) {
  const Weights weights = WeightsOf(GetParam());
  EXPECT_THAT(CardOf(GetParam()), HasSubstr("| SHA-256 of the file | `" + weights.sha256 + "` |"));
  EXPECT_THAT(CardOf(GetParam()), HasSubstr(Architecture(weights.network)));
  EXPECT_EQ(weights.network.class_names, DecimalClassNames());
}

struct Scores {
  int right = 0;  // of 10,000
  double loss = 0;
  double calibration_error = 0;
};

// What the card says of the test images, if it does for that precision.
std::optional<Scores> ScoresOnCard(const std::string& card, const std::string& precision) {
  std::smatch found;
  if (!std::regex_search(card, found,
                         std::regex("accuracy on MNIST's 10,000 test images, " + precision +
                                    " \\| ([0-9.]+) % \\((\\d),(\\d)(\\d{2})\\), negative "
                                    "log-likelihood ([0-9.]+), ECE (0\\.[0-9]+)"))) {
    return std::nullopt;
  }
  EXPECT_EQ(found.str(1), found.str(2) + found.str(3) + "." + found.str(4));
  return Scores{std::stoi(found.str(2) + found.str(3) + found.str(4)), std::stod(found.str(5)),
                std::stod(found.str(6))};
}

TEST_P(ModelTest, ItReadsTestDigitsAsWellAsItsCardSays) {
  const char* const mnist = std::getenv("DIGITS_MNIST_DIR");
  if (mnist == nullptr) GTEST_SKIP() << "DIGITS_MNIST_DIR is not set";
  const auto data = ReadExamples(mnist, Split::kTest, {});
  ASSERT_TRUE(data.ok()) << data.status();
  const std::string card = CardOf(GetParam());
  const Network network = WeightsOf(GetParam()).network;
  struct Row {
    Precision precision;
    const char* name;
    int tolerance;  // images that are on the edge: sums of floats are not the same everywhere
  };
  for (const auto& [precision, name, tolerance] :
       {Row{Precision::kF32, "float32", 3}, Row{Precision::kInt8, "int8", 1}}) {
    const std::optional<Scores> said = ScoresOnCard(card, name);
    ASSERT_EQ(said.has_value(), precision == Precision::kF32 || HasInputRanges(network)) << name;
    if (!said || (precision == Precision::kInt8 && !CheckInt8IsExact().ok())) continue;
    const auto classifier = MakeOnednnClassifier(network, precision);
    ASSERT_TRUE(classifier.ok()) << classifier.status();
    const std::vector<float> probabilities = AnswersTo(**classifier, *data).probabilities;
    const Evaluation evaluation = Evaluate(probabilities, data->labels, network.class_names.size());
    EXPECT_NEAR(10'000 * evaluation.confusion.accuracy(), said->right, tolerance) << name;
    EXPECT_NEAR(evaluation.loss, said->loss, 1e-4) << name;
    EXPECT_NEAR(ExpectedCalibrationError(MeasureReliability(probabilities, data->labels)),
                said->calibration_error, 3e-4)
        << name;
  }
}

INSTANTIATE_TEST_SUITE_P(, ModelTest, testing::Values("article", "article-best", "best"),
                         [](const auto& model) {
                           const std::string name = model.param;
                           return name == "article-best" ? "article_best" : name;
                         });

TEST(ModelsTest, AreWithinTheirSizesAndTheBestAreCalibrated) {
  EXPECT_EQ(Parameters(WeightsOf("article").network), 13'002);
  EXPECT_EQ(Parameters(WeightsOf("article-best").network), 13'002);
  EXPECT_LE(Parameters(WeightsOf("best").network), 2'000'000);
  for (const char* const model : {"article-best", "best"}) {
    const Network network = WeightsOf(model).network;
    EXPECT_TRUE(HasInputRanges(network)) << model;
    EXPECT_TRUE(network.digit_threshold.has_value()) << model;
    EXPECT_NE(network.temperature, 1) << model;
  }
}

}  // namespace
}  // namespace digits
