#include "trainer/training/evaluation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace digits {

Evaluation Evaluate(const Classifier& classifier, const DataSet& data) {
  const size_t chunk = 1024;  // images: few enough for their probabilities to stay in the cache
  const size_t classes = static_cast<size_t>(classifier.classes());
  std::vector<float> probabilities(chunk * classes);
  Evaluation result(classes);
  result.predictions.reserve(data.size());
  for (size_t begin = 0; begin < data.size(); begin += chunk) {
    const size_t images = std::min(chunk, data.size() - begin);
    classifier.Classify(std::span(data.pixels).subspan(begin * kImagePixels, images * kImagePixels),
                        std::span(probabilities).first(images * classes));
    for (size_t i = 0; i < images; ++i) {
      const float* const row = probabilities.data() + i * classes;
      const size_t label = data.labels[begin + i];
      const auto prediction = static_cast<size_t>(std::max_element(row, row + classes) - row);
      result.predictions.push_back(static_cast<uint8_t>(prediction));
      result.confusion.Add(label, prediction);
      result.loss -= std::log(std::max(row[label], std::numeric_limits<float>::min()));
    }
  }
  result.loss /= static_cast<double>(data.size());
  return result;
}

}  // namespace digits
