// What all of digits-trainer's commands refuse and report alike.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/e2e/process.h"
#include "tests/trainer/digits_folder.h"

namespace digits {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;

using CommandLineTest = DigitsFolderTest;

TEST_F(CommandLineTest, HelpThatCannotBeWrittenIsAFailure) {
  const Finished help =
      RunProgram({"/bin/sh", "-c", std::string(DIGITS_TRAINER) + " --help >/dev/full"}, folder_);
  EXPECT_EQ(help.exit_code, 1);
  EXPECT_THAT(help.err, HasSubstr("digits-trainer: cannot write the results to stdout"));
}

TEST_F(CommandLineTest, WhatMakesNoSenseIsRefusedWithASentence) {
  struct Case {
    std::vector<std::string> arguments;
    std::string message;
  };
  const std::vector<Case> cases = {
      {{}, "subcommand is required"},
      {{"train"}, "subcommand is required"},
      {{"fit", "--data", kData, "--epochs", "0"}, "0 epochs cannot be trained"},
      {{"fit", "--data", kData, "--epochs", "many"}, "--epochs"},
      {{"fit", "--data", kData, "--batch", "0"}, "a batch has 0 images"},
      {{"fit", "--data", kData, "--batch", "301"}, "more than the 300 there are"},
      {{"fit", "--data", kData, "--learning-rate", "0"}, "the learning rate is 0"},
      {{"fit", "--data", kData, "--learning-rate", "nan"}, "the learning rate is nan"},
      {{"fit", "--data", kData, "--learning-rate", "inf"}, "the learning rate is inf"},
      {{"fit", "--data", kData, "--learning-rate", "1e300"}, "within a float's range"},
      {{"fit", "--data", kData, "--learning-rate", "1e-300"}, "within a float's range"},
      {{"fit", "--data", kData, "--learning-rate", "1e999999"}, "learning rate is inf"},
      {{"fit", "--data", kData, "--momentum", "1"}, "the momentum is 1"},
      {{"fit", "--data", kData, "--momentum", "nan"}, "the momentum is nan"},
      {{"fit", "--data", kData, "--momentum", "0.999999999"}, "as a float, less than 1"},
      {{"fit", "--data", kData, "--validation-split", "nan"}, "the validation split is nan"},
      {{"fit", "--data", kData, "--epochs", "99999999999999999999"}, "--epochs"},
      {{"fit", "--data", kData, "--validation-split", "1"}, "the validation split is 1"},
      {{"fit", "--data", kData, "--validation-split", "0.001"}, "0 to validate"},
      {{"fit", "--data", kData, "--hidden", "16,0"}, "a hidden layer is 0 wide"},
      {{"fit", "--data", kData, "--hidden", "16,,16"}, "'16,,16' is not a list"},
      {{"fit", "--data", kData, "--hidden", "9999999"}, "a hidden layer is 9999999 wide"},
      {{"fit", "--data", kData, "--activation", "gelu"}, "gelu not in {relu,sigmoid,tanh}"},
      {{"fit", "--data", kData, "--loss", "hinge"}, "hinge not in {cross-entropy,mse}"},
      {{"fit", "--data", kData, "--seed", "-1"}, "-1 is no whole number from 0"},
      {{"fit", "--data", kData, "--seed", "18446744073709551616"}, "is no whole number from 0"},
      {{"fit", "--data", kData, "--threads", "0"}, "0 threads cannot be used"},
      {{"fit", "--data", kData, "--classes", "1"}, "--classes"},
      {{"fit", "--data", kData, "--class-names", "a,a"}, "two classes are called 'a'"},
      {{"fit", "--data", kData, "--class-names", "a,caf\xe9"}, "a class name is not UTF-8"},
      {{"fit", "--data", kData, "--class-names", "a,b\n"}, "holds a control character"},
      {{"fit", "--data", kData, "--output", "no/such/a.safetensors"}, "there is no directory"},
      {{"fit", "--data", kData, "--output", "."}, "is a directory"},
      {{"fit", "--data", kData, "surplus"}, "surplus"},
      {{"fit", "--data", kData, "--dropout", "1"}, "the dropout is 1"},
      {{"fit", "--data", kData, "--outliers", "1"}, "the share of outliers is 1"},
      {{"fit", "--data", kData, "--outliers", "0.1", "--class-names", "a,b,c,d,e,f,g,h,i,j"},
       "the classes must be 0 to 9"},
      {{"fit", "--data", kData, "--rotation", "181"}, "rotation"},
      {{"fit", "--data", kData, "--elastic-sigma", "a"}, "'a' is not a number or two"},
      {{"fit", "--data", kData, "--ema", "1"}, "(ema) is 1"},
      {{"fit", "--data", kData, "--label-smoothing", "1"}, "the label smoothing is 1"},
      {{"fit", "--data", kData, "--nesterov"}, "needs a momentum"},
      {{"fit", "--data", kData, "--optimizer", "adam"}, "adam not in {adamw,sgd}"},
      {{"fit", "--data", kData, "--schedule", "step"}, "step not in {constant,cosine}"},
      {{"fit", "--data", kData, "--warmup", "5"}, "the warm-up is 5 epochs"},
      {{"fit", "--data", kData, "--patience", "2"}, "patience needs a validation split"},
      {{"fit", "--data", kData, "--echo", "2"}, "echo is for images that are distorted"},
      {{"fit", "--data", kData, "--classes", "0"}, "0 classes cannot be told apart"},
      {{"fit", "--data", kData, "--resume"}, "--resume needs --checkpoint"},
      {{"fit", "--data", kData, "--checkpoint", kData},
       "--checkpoint digits-images-idx3-ubyte would overwrite"},
      {{"fit", "--data", kData, "--checkpoint", "a.history.csv", "--output", "a.safetensors"},
       "the checkpoint would overwrite a.history.csv, which this fit writes too"},
      {{"fit", "--data", kData, "--checkpoint", "no/such"}, "there is no directory"},
      {{"fit", "--data", kData, "--checkpoint", "./a", "--output", "a"},
       "the checkpoint would overwrite a, which this fit writes too"},
      {{"fit", "--data", kData, "--checkpoint", "/dev/full"}, "it is a device"},
      {{"fit", "--data", kData, "--recipe", "none"}, "built-in recipes are: article, article-best"},
      {{"fit", "--data", kData, "--recipe", "typo.toml"}, "has an option 'epoch'"},
      {{"fit", "--data", kData, "--recipe", "value.toml"}, "the recipe value.toml: "},
      {{"fit", "--data", kData, "--recipe", "output.toml"}, "has an option 'output'"},
      {{"distill", "--data", kData}, "--teachers is required"},
      {{"distill", "--data", kData, "--teachers", "a", "--temperature", "0"},
       "the temperature is 0"},
      {{"distill", "--data", kData, "--teachers", "a", "--temperature", "1e30"},
       "the temperature is 1e+30; it must be 0.1 to 100"},
      {{"distill", "--data", kData, "--teachers", "a", "--hard-share", "1"}, "share is 1"},
      {{"distill", "--data", kData, "--teachers", "a", "--label-smoothing", "0.1"},
       "label smoothing needs a --hard-share"},
      {{"evaluate", "--data", kData}, "WEIGHTS is required"},
      {{"evaluate", "a.safetensors"}, "--data is required"},
      {{"evaluate", "a.safetensors", "--data", kData, "--format", "xml"}, "xml"},
      {{"evaluate", "a.safetensors", "--data", kData, "--robust", "--predictions", "-"},
       "--predictions excludes --robust"},
      {{"evaluate", "a.safetensors", "--data", kData, "--robust", "--images", "0"}, "--images"},
      {{"evaluate", "a.safetensors", "--data", kData, "--images", "5"}, "requires --robust"},
      {{"fit", "--data", kData, "--robust"}, "--robust requires --report"},
      {{"fit", "--data", kData, "--report", "no/such/a.html"}, "there is no directory"},
      {{"fit", "--data", kData, "--output", "a", "--report", "./a"}, "would overwrite a,"},
      {{"fit", "--data", kData, "--output", "a.safetensors", "--report", "a.history.csv"},
       "would overwrite a.history.csv"},
      {{"report", "--data", kData}, "WEIGHTS is required"},
      {{"report", "a.safetensors"}, "--data is required"},
      {{"report", "w.safetensors", "--data", kData, "--output", "./w.safetensors"},
       "would overwrite w.safetensors"},
      {{"report", "w.safetensors", "--data", kData, "--output", "w.history.csv"},
       "would overwrite w.history.csv"},
      {{"fit", "--data", kData, "--output", kData}, "would overwrite digits-images"},
      {{"fit", "--data", kData, "--report", kData}, "would overwrite digits-images"},
      {{"fit", "--data", "w.history.csv", "--output", "w.safetensors"},
       "the history w.history.csv would overwrite w.history.csv"},
      {{"fit", "--data", kData, "--recipe", "r.toml", "--output", "r.toml"}, "overwrite r.toml"},
      {{"distill", "--data", kData, "--teachers", "v,w.safetensors", "--output", "w.safetensors"},
       "would overwrite w.safetensors"},
      {{"calibrate", "w.safetensors", "--data", kData, "--output", kData},
       "would overwrite digits-images"},
      {{"calibrate", "w.safetensors", "--data", kData, "--output", "no/such.safetensors"},
       "there is no directory"},
      {{"evaluate", "w.safetensors", "--data", kData, "--predictions", "w.safetensors"},
       "would overwrite w.safetensors"},
      {{"evaluate", "w.safetensors", "--data", kData, "--precision", "f16"}, "f16 not in"},
      {{"sheet", "--data", kData, "--output", kData}, "would overwrite digits-images"},
      {{"report", "a", "--data", kData, "--output", kData}, "would overwrite digits-images"},
      {{"report", "a", "--data", kData, "--history", "h.csv", "--output", "h.csv"},
       "would overwrite h.csv"},
      {{"report", "a", "--data", kData, "--output", "no/such/a.html"}, "there is no directory"},
      {{"report", "a", "--data", kData, "--output", "."}, "it is a directory"},
      {{"report", "a", "--data", kData, "--split", "both"}, "--split"},
      {{"convert", "a.safetensors", "--output", "b.safetensors"}, "--storage is required"},
      {{"convert", "a.safetensors", "--storage", "i8"}, "--output is required"},
      {{"convert", "--storage", "i8", "--output", "b.safetensors"}, "WEIGHTS is required"},
      {{"convert", "a.safetensors", "--storage", "i4", "--output", "b.safetensors"}, "i4 not in"},
      {{"evaluate", "a", "--data", kData, "--digit-score", "--predictions", "b"}, "excludes"},
      {{"evaluate", "a", "--data", kData, "--digit-score", "--robust"}, "excludes"},
      {{"calibrate", "--data", kData, "--output", "b"}, "WEIGHTS is required"},
      {{"calibrate", "a.safetensors", "--data", kData}, "--output is required"},
      {{"calibrate", "a.safetensors", "--output", "b"}, "--data is required"},
      {{"fetch"}, "DIRECTORY is required"},
      {{"sheet", "--data", kData, "--rotation", "-1"}, "the rotation is up to -1 degrees"},
      {{"sheet", "--data", kData, "--scale", "1"}, "the scale varies by 1"},
      {{"sheet", "--data", kData, "--elastic-sigma", "4.5,x"}, "'4.5,x' is not a number or two"},
      {{"sheet", "--data", kData, "--elastic-sigma", "1,2,3"}, "'1,2,3' is not a number or two"},
      {{"sheet", "--data", kData, "--elastic-sigma", "6,5"}, "the least comes first"},
      {{"sheet", "--data", kData, "--seed", "-1"}, "-1 is less than 0"},
      {{"sheet", "--data", kData, "--rows", "0"}, "0"}};
  for (const char* const file : {"w.safetensors", "w.history.csv", "h.csv"}) {
    std::ofstream(folder_ / file) << "to be kept";
  }
  const std::string images = ReadAll(folder_ / kData);
  std::ofstream(folder_ / "r.toml") << "epochs = 3\n";
  std::ofstream(folder_ / "typo.toml") << "epoch = 3\n";
  std::ofstream(folder_ / "value.toml") << "epochs = \"many\"\n";
  std::ofstream(folder_ / "output.toml") << "output = \"elsewhere\"\n";
  for (const Case& refused : cases) {
    const Finished run = Trainer(refused.arguments);
    EXPECT_EQ(run.exit_code, 2) << testing::PrintToString(refused.arguments);
    EXPECT_THAT(run.err, HasSubstr(refused.message));
    EXPECT_EQ(run.out, "");
  }
  EXPECT_FALSE(std::filesystem::exists(folder_ / "model.safetensors"));
  for (const char* const file : {"w.safetensors", "w.history.csv", "h.csv"}) {
    EXPECT_EQ(ReadAll(folder_ / file), "to be kept");
  }
  EXPECT_EQ(ReadAll(folder_ / kData), images);
}

TEST_F(CommandLineTest, WhatFailsSaysWhy) {
  struct Case {
    std::vector<std::string> arguments;
    std::string message;
  };
  std::ofstream(folder_ / "broken.safetensors") << "not weights";
  std::filesystem::copy_file(folder_ / kData, folder_ / "bare-images-idx3-ubyte");
  ASSERT_EQ(Fit("a.safetensors", {"--epochs", "1"}).exit_code, 0);
  ASSERT_EQ(Fit("letters.safetensors", {"--epochs", "1", "--class-names", "a,b,c,d,e,f,g,h,i,j"})
                .exit_code,
            0);
  ASSERT_EQ(Fit("eleven.safetensors", {"--epochs", "1", "--classes", "11"}).exit_code, 0);
  const auto calibrate = [](const std::string& weights, const std::string& data) {
    return std::vector<std::string>{"calibrate", weights, "--data", data, "--output", "b"};
  };
  const std::vector<Case> cases = {
      {calibrate("nowhere.safetensors", kData), "nowhere.safetensors"},
      {calibrate("a.safetensors", "nowhere"), "nowhere"},
      {calibrate("a.safetensors", "bare-images-idx3-ubyte"), "have no labels"},
      {calibrate("a.safetensors", "non-digits"), "have no labels"},
      {calibrate("eleven.safetensors", kData), "has no image of class '10'"},
      {{"evaluate", "letters.safetensors", "--data", kData, "--digit-score"},
       "not the digits 0 to 9"},
      {{"evaluate", "a.safetensors", "--data", "non-digits", "--digit-score"}, "has no labels"},
      {{"fit", "--data", "nowhere"}, "nowhere"},
      {{"fit", "--data", kData, "--classes", "5"}, "labels are 0 to 4"},
      {{"fit", "--data", kData, "--checkpoint", "broken.safetensors", "--resume"},
       "broken.safetensors: "},
      {{"fit", "--data", kData, "--checkpoint", "a.safetensors", "--resume"},
       "a.safetensors: it is no checkpoint"},
      {{"distill", "--data", kData, "--teachers", "a.safetensors,nowhere.safetensors"},
       "nowhere.safetensors"},
      {{"evaluate", "a.safetensors", "eleven.safetensors", "--data", kData},
       "eleven.safetensors has other class names than a.safetensors"},
      {{"evaluate", "nowhere.safetensors", "--data", kData}, "nowhere.safetensors"},
      {{"evaluate", "broken.safetensors", "--data", kData}, "broken.safetensors"},
      {{"evaluate", "a.safetensors", "--data", "bare-images-idx3-ubyte"}, "has no labels"},
      {{"evaluate", "a.safetensors", "--data", "bare-images-idx3-ubyte", "--robust"},
       "has no labels"},
      {{"evaluate", "a.safetensors", "--data", kData, "--predictions", "no/such.txt"},
       "no/such.txt"},
      {{"report", "nowhere.safetensors", "--data", kData}, "nowhere.safetensors"},
      {{"report", "a.safetensors", "--data", "bare-images-idx3-ubyte"}, "has no labels"},
      {{"report", "a.safetensors", "--data", kData, "--history", "nowhere.csv"}, "nowhere.csv"},
      {{"report", "a.safetensors", "--data", kData, "--history", kData}, "is no history of a fit"},
      {{"report", "broken.safetensors", "--data", kData}, "broken.safetensors"},
      {{"report", "a.safetensors", "--data", "nowhere"}, "nowhere"},
      {{"report", "a.safetensors", "--data", kData, "--output", "/dev/full"}, "/dev/full"},
      {{"convert", "broken.safetensors", "--storage", "i8", "--output", "b.safetensors"},
       "broken.safetensors"},
      {{"convert", "a.safetensors", "--storage", "i8", "--output", "no/such.safetensors"},
       "no/such.safetensors"},
      {{"sheet", "--data", kData, "--output", "no/such.png"}, "no/such.png"}};
  for (const Case& failing : cases) {
    const Finished run = Trainer(failing.arguments);
    EXPECT_EQ(run.exit_code, 1) << testing::PrintToString(failing.arguments);
    EXPECT_THAT(run.err,
                AllOf(ContainsRegex("(^|\n)digits-trainer: "), HasSubstr(failing.message)));
  }
}

}  // namespace
}  // namespace digits
