// What a fit is asked to do: by name, by flags, by what a weights file says of itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "server/model/weights_file.h"
#include "tests/e2e/process.h"
#include "tests/trainer/digits_folder.h"
#include "trainer/report/parameters.h"

namespace digits {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using FitRecipesTest = DigitsFolderTest;

TEST_F(FitRecipesTest, TheRecipeInAWeightsFileMakesTheSameBytes) {
  ASSERT_EQ(Fit("a.safetensors", {"--hidden", "", "--class-names", "0,1,2,3,4,5,6,7,8,it's nine"})
                .exit_code,
            0);
  const auto weights = ReadWeights(folder_ / "a.safetensors");
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_EQ(weights->network.layers.size(), 1u);
  EXPECT_EQ(weights->network.class_names.back(), "it's nine");
  std::string recipe = weights->network.provenance.at("recipe");
  recipe.replace(0, std::string("digits-trainer").size(), DIGITS_TRAINER);
  const Finished again = RunProgram({"/bin/sh", "-c", recipe + " --output b.safetensors"}, folder_);
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(ReadAll(folder_ / "a.safetensors"), ReadAll(folder_ / "b.safetensors"));
}

TEST_F(FitRecipesTest, TheArticlesRecipeIsTheDefault) {
  ASSERT_EQ(Fit("a.safetensors").exit_code, 0);
  ASSERT_EQ(Fit("b.safetensors", {"--recipe", "article"}).exit_code, 0);
  const auto a = ReadWeights(folder_ / "a.safetensors");
  const auto b = ReadWeights(folder_ / "b.safetensors");
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(a->network.provenance.at("recipe"), b->network.provenance.at("recipe"));
  EXPECT_EQ(a->network.layers[0].weights, b->network.layers[0].weights);
  EXPECT_EQ(b->network.provenance.at("recipe_name"), "article");
  EXPECT_EQ(b->network.provenance.count("recipe_changes"), 0u);
}

TEST_F(FitRecipesTest, FlagsOverrideARecipeAndTheFileSaysSo) {
  std::ofstream(folder_ / "mine.toml") << "# my recipe\n"
                                          "hidden = [24]\n"
                                          "optimizer = \"adamw\"\n"
                                          "learning-rate = 0.002\n"
                                          "weight-decay = 0.01\n"
                                          "outliers = 0.25\n"
                                          "validation-split = 0.25\n"
                                          "keep-last = true\n"
                                          "echo = 2\n"
                                          "epochs = 50\n";
  const Finished fit =
      Fit("a.safetensors", {"--recipe", "mine.toml", "--epochs", "2", "--ema", "0.9"});
  ASSERT_EQ(fit.exit_code, 0) << fit.err;
  EXPECT_THAT(fit.out, HasSubstr("a.safetensors: 784-24-10, epochs 2\n"));
  const auto weights = ReadWeights(folder_ / "a.safetensors");
  ASSERT_TRUE(weights.ok()) << weights.status();
  const auto& provenance = weights->network.provenance;
  EXPECT_EQ(provenance.at("recipe_name"), "mine.toml");
  EXPECT_EQ(provenance.at("recipe_changes"), "--ema 0.9 --epochs 2");

  // What the file says of itself makes it again, without the recipe.
  std::string recipe = provenance.at("recipe");
  EXPECT_THAT(recipe, AllOf(HasSubstr(" --hidden 24 "), HasSubstr(" --optimizer adamw "),
                            HasSubstr(" --outliers 0.25 "), HasSubstr(" --epochs 2 "),
                            HasSubstr(" --validation-split 0.25 "), HasSubstr(" --echo 2"),
                            HasSubstr(" --keep-last")));
  recipe.replace(0, std::string("digits-trainer").size(), DIGITS_TRAINER);
  ASSERT_EQ(RunProgram({"/bin/sh", "-c", recipe + " --output b.safetensors"}, folder_).exit_code,
            0);
  const auto again = ReadWeights(folder_ / "b.safetensors");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(weights->network.layers[0].weights, again->network.layers[0].weights);
}

TEST_F(FitRecipesTest, DeformedAndSoiledImagesAreLearntFrom) {
  std::string recipe;  // in the weights file that was read last
  const auto first_layer = [&](const std::vector<std::string>& flags) -> std::vector<float> {
    EXPECT_EQ(Fit("a.safetensors", flags).exit_code, 0);
    const auto weights = ReadWeights(folder_ / "a.safetensors");
    EXPECT_TRUE(weights.ok()) << weights.status();
    if (!weights.ok()) return {};
    recipe = weights->network.provenance.at("recipe");
    return weights->network.layers[0].weights;
  };
  const std::vector<float> plain = first_layer({});
  EXPECT_THAT(recipe, Not(HasSubstr("--rotation")));
  EXPECT_NE(first_layer({"--rotation", "10"}), plain);
  EXPECT_THAT(recipe, HasSubstr("--rotation 10"));
  const std::vector<float> half = first_layer({"--contrast", "0.5", "--soiled", "0.5"});
  EXPECT_THAT(recipe, HasSubstr("--soiled 0.5 --contrast 0.5"));
  EXPECT_NE(half, plain);
  EXPECT_NE(first_layer({"--contrast", "0.5"}), half);
  EXPECT_NE(first_layer({"--noise", "50"}), plain);
  EXPECT_THAT(recipe, HasSubstr("--noise 50"));
  // A share of nothing.
  EXPECT_EQ(first_layer({"--soiled", "0.5"}), plain);
  EXPECT_THAT(recipe, Not(HasSubstr("--soiled")));
}

TEST_F(FitRecipesTest, AFlagOverridesWhatItRulesOutInARecipe) {
  std::ofstream(folder_ / "mine.toml") << "classes = 12\nepochs = 1\n";
  const Finished fit =
      Fit("a.safetensors", {"--recipe", "mine.toml", "--class-names", "a,b,c,d,e,f,g,h,i,j",
                            "--momentum", "0.9", "--nesterov"});
  ASSERT_EQ(fit.exit_code, 0) << fit.err;
  const auto weights = ReadWeights(folder_ / "a.safetensors");
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_THAT(weights->network.class_names, testing::SizeIs(10));
  EXPECT_EQ(weights->network.class_names.front(), "a");
  EXPECT_EQ(weights->network.provenance.at("recipe_changes"),
            "--momentum 0.9 --nesterov --class-names a,b,c,d,e,f,g,h,i,j");
}

TEST_F(FitRecipesTest, TheBuiltInRecipesFit) {
  std::map<std::string, int64_t> parameters;
  for (const char* const recipe : {"article", "article-best", "best", "best-teacher"}) {
    const Finished fit =
        Fit("a.safetensors", {"--recipe", recipe, "--epochs", "2", "--batch", "64"});
    EXPECT_EQ(fit.exit_code, 0) << recipe << ": " << fit.err;
    const auto weights = ReadWeights(folder_ / "a.safetensors");
    ASSERT_TRUE(weights.ok()) << weights.status();
    parameters[recipe] = Parameters(weights->network);
  }
  EXPECT_EQ(parameters["article"], 13'002);
  EXPECT_EQ(parameters["article-best"], 13'002);
  EXPECT_LE(parameters["best"], 2'000'000);
}

TEST_F(FitRecipesTest, ARecipeCanDistort) {
  std::ofstream(folder_ / "mine.toml") << "epochs = 2\nshift = 2\nelastic-sigma = \"4,5\"\n"
                                          "elastic-alpha = 10\n";
  const Finished fit = Fit("a.safetensors", {"--recipe", "mine.toml", "--shift", "1"});
  ASSERT_EQ(fit.exit_code, 0) << fit.err;
  const auto weights = ReadWeights(folder_ / "a.safetensors");
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_THAT(weights->network.provenance.at("recipe"),
              HasSubstr(" --shift 1 --elastic-alpha 10 --elastic-sigma 4,5"));
  EXPECT_EQ(weights->network.provenance.at("recipe_changes"), "--shift 1");
}

}  // namespace
}  // namespace digits
