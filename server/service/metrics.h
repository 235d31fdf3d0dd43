// All that the server counts, for Prometheus.
#ifndef DIGITS_SERVER_SERVICE_METRICS_H_
#define DIGITS_SERVER_SERVICE_METRICS_H_

#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "server/service/model_metrics.h"
#include "server/service/picture_metrics.h"
#include "server/service/route_metrics.h"
#include "server/service/rpc_metrics.h"

namespace digits {

// How many wait.
struct Queues {
  std::function<size_t(size_t model)> images;  // for a pass of a model, given by its index
  std::function<size_t()> pictures;            // for a thread to read them
  std::function<size_t()> batches;             // for their turn
};

// Who counts takes its part of the metrics once, by index, and then counts without a lock or a
// look-up. Every series is there from the start, so that the first error is an increase too; what
// has no name of its own counts as "unknown", so that no client decides how many there are. May be
// used from any number of threads at once.
class Metrics {
 public:
  // `threads`: how many will count. More may, at a higher price.
  Metrics(std::vector<ModelDescription> models, std::vector<RpcName> rpcs,
          std::vector<std::string> routes, size_t threads);

  // By the index in what the constructor got.
  ModelMetrics& model(size_t index) { return models_[index]; }
  RpcMetrics& rpc(size_t index) { return rpcs_[index]; }
  RouteMetrics& route(size_t index) { return routes_[index]; }
  // Of other routes than those. gRPC answers for methods that it does not know by itself.
  RouteMetrics& unknown_route() { return routes_.back(); }
  PictureMetrics& pictures() { return pictures_; }

  // Asked at each Text() from now on. When this returns, no former function is called any more; of
  // an empty one there is no metric.
  void SetQueues(Queues queues);

  // All of it in Prometheus' text format, version 0.0.4.
  std::string Text() const;

 private:
  std::vector<ModelMetrics> models_;
  std::vector<RpcMetrics> rpcs_;
  std::vector<RouteMetrics> routes_;  // the unknown ones last
  PictureMetrics pictures_;

  mutable std::mutex mutex_;  // guards what follows
  Queues queues_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_METRICS_H_
