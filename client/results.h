// What was asked and what was answered, for all that print it.
#ifndef DIGITS_CLIENT_RESULTS_H_
#define DIGITS_CLIENT_RESULTS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "client/examples.h"
#include "client/remote_classifier.h"
#include "trainer/data/confusion.h"

namespace digits {

struct Results {
  Examples examples;
  Answers answers;  // of each example
  std::vector<std::string> class_names;
  // The least digit score of what is one of the classes; nothing where it is not known.
  std::optional<float> digit_threshold;

  size_t size() const { return examples.size(); }
  const std::string& label_name(size_t i) const { return class_names[answers.labels[i]]; }
  // Whether an image is one of the classes at all, as its digit score says; nothing where there is
  // no score or no threshold.
  std::optional<bool> is_digit(size_t i) const;
};

// How many images are none of the classes, as their digit scores say; 0 where nothing is known.
size_t CountUnlikeAnyClass(const Results& results);

// Of the examples whose class is known; nothing where there are none.
std::optional<ConfusionMatrix> Confusion(const Results& results);

}  // namespace digits

#endif  // DIGITS_CLIENT_RESULTS_H_
