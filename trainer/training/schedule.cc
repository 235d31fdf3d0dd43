#include "trainer/training/schedule.h"

#include <cmath>
#include <numbers>

namespace digits {

double LearningRate(const Schedule& schedule, uint64_t step) {
  if (step < schedule.warmup_steps) {
    return schedule.learning_rate * static_cast<double>(step + 1) /
           static_cast<double>(schedule.warmup_steps);
  }
  if (schedule.kind == ScheduleKind::kConstant) return schedule.learning_rate;
  if (step >= schedule.steps) return 0;
  const double progress = static_cast<double>(step - schedule.warmup_steps) /
                          static_cast<double>(schedule.steps - schedule.warmup_steps);
  return schedule.learning_rate * (1 + std::cos(std::numbers::pi * progress)) / 2;
}

}  // namespace digits
