#include "trainer/training/committee.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "server/image/image.h"
#include "server/model/network.h"

namespace digits {
namespace {

// Of a member at a time: enough images for it to be fast, few enough for the stack.
constexpr size_t kAnswers = 16'384;
static_assert(kAnswers >= 32 * kMaxClasses);

void Soften(std::span<float> row, float exponent) {
  float sum = 0;
  for (float& p : row) sum += p = std::pow(p, exponent);
  for (float& p : row) p /= sum;
}

}  // namespace

Committee::Committee(std::vector<std::unique_ptr<Classifier>> members, double temperature)
    : members_(std::move(members)), exponent_(static_cast<float>(1 / temperature)) {}

// Piece by piece, so that a member's answers need no memory of their own.
void Committee::Classify(std::span<const uint8_t> pixels, std::span<float> probabilities) const {
  const auto width = static_cast<size_t>(classes());
  const float share = 1 / static_cast<float>(members_.size());
  std::array<float, kAnswers> buffer;
  while (!probabilities.empty()) {
    const size_t images = std::min(kAnswers / width, probabilities.size() / width);
    const std::span<float> mean = probabilities.first(images * width);
    const std::span<float> answers = std::span(buffer).first(mean.size());
    std::ranges::fill(mean, 0.0f);
    for (const std::unique_ptr<Classifier>& member : members_) {
      member->Classify(pixels.first(images * kImagePixels), answers);
      if (exponent_ != 1) {
        for (size_t i = 0; i < answers.size(); i += width) {
          Soften(answers.subspan(i, width), exponent_);
        }
      }
      for (size_t i = 0; i < answers.size(); ++i) mean[i] += share * answers[i];
    }
    pixels = pixels.subspan(images * kImagePixels);
    probabilities = probabilities.subspan(mean.size());
  }
}

}  // namespace digits
