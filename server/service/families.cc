#include "server/service/families.h"

#include <cstddef>

namespace digits {
namespace {

prometheus::MetricFamily& AddFamily(Families& families, const char* name, const char* help,
                                    prometheus::MetricType type) {
  return families.emplace_back(prometheus::MetricFamily{name, help, type, {}});
}

prometheus::ClientMetric& AddMetric(prometheus::MetricFamily& family, const Labels& labels) {
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  metric.label = labels;
  return metric;
}

}  // namespace

prometheus::MetricFamily& AddCounters(Families& families, const char* name, const char* help) {
  return AddFamily(families, name, help, prometheus::MetricType::Counter);
}

prometheus::MetricFamily& AddGauges(Families& families, const char* name, const char* help) {
  return AddFamily(families, name, help, prometheus::MetricType::Gauge);
}

prometheus::MetricFamily& AddHistograms(Families& families, const char* name, const char* help) {
  return AddFamily(families, name, help, prometheus::MetricType::Histogram);
}

void AddSeries(prometheus::MetricFamily& family, const Labels& labels, double value) {
  prometheus::ClientMetric& metric = AddMetric(family, labels);
  if (family.type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
}

void AddSeries(prometheus::MetricFamily& family, const Labels& labels, uint64_t value) {
  AddSeries(family, labels, static_cast<double>(value));
}

void AddSeries(prometheus::MetricFamily& family, const Labels& labels, const Histogram& histogram) {
  const Scale& scale = histogram.scale();
  const std::vector<uint64_t> counts = histogram.Counts();
  prometheus::ClientMetric::Histogram& shown = AddMetric(family, labels).histogram;
  uint64_t count = 0;
  for (size_t i = 0; i < scale.bounds.size(); ++i) {
    count += counts[i];
    shown.bucket.push_back({count, static_cast<double>(scale.bounds[i]) / scale.units});
  }
  shown.sample_count = count + counts.back();
  shown.sample_sum = histogram.Sum();
}

}  // namespace digits
