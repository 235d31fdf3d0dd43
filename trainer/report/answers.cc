#include "trainer/report/answers.h"

#include <algorithm>
#include <span>

namespace digits {

std::vector<Answer> AnswersTo(const Classifier& classifier, const DataSet& data) {
  const size_t chunk = 1024;  // images
  const auto classes = static_cast<size_t>(classifier.classes());
  std::vector<float> probabilities(chunk * classes);
  std::vector<Answer> answers;
  answers.reserve(data.size());
  for (size_t begin = 0; begin < data.size(); begin += chunk) {
    const size_t images = std::min(chunk, data.size() - begin);
    classifier.Classify(std::span(data.pixels).subspan(begin * kImagePixels, images * kImagePixels),
                        std::span(probabilities).first(images * classes));
    for (size_t i = 0; i < images; ++i) {
      const std::span<const float> row = std::span(probabilities).subspan(i * classes, classes);
      const auto best = std::ranges::max_element(row);
      const uint8_t truth = data.labels[begin + i];
      answers.push_back({truth, static_cast<uint8_t>(best - row.begin()), *best, row[truth]});
    }
  }
  return answers;
}

std::vector<size_t> WorstMistakes(const std::vector<Answer>& answers, size_t count) {
  std::vector<size_t> mistakes;
  for (size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i].right()) mistakes.push_back(i);
  }
  std::ranges::stable_sort(mistakes, [&answers](size_t a, size_t b) {
    return answers[a].confidence > answers[b].confidence;
  });
  mistakes.resize(std::min(mistakes.size(), count));
  return mistakes;
}

}  // namespace digits
