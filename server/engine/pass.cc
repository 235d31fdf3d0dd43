#include "server/engine/pass.h"

#include <algorithm>

namespace digits {

Pass::Pass(const Classifier& classifier) : classifier_(&classifier) {
  const size_t images = classifier.pass_images();
  images_.reserve(images);
  pixels_.reserve(images);
  probabilities_.resize(images * static_cast<size_t>(classifier.classes()));
  digit_scores_.resize(images);
}

void Pass::Run() {
  const auto dropped = std::ranges::stable_partition(
      images_, [](WaitingImage* image) { return image->StillWanted(); });
  for (WaitingImage* image : dropped) image->Dropped();
  const std::span wanted(images_.begin(), dropped.begin());
  for (size_t begin = 0; begin < wanted.size(); begin += digit_scores_.size()) {
    Compute(wanted.subspan(begin, std::min(digit_scores_.size(), wanted.size() - begin)));
  }
  images_.clear();
}

void Pass::Compute(std::span<WaitingImage* const> images) {
  pixels_.clear();
  for (const WaitingImage* image : images) pixels_.push_back(image->pixels());
  const auto classes = static_cast<size_t>(classifier_->classes());
  const auto probabilities = std::span(probabilities_).first(images.size() * classes);
  const auto digit_scores = std::span(digit_scores_).first(images.size());
  classifier_->ClassifyEach(pixels_, probabilities, digit_scores);
  for (size_t i = 0; i < images.size(); ++i) {
    images[i]->Answered(probabilities.subspan(i * classes, classes), digit_scores[i]);
  }
}

}  // namespace digits
