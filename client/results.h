// What was asked and what was answered, for all that print it.
#ifndef DIGITS_CLIENT_RESULTS_H_
#define DIGITS_CLIENT_RESULTS_H_

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

  size_t size() const { return examples.size(); }
  const std::string& label_name(size_t i) const { return class_names[answers.labels[i]]; }
};

// Of the examples whose class is known; nothing where there are none.
std::optional<ConfusionMatrix> Confusion(const Results& results);

}  // namespace digits

#endif  // DIGITS_CLIENT_RESULTS_H_
