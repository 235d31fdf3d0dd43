#include "trainer/report/class_scores.h"

namespace digits {

std::vector<ClassScore> ScoreClasses(const ConfusionMatrix& confusion, size_t classes) {
  std::vector<ClassScore> scores(classes);
  for (size_t truth = 0; truth < classes; ++truth) {
    for (size_t answer = 0; answer < classes; ++answer) {
      const int64_t count = confusion.count(truth, answer);
      scores[truth].images += count;
      scores[answer].answers += count;
      if (truth == answer) scores[truth].right = count;
    }
  }
  for (ClassScore& score : scores) {
    const auto right = static_cast<double>(score.right);
    if (score.answers > 0) score.precision = right / static_cast<double>(score.answers);
    if (score.images > 0) score.recall = right / static_cast<double>(score.images);
  }
  return scores;
}

}  // namespace digits
