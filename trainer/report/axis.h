// Where an axis begins, ends and has its ticks.
#ifndef DIGITS_TRAINER_REPORT_AXIS_H_
#define DIGITS_TRAINER_REPORT_AXIS_H_

#include <string>
#include <vector>

namespace digits {

// From the first tick to the last.
struct Axis {
  std::vector<double> ticks;  // at least two, evenly spaced
  int decimals = 0;           // that tell them apart

  // Where `value` lies: 0 at the first tick, 1 at the last.
  double Place(double value) const;
  std::string Label(double tick) const;
};

// An axis that holds low to high, both finite, with steps of 1, 2 or 5 times a power of ten, and
// about `steps` of them. Where `whole`, of no step below 1.
Axis MakeAxis(double low, double high, int steps, bool whole = false);

}  // namespace digits

#endif  // DIGITS_TRAINER_REPORT_AXIS_H_
