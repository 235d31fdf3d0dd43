// digits-trainer distill as its users call it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "server/model/weights_file.h"
#include "tests/e2e/process.h"
#include "tests/trainer/digits_folder.h"

namespace digits {
namespace {

using testing::HasSubstr;

using DistillCommandTest = DigitsFolderTest;

TEST_F(DistillCommandTest, DistilsACommitteeIntoAStudentOfAnOrdinaryKind) {
  const std::vector<std::string> flags = {"--learning-rate", "0.1", "--epochs", "60"};
  ASSERT_EQ(Fit("a.safetensors", flags).exit_code, 0);
  ASSERT_EQ(
      Fit("b.safetensors", {"--learning-rate", "0.1", "--epochs", "60", "--seed", "2"}).exit_code,
      0);
  const Finished distil =
      Trainer({"distill", "--teachers", "a.safetensors,b.safetensors", "--data", kData, "--output",
               "s.safetensors", "--hidden", "24", "--learning-rate", "0.05", "--epochs", "60"});
  ASSERT_EQ(distil.exit_code, 0) << distil.err;
  const auto student = ReadWeights(folder_ / "s.safetensors");
  ASSERT_TRUE(student.ok()) << student.status();
  EXPECT_THAT(student->network.provenance.at("recipe"),
              testing::StartsWith("digits-trainer distill --data digits-images-idx3-ubyte "
                                  "--teachers a.safetensors,b.safetensors "
                                  "--teachers-precision f32 --temperature 2 --hard-share 0 "
                                  "--hidden 24 "));
  const auto a = ReadWeights(folder_ / "a.safetensors");
  const auto b = ReadWeights(folder_ / "b.safetensors");
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(student->network.provenance.at("teachers_sha256"), a->sha256 + "," + b->sha256);
  const Finished others = Trainer({"distill", "--teachers", "a.safetensors", "--data", kData,
                                   "--output", "t.safetensors", "--classes", "11"});
  EXPECT_EQ(others.exit_code, 2);
  EXPECT_THAT(others.err, HasSubstr("the teachers' classes are called 0,1,2,3,4,5,6,7,8,9, and the "
                                    "student's cannot be 0,1,2,3,4,5,6,7,8,9,10"));
  const Finished scores =
      Trainer({"evaluate", "s.safetensors", "--data", kData, "--format", "json"});
  EXPECT_GT(nlohmann::json::parse(scores.out)["accuracy"], 0.8);
}

TEST_F(DistillCommandTest, TeachersTeachTheSameCalibratedOrNot) {
  ASSERT_EQ(Fit("plain.safetensors", {"--learning-rate", "0.1", "--epochs", "3"}).exit_code, 0);
  ASSERT_EQ(
      Trainer({"calibrate", "plain.safetensors", "--data", kData, "--output", "a.safetensors"})
          .exit_code,
      0);
  std::vector<std::vector<float>> students;
  for (const char* const teacher : {"plain.safetensors", "a.safetensors"}) {
    const Finished distil = Trainer({"distill", "--teachers", teacher, "--data", kData, "--output",
                                     "s.safetensors", "--epochs", "2"});
    ASSERT_EQ(distil.exit_code, 0) << distil.err;
    const auto student = ReadWeights(folder_ / "s.safetensors");
    ASSERT_TRUE(student.ok()) << student.status();
    students.push_back(student->network.layers[0].weights);
  }
  // Calibration centres the last layer, which rounds its answers otherwise.
  EXPECT_THAT(students[0], testing::Pointwise(testing::FloatNear(1e-4f), students[1]));
}

TEST_F(DistillCommandTest, TeachersMayAnswerInInt8) {
  ASSERT_EQ(
      Fit("a.safetensors", {"--learning-rate", "0.1", "--epochs", "3", "--validation-split", "0.3"})
          .exit_code,
      0);
  ASSERT_EQ(
      Fit("b.safetensors", {"--learning-rate", "0.1", "--epochs", "2", "--seed", "2"}).exit_code,
      0);
  const auto distil = [this](const std::string& teacher, const std::string& precision,
                             const std::string& output) {
    return Trainer({"distill", "--teachers", teacher, "--teachers-precision", precision, "--data",
                    kData, "--output", output, "--epochs", "2"});
  };
  ASSERT_EQ(distil("a.safetensors", "f32", "f32.safetensors").exit_code, 0);
  ASSERT_EQ(distil("b.safetensors", "f32", "other.safetensors").exit_code, 0);
  const Finished int8 = distil("a.safetensors", "int8", "int8.safetensors");
  if (int8.exit_code != 0) {
    EXPECT_THAT(int8.err, HasSubstr("a.safetensors: int8 would be computed wrongly here"));
    GTEST_SKIP() << "no int8 on this processor";
  }
  const auto student = ReadWeights(folder_ / "int8.safetensors");
  const auto same = ReadWeights(folder_ / "f32.safetensors");
  const auto other = ReadWeights(folder_ / "other.safetensors");
  ASSERT_TRUE(student.ok() && same.ok() && other.ok());
  EXPECT_THAT(student->network.provenance.at("recipe"), HasSubstr("--teachers-precision int8"));
  const auto greatest_difference = [&same](const Weights& weights) {
    float greatest = 0;
    const std::vector<float>& values = weights.network.layers[0].weights;
    for (size_t i = 0; i < values.size(); ++i) {
      greatest = std::max(greatest, std::abs(values[i] - same->network.layers[0].weights.at(i)));
    }
    return greatest;
  };
  EXPECT_GT(greatest_difference(*student), 0);
  EXPECT_LT(greatest_difference(*student), 0.2f * greatest_difference(*other))
      << "beside what another teacher makes of the same student";
}

}  // namespace
}  // namespace digits
