#include "trainer/training/committee.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "server/image/image.h"

namespace digits {
namespace {

// Answers every image with the same row, or with the row turned round where the image has ink in
// its first pixel. The digit score is the row's first number more than that pixel.
class Stubborn : public Classifier {
 public:
  explicit Stubborn(std::vector<float> row) : row_(std::move(row)) {}
  int classes() const override { return static_cast<int>(row_.size()); }
  std::string_view precision() const override { return "f32"; }
  void Classify(std::span<const uint8_t> pixels, std::span<float> probabilities,
                std::span<float> digit_scores) const override {
    for (size_t i = 0; i < digit_scores.size(); ++i) {
      digit_scores[i] = row_.front() + static_cast<float>(pixels[i * kImagePixels]);
    }
    for (size_t i = 0; i < pixels.size() / kImagePixels; ++i) {
      for (size_t c = 0; c < row_.size(); ++c) {
        const bool turned = pixels[i * kImagePixels] > 0;
        probabilities[i * row_.size() + c] = row_[turned ? row_.size() - 1 - c : c];
      }
    }
  }

 private:
  const std::vector<float> row_;
};

Committee TwoMembers() {
  std::vector<std::unique_ptr<Classifier>> members;
  members.push_back(std::make_unique<Stubborn>(std::vector<float>{0.8f, 0.2f, 0.0f}));
  members.push_back(std::make_unique<Stubborn>(std::vector<float>{0.5f, 0.25f, 0.25f}));
  return Committee(std::move(members));
}

TEST(CommitteeTest, AnswersWithTheMeanOfItsMembers) {
  const Committee committee = TwoMembers();
  EXPECT_EQ(committee.classes(), 3);
  std::vector<uint8_t> pixels(2 * kImagePixels);
  pixels[kImagePixels] = 1;
  std::vector<float> answers(6, 9.0f);
  static_cast<const Classifier&>(committee).Classify(pixels, answers);
  EXPECT_THAT(answers,
              testing::Pointwise(testing::FloatNear(1e-6f),
                                 std::vector<float>{0.65f, 0.225f, 0.125f, 0.125f, 0.225f, 0.65f}));
}

TEST(CommitteeTest, ScoresADigitByTheMeanOfItsMembersScores) {
  std::vector<uint8_t> pixels(2 * kImagePixels);
  pixels[kImagePixels] = 3;
  std::vector<float> answers(6);
  std::vector<float> scores(2, 9.0f);
  TwoMembers().Classify(pixels, answers, scores);
  EXPECT_THAT(scores,
              testing::Pointwise(testing::FloatNear(1e-6f), std::vector<float>{0.65f, 3.65f}));
}

TEST(CommitteeTest, AnswersToAnyNumberOfImages) {
  std::vector<std::unique_ptr<Classifier>> members;
  members.push_back(std::make_unique<Stubborn>(std::vector<float>{0.75f, 0.25f}));
  members.push_back(std::make_unique<Stubborn>(std::vector<float>{0.5f, 0.5f}));
  const Committee committee(std::move(members));
  constexpr size_t kImages = 20'000;
  std::vector<uint8_t> pixels(kImages * kImagePixels);
  pixels[(kImages - 1) * kImagePixels] = 1;
  std::vector<float> answers(kImages * 2);
  static_cast<const Classifier&>(committee).Classify(pixels, answers);
  for (size_t i = 0; i + 1 < kImages; ++i) ASSERT_EQ(answers[2 * i], 0.625f) << i;
  EXPECT_EQ(answers[2 * kImages - 2], 0.375f);
  committee.Classify({}, {}, {});
}

}  // namespace
}  // namespace digits
