// Reliability as SVG.
#ifndef DIGITS_TRAINER_REPORT_RELIABILITY_CHART_H_
#define DIGITS_TRAINER_REPORT_RELIABILITY_CHART_H_

#include "trainer/calibration/reliability.h"
#include "trainer/report/html.h"

namespace digits {

// A figure: a column a bin, as high as its accuracy, a mark at its mean confidence, and the line on
// which both are equal; beneath it how many of the images each bin has.
Html Draw(const Reliability& reliability);

}  // namespace digits

#endif  // DIGITS_TRAINER_REPORT_RELIABILITY_CHART_H_
