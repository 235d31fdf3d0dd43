// Numbers as the report writes them.
#ifndef DIGITS_TRAINER_REPORT_NUMBERS_H_
#define DIGITS_TRAINER_REPORT_NUMBERS_H_

#include <cstdint>
#include <string>

namespace digits {

// "13,002"
std::string Count(int64_t number);

// "93.01 %" of 0.9301, with a space that does not break.
std::string Percent(double part);

}  // namespace digits

#endif  // DIGITS_TRAINER_REPORT_NUMBERS_H_
