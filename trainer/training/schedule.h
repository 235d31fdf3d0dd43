// How the learning rate changes over the steps of a fit.
#ifndef DIGITS_TRAINER_TRAINING_SCHEDULE_H_
#define DIGITS_TRAINER_TRAINING_SCHEDULE_H_

#include <cstdint>

namespace digits {

enum class ScheduleKind {
  kConstant,
  // Half a cosine from the learning rate down to 0 (Loshchilov and Hutter, "SGDR: Stochastic
  // gradient descent with warm restarts", 2017, equation 5, without restarts).
  kCosine,
};

struct Schedule {
  ScheduleKind kind = ScheduleKind::kConstant;
  double learning_rate = 0;   // the greatest
  uint64_t warmup_steps = 0;  // at first the rate rises in a straight line, in so many steps
  uint64_t steps = 0;         // of the whole fit
};

// The rate of step 0, 1, ... With W warm-up steps and S steps in all:
//   (step + 1) / W x learning rate                        where step < W, and then
//   learning rate                                         with kConstant
//   (1 + cos(pi (step - W) / (S - W))) / 2 x learning rate with kCosine.
double LearningRate(const Schedule& schedule, uint64_t step);

}  // namespace digits

#endif  // DIGITS_TRAINER_TRAINING_SCHEDULE_H_
