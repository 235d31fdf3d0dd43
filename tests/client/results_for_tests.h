// Small results for tests of what prints them.
#ifndef DIGITS_TESTS_CLIENT_RESULTS_FOR_TESTS_H_
#define DIGITS_TESTS_CLIENT_RESULTS_FOR_TESTS_H_

#include <string>
#include <vector>

#include "client/results.h"

namespace digits {

struct Example {
  uint32_t label;
  float confidence;
  std::optional<size_t> truth = std::nullopt;
  std::string file = "";
};

// Of blank images.
inline Results MakeResults(const std::vector<Example>& examples,
                           std::vector<std::string> class_names) {
  Results results;
  results.class_names = std::move(class_names);
  for (const Example& example : examples) {
    results.answers.labels.push_back(example.label);
    results.answers.confidences.push_back(example.confidence);
    results.examples.truth.push_back(example.truth);
    results.examples.files.push_back(example.file);
  }
  results.examples.pixels.resize(examples.size() * kImagePixels);
  return results;
}

}  // namespace digits

#endif  // DIGITS_TESTS_CLIENT_RESULTS_FOR_TESTS_H_
