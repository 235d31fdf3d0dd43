#include "server/engine/pass.h"

#include <algorithm>
#include <cstddef>

namespace digits {

Pass::Pass(const Classifier& classifier, PassObserver* observer)
    : classifier_(&classifier), observer_(observer) {
  const size_t images = classifier.pass_images();
  images_.reserve(images);
  running_.reserve(images);
  pixels_.reserve(images);
  probabilities_.resize(images * static_cast<size_t>(classifier.classes()));
  digit_scores_.resize(images);
}

void Pass::Run() {
  const auto end =
      images_.begin() + static_cast<std::ptrdiff_t>(std::min(images_.size(), digit_scores_.size()));
  running_.clear();
  pixels_.clear();
  for (WaitingImage* image : std::span(images_.begin(), end)) {
    if (image->StillWanted()) {
      running_.push_back(image);
      pixels_.push_back(image->pixels());
    } else {
      image->Dropped();
    }
  }
  images_.erase(images_.begin(), end);
  if (running_.empty()) return;

  const size_t images = running_.size();
  const auto classes = static_cast<size_t>(classifier_->classes());
  const auto probabilities = std::span(probabilities_).first(images * classes);
  const auto digit_scores = std::span(digit_scores_).first(images);
  using Clock = std::chrono::steady_clock;
  const auto begin = observer_ == nullptr ? Clock::time_point() : Clock::now();
  classifier_->ClassifyEach(pixels_, probabilities, digit_scores);
  if (observer_ != nullptr) {
    observer_->Ran(images, begin - running_.front()->since, Clock::now() - begin);
  }
  for (size_t i = 0; i < images; ++i) {
    running_[i]->Answered(probabilities.subspan(i * classes, classes), digit_scores[i]);
  }
}

}  // namespace digits
