// Families of series for a scrape, as Prometheus' library takes them.
#ifndef DIGITS_SERVER_SERVICE_FAMILIES_H_
#define DIGITS_SERVER_SERVICE_FAMILIES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "prometheus/client_metric.h"
#include "prometheus/metric_family.h"
#include "server/service/histogram.h"

namespace digits {

using Labels = std::vector<prometheus::ClientMetric::Label>;
using Families = std::vector<prometheus::MetricFamily>;

// A family without series, valid until the next one is added.
prometheus::MetricFamily& AddCounters(Families& families, const char* name, const char* help);
prometheus::MetricFamily& AddGauges(Families& families, const char* name, const char* help);
prometheus::MetricFamily& AddHistograms(Families& families, const char* name, const char* help);

// A series of counters or gauges.
void AddSeries(prometheus::MetricFamily& family, const Labels& labels, double value);
void AddSeries(prometheus::MetricFamily& family, const Labels& labels, uint64_t value);
// One of histograms.
void AddSeries(prometheus::MetricFamily& family, const Labels& labels, const Histogram& histogram);

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_FAMILIES_H_
