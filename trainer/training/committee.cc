#include "trainer/training/committee.h"

#include <algorithm>
#include <array>
#include <utility>

#include "server/image/image.h"
#include "server/model/network.h"

namespace digits {
namespace {

// Of a member at a time: enough images for it to be fast, few enough for the stack.
constexpr size_t kAnswers = 16'384;
static_assert(kAnswers >= 32 * kMaxClasses);

}  // namespace

Committee::Committee(std::vector<std::unique_ptr<Classifier>> members)
    : members_(std::move(members)) {}

// Piece by piece, so that a member's answers need no memory of their own.
void Committee::Classify(std::span<const uint8_t> pixels, std::span<float> probabilities,
                         std::span<float> digit_scores) const {
  const float share = 1 / static_cast<float>(members_.size());
  const auto width = static_cast<size_t>(classes());
  std::array<float, kAnswers> answer_buffer;
  std::array<float, kAnswers / kMinClasses> score_buffer;
  while (!probabilities.empty()) {
    const size_t images = std::min(kAnswers / width, probabilities.size() / width);
    const std::span<float> mean = probabilities.first(images * width);
    const std::span<float> mean_score = digit_scores.first(std::min(images, digit_scores.size()));
    const std::span<float> answers = std::span(answer_buffer).first(mean.size());
    const std::span<float> scores = std::span(score_buffer).first(mean_score.size());
    std::ranges::fill(mean, 0.0f);
    std::ranges::fill(mean_score, 0.0f);
    for (const std::unique_ptr<Classifier>& member : members_) {
      member->Classify(pixels.first(images * kImagePixels), answers, scores);
      for (size_t i = 0; i < answers.size(); ++i) mean[i] += share * answers[i];
      for (size_t i = 0; i < scores.size(); ++i) mean_score[i] += share * scores[i];
    }
    pixels = pixels.subspan(images * kImagePixels);
    probabilities = probabilities.subspan(mean.size());
    digit_scores = digit_scores.subspan(mean_score.size());
  }
}

}  // namespace digits
