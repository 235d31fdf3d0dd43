#include "trainer/report/report.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "tests/trainer/report/fake_classifier.h"
#include "tests/trainer/report/markup.h"
#include "trainer/training/evaluation.h"

namespace digits {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Widths from 784 on; the weights are 1, -1, 1, ... hundredths.
Weights WeightsOf(const std::vector<int>& widths) {
  Weights weights;
  weights.sha256 = std::string(64, 'a');
  Network& network = weights.network;
  for (size_t i = 1; i < widths.size(); ++i) {
    DenseLayer layer = {.inputs = widths[i - 1], .outputs = widths[i], .weights = {}, .bias = {}};
    for (int k = 0; k < layer.inputs * layer.outputs; ++k) {
      layer.weights.push_back(k % 2 == 0 ? 0.01f : -0.01f);
    }
    layer.bias.resize(static_cast<size_t>(layer.outputs));
    layer.activation = i + 1 == widths.size() ? Activation::kSoftmax : Activation::kRelu;
    network.layers.push_back(layer);
  }
  for (int i = 0; i < widths.back(); ++i) network.class_names.push_back(fmt::format("c{}", i));
  return weights;
}

std::string ReportOf(const Weights& weights, const DataSet& data,
                     const std::vector<EpochRecord>& history = {},
                     std::string_view name = "a.safetensors") {
  const PixelsClassifier classifier(static_cast<int>(weights.network.class_names.size()));
  const auto report = HtmlReport({.name = name,
                                  .weights = weights,
                                  .classifier = classifier,
                                  .data = data,
                                  .history = history,
                                  .trainer = "digits-trainer 1"});
  return report.ok() ? *report : std::string(report.status().message());
}

DataSet SomeImages() {
  return ImagesFor({{0, 0, 90}, {1, 0, 80}, {1, 1, 70}, {0, 0, 60}, {0, 0, 95}, {0, 1, 99}});
}

TEST(ReportTest, IsOneWellFormedPageWithTheFiguresOfEvaluate) {
  const Weights weights = WeightsOf({784, 16, 2});
  const DataSet data = SomeImages();
  const std::string report = ReportOf(weights, data);
  const auto tags = ReadMarkup(report);
  ASSERT_TRUE(tags);
  const Evaluation evaluation = Evaluate(PixelsClassifier(2), data);
  EXPECT_EQ(TextOfId(*tags, "accuracy"), "66.67\u00a0%");
  EXPECT_EQ(TextOfId(*tags, "accuracy"),
            fmt::format("{:.2f}\u00a0%", 100 * evaluation.confusion.accuracy()));
  EXPECT_EQ(TextOfId(*tags, "wrong"), "2");
  EXPECT_THAT(report, HasSubstr("scored in f32 on 6 images of "));
  EXPECT_EQ(TextOfId(*tags, "loss"), fmt::format("{:.4f}", evaluation.loss));
  EXPECT_THAT(TextOfId(*tags, "confusion"), HasSubstr("c0"
                                                      "31"))
      << "three right, one wrong";
  EXPECT_THAT(TextOfId(*tags, "scores"), HasSubstr("c0"
                                                   "43"
                                                   "75.00\u00a0%"
                                                   "75.00\u00a0%"));
  EXPECT_THAT(TextOfId(*tags, "provenance"), HasSubstr("does not say"));
}

TEST(ReportTest, AsksNoHostForAnythingAndNeedsNoScript) {
  const std::string report = ReportOf(WeightsOf({784, 2}), SomeImages());
  const auto tags = ReadMarkup(report);
  ASSERT_TRUE(tags);
  EXPECT_THAT(report, AllOf(Not(HasSubstr("http:")), Not(HasSubstr("https:")),
                            Not(HasSubstr("url(")), Not(HasSubstr("@import"))));
  EXPECT_THAT(report,
              AllOf(HasSubstr("default-src &#39;none&#39;;"), HasSubstr("base-uri &#39;none&#39;;"),
                    HasSubstr("form-action &#39;none&#39;")));
  for (const Tag& tag : *tags) {
    EXPECT_NE(tag.name, "script");
    for (const auto& [name, value] : tag.attributes) {
      if (name == "src") {
        EXPECT_THAT(value, testing::StartsWith("data:image/png;base64,"));
      }
      if (name == "href") {
        EXPECT_TRUE(value == "data:," || value.starts_with("#")) << value;
      }
      EXPECT_FALSE(name.starts_with("on")) << name;
    }
  }
}

TEST(ReportTest, IsOpenToThoseWhoDoNotSeeIt) {
  const std::string report =
      ReportOf(WeightsOf({784, 16, 2}), SomeImages(),
               {{.epoch = 1, .seconds = 1, .train = {1, 0.5}, .validation = {}}});
  const auto tags = ReadMarkup(report);
  ASSERT_TRUE(tags);
  std::set<std::string> ids;
  std::set<std::string> targets;
  int first_headings = 0;
  for (const Tag& tag : *tags) {
    const auto has = [&](const char* name) { return tag.attributes.contains(name); };
    if (has("id")) {
      EXPECT_TRUE(ids.insert(tag.attributes.at("id")).second);
    }
    if (tag.name == "a") targets.insert(tag.attributes.at("href").substr(1));
    if (tag.name == "section") targets.insert(tag.attributes.at("aria-labelledby"));
    if (tag.name == "h1") ++first_headings;
    if (tag.name == "html") {
      EXPECT_EQ(tag.attributes.at("lang"), "en");
    }
    if (tag.name == "title") {
      EXPECT_THAT(tag.text, HasSubstr("a.safetensors"));
    }
    if (tag.name == "th") {
      EXPECT_TRUE(has("scope"));
    }
    if (tag.name == "img") {
      EXPECT_TRUE(has("alt") && !tag.attributes.at("alt").empty());
    }
    if (tag.name == "svg") {
      EXPECT_TRUE(has("aria-label") && has("role"));
    }
  }
  EXPECT_EQ(first_headings, 1);
  EXPECT_THAT(targets, testing::IsSubsetOf(std::vector(ids.begin(), ids.end())));
}

TEST(ReportTest, EscapesEveryTextThatComesFromFiles) {
  Weights weights = WeightsOf({784, 2});
  weights.network.class_names = {"<b>x", "&\"'\xff"};
  weights.network.provenance = {{"recipe", "</code><script>"}, {"<i>", "<u>"}};
  DataSet data = SomeImages();
  data.name = "<data>\xc3";
  for (size_t i = 0; i < data.size(); ++i) data.sources.push_back("<img src=x>");
  const std::string report = ReportOf(weights, data, {}, "<name>\"");
  EXPECT_TRUE(ReadMarkup(report));
  for (const char* const raw :
       {"<b>x", "<script", "<i>", "<u>", "<data>", "<img src=x", "<name>", "\xff"}) {
    EXPECT_THAT(report, Not(HasSubstr(raw)));
  }
  EXPECT_THAT(report, AllOf(HasSubstr("&lt;/code&gt;&lt;script&gt;"),
                            HasSubstr("&amp;&quot;&#39;\ufffd"), HasSubstr("&lt;data&gt;\ufffd")));
}

TEST(ReportTest, HasLearningCurvesWhereThereIsAHistory) {
  const Weights weights = WeightsOf({784, 16, 2});
  EXPECT_THAT(ReportOf(weights, SomeImages()),
              AllOf(HasSubstr("There is no history of its epochs"), Not(HasSubstr("<polyline"))));
  const std::string report =
      ReportOf(weights, SomeImages(),
               {{.epoch = 1, .seconds = 1, .train = {0.9, 0.5}, .validation = {{0.8, 0.625}}},
                {.epoch = 2, .seconds = 1, .train = {0.7, 0.6}, .validation = {{0.6, 0.75}}}});
  const auto tags = ReadMarkup(report);
  ASSERT_TRUE(tags);
  EXPECT_THAT(TextOfId(*tags, "learning"),
              AllOf(HasSubstr("62.50\u00a0%"), HasSubstr("0.7000"), HasSubstr("validation"),
                    HasSubstr("The least validation loss, 0.6000, is that of epoch 2.")));
}

TEST(ReportTest, LossesOfOneScaleShareAChart) {
  const auto losses = [](double training, std::optional<double> validation) {
    EpochRecord record;
    record.epoch = 1;
    record.train = {training, 0.5};
    if (validation) record.validation = {*validation, 0.5};
    return ReportOf(WeightsOf({784, 16, 2}), SomeImages(), {record});
  };
  for (const std::string& report : {losses(0.25, 0.125), losses(0.25, 1.5), losses(1, {})}) {
    EXPECT_THAT(report, AllOf(HasSubstr("\"Loss over 1 epochs"), Not(HasSubstr("loss over 1"))));
  }
  EXPECT_THAT(losses(1, 0.25), AllOf(HasSubstr("\"Training loss over 1 epochs"),
                                     HasSubstr("\"Validation loss over 1 epochs"),
                                     Not(HasSubstr("\"Loss over 1 epochs"))));
}

TEST(ReportTest, ShowsTheWeightsOfUnitsOrWithoutHiddenLayerOfClasses) {
  EXPECT_THAT(ReportOf(WeightsOf({784, 3, 2}), SomeImages()),
              AllOf(HasSubstr("alt=\"Weights of unit 2\""), Not(HasSubstr("unit 3\""))));
  EXPECT_THAT(ReportOf(WeightsOf({784, 2}), SomeImages()),
              AllOf(HasSubstr("alt=\"Weights of class c1\""), HasSubstr("All of its 2 classes")));
  const std::string wide = ReportOf(WeightsOf({784, 65, 2}), SomeImages());
  EXPECT_THAT(wide, AllOf(HasSubstr("The first 64 of its 65 units"), HasSubstr("unit 63\""),
                          Not(HasSubstr("unit 64\""))));
}

TEST(ReportTest, ShowsTheWorstMistakesFirstAndNotTooManyOfThem) {
  const std::string report = ReportOf(WeightsOf({784, 2}), SomeImages());
  EXPECT_THAT(TextOfId(*ReadMarkup(report), "mistakes"),
              HasSubstr("read c1 99.00\u00a0%is c0 1.00\u00a0%image 5"));
  const size_t worst = report.find("image 5: c0 that was read as c1");
  const size_t second = report.find("image 1: c1 that was read as c0");
  ASSERT_NE(second, std::string::npos);
  EXPECT_LT(worst, second);
  const std::string many =
      ReportOf(WeightsOf({784, 2}), ImagesFor(std::vector<Asked>(100, {0, 1, 90})));
  EXPECT_THAT(many, HasSubstr("60 of 100 wrong answers"));
  EXPECT_THAT(ReportOf(WeightsOf({784, 2}), ImagesFor({{0, 0, 90}})),
              HasSubstr("every image was read rightly"));
}

TEST(ReportTest, TakesTwentySixClassesAndClassesWithoutImages) {
  std::vector<Asked> asked;
  for (uint8_t i = 0; i < 25; ++i) asked.push_back({i, i, 90});
  const std::string report = ReportOf(WeightsOf({784, 8, 26}), ImagesFor(asked));
  const auto tags = ReadMarkup(report);
  ASSERT_TRUE(tags);
  EXPECT_EQ(std::ranges::count_if(*tags,
                                  [](const Tag& tag) {
                                    return tag.name == "td" && tag.attributes.contains("class") &&
                                           tag.attributes.at("class") == "right";
                                  }),
            26);
  EXPECT_THAT(TextOfId(*tags, "scores"), HasSubstr("c25"
                                                   "00––"));
}

TEST(ReportTest, SaysWhatTheWeightsFileSaysOfItsOrigin) {
  Weights weights = WeightsOf({784, 2});
  weights.network.provenance = {{"recipe", "digits-trainer fit --seed 7"}, {"seed", "7"}};
  const auto tags = ReadMarkup(ReportOf(weights, SomeImages()));
  ASSERT_TRUE(tags);
  EXPECT_THAT(TextOfId(*tags, "provenance"),
              AllOf(HasSubstr("digits-trainer fit --seed 7"), HasSubstr("seed7"),
                    HasSubstr(Sha256(SomeImages()))));
  EXPECT_THAT(TextOfId(*tags, "model"),
              AllOf(HasSubstr("784-2"), HasSubstr("1,570"), HasSubstr(std::string(64, 'a'))));
}

TEST(ReportTest, TabulatesRobustnessByKind) {
  const Weights weights = WeightsOf({784, 2});
  const PixelsClassifier classifier(2);
  const DataSet data = SomeImages();
  const Robustness robustness = {.images = 1'500,
                                 .clean_error = 0.05,
                                 .scores = {{{PerturbationKind::kShift, 1}, 0.1},
                                            {{PerturbationKind::kShift, 2}, 0.3},
                                            {{PerturbationKind::kInverted, 1}, 0.8}}};
  const auto report = HtmlReport({.name = "a",
                                  .weights = weights,
                                  .classifier = classifier,
                                  .data = data,
                                  .history = {},
                                  .trainer = "",
                                  .robustness = &robustness});
  ASSERT_TRUE(report.ok()) << report.status();
  const auto tags = ReadMarkup(*report);
  ASSERT_TRUE(tags);
  EXPECT_THAT(
      TextOfId(*tags, "robustness"),
      AllOf(HasSubstr("1,500 images"), HasSubstr("5.00\u00a0%"), HasSubstr("40.00\u00a0%")));
  EXPECT_THAT(TextOfId(*tags, "robustness-table"),
              AllOf(HasSubstr("shiftpixelsat 1: 10.00\u00a0%at 2: 30.00\u00a0%20.00\u00a0%"),
                    HasSubstr("inverted80.00\u00a0%80.00\u00a0%")));
}

TEST(ReportTest, SaysSoWhereTheImagesAreThoseThatMadeTheWeights) {
  Weights weights = WeightsOf({784, 2});
  EXPECT_THAT(ReportOf(weights, SomeImages()), Not(HasSubstr("fitted to")));
  weights.network.provenance = {{"data_sha256", std::string(64, '0')}};
  EXPECT_THAT(ReportOf(weights, SomeImages()), Not(HasSubstr("fitted to")));
  weights.network.provenance = {{"data_sha256", Sha256(SomeImages())}};
  EXPECT_THAT(ReportOf(weights, SomeImages()),
              AllOf(HasSubstr("It was fitted to these very images"),
                    HasSubstr("these are the images it was fitted to")));
}

TEST(ReportTest, NamesTheMostFrequentMistakes) {
  std::vector<Asked> asked = {{0, 1, 90}, {2, 0, 90}, {1, 1, 90}};
  asked.insert(asked.end(), 3, {2, 1, 80});
  asked.insert(asked.end(), 2, {3, 1, 80});
  EXPECT_THAT(ReportOf(WeightsOf({784, 4}), ImagesFor(asked)),
              HasSubstr("Most often c2 is read as c1 (3 times), c3 as c1 (2), c0 as c1 (1)."));
  EXPECT_THAT(ReportOf(WeightsOf({784, 4}), ImagesFor({{1, 2, 90}})),
              HasSubstr("Most often c1 is read as c2 (once)."));
  EXPECT_THAT(ReportOf(WeightsOf({784, 4}), ImagesFor({{1, 1, 90}})), Not(HasSubstr("Most often")));
}

TEST(ReportTest, SaysHowTheNetworkSeesAPixel) {
  Weights weights = WeightsOf({784, 2});
  EXPECT_THAT(ReportOf(weights, SomeImages()), HasSubstr("0 to 255, divided by 255<"));
  weights.network.input_scale = 0.5f;
  weights.network.input_offset = -1;
  EXPECT_THAT(ReportOf(weights, SomeImages()), HasSubstr("0 to 255, times 0.5, plus -1<"));
}

TEST(ReportTest, SaysHowTheWeightsAreStoredAndCalibrated) {
  Weights weights = WeightsOf({784, 16, 2});
  const auto model = [&] {
    const auto tags = ReadMarkup(ReportOf(weights, SomeImages()));
    return tags ? TextOfId(*tags, "model") : "";
  };
  EXPECT_THAT(model(), AllOf(HasSubstr("Stored asfloat32"), HasSubstr("Temperature1\n"),
                             HasSubstr("not calibrated"), HasSubstr("of a digitnot known")));
  weights.storage = StorageType::kI8;
  weights.network.temperature = 0.7533f;
  weights.network.input_ranges = {2.5f};
  weights.network.digit_threshold = 4.05f;
  EXPECT_THAT(model(), AllOf(HasSubstr("Stored asint8"), HasSubstr("Temperature0.7533\n"),
                             HasSubstr("int8 arithmeticpossible"), HasSubstr("of a digit4.05")));
}

TEST(ReportTest, TheSameSubjectMakesTheSameBytes) {
  const Weights weights = WeightsOf({784, 16, 2});
  EXPECT_EQ(ReportOf(weights, SomeImages()), ReportOf(weights, SomeImages()));
}

TEST(ReportTest, BrokenMarkupWouldBeSeen) {
  for (const char* const broken : {"<p>", "</p>", "<p><b></p></b>", "<p a=1></p>", "a & b",
                                   "<p a=\"1\" a=\"2\"></p>", "a > b", "<p a=\"<\"></p>"}) {
    EXPECT_FALSE(ReadMarkup(broken)) << broken;
  }
  EXPECT_TRUE(ReadMarkup("<!DOCTYPE html>\n<p a=\"1\">b<br/>&amp;</p>"));
}

}  // namespace
}  // namespace digits
