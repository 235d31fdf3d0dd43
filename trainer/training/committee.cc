#include "trainer/training/committee.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace digits {
namespace {

void Soften(std::span<float> row, float exponent) {
  float sum = 0;
  for (float& p : row) sum += p = std::pow(p, exponent);
  for (float& p : row) p /= sum;
}

}  // namespace

Committee::Committee(std::vector<std::unique_ptr<Classifier>> members, double temperature)
    : members_(std::move(members)), exponent_(static_cast<float>(1 / temperature)) {}

void Committee::Classify(std::span<const uint8_t> pixels, std::span<float> probabilities,
                         std::span<float> digit_scores) const {
  const auto width = static_cast<size_t>(classes());
  const float share = 1 / static_cast<float>(members_.size());
  std::vector<float> answers(probabilities.size());
  std::vector<float> scores(digit_scores.size());
  std::ranges::fill(probabilities, 0.0f);
  std::ranges::fill(digit_scores, 0.0f);
  for (const std::unique_ptr<Classifier>& member : members_) {
    member->Classify(pixels, answers, scores);
    if (exponent_ != 1) {
      for (size_t i = 0; i < answers.size(); i += width) {
        Soften(std::span(answers).subspan(i, width), exponent_);
      }
    }
    for (size_t i = 0; i < answers.size(); ++i) probabilities[i] += share * answers[i];
    for (size_t i = 0; i < scores.size(); ++i) digit_scores[i] += share * scores[i];
  }
}

}  // namespace digits
