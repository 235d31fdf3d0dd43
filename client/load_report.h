// What a load generator has measured, for people and for programs.
#ifndef DIGITS_CLIENT_LOAD_REPORT_H_
#define DIGITS_CLIENT_LOAD_REPORT_H_

#include <ostream>

#include "client/load_generator.h"

namespace digits {

// Calls and images a second, the latencies' percentiles and their histogram, and how calls failed.
void WriteLoadTable(const LoadOptions& options, const LoadResult& result, std::ostream& out);

// One JSON object: the options; calls_per_second and images_per_second, answered within the
// measured time; codes (how many calls ended with each); latency_us and failed_latency_us, of calls
// that ended with OK and otherwise: count, mean, p50, p90, p99, p99.9, max.
void WriteLoadJson(const LoadOptions& options, const LoadResult& result, std::ostream& out);

}  // namespace digits

#endif  // DIGITS_CLIENT_LOAD_REPORT_H_
