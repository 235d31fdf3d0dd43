// digits.v1.DigitClassifier and grpc.health.v1.Health on gRPC's completion queues.
#ifndef DIGITS_SERVER_SERVICE_CLASSIFY_SERVICE_H_
#define DIGITS_SERVER_SERVICE_CLASSIFY_SERVICE_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "grpcpp/server_builder.h"
#include "server/service/answers.h"
#include "server/service/batch_call.h"
#include "server/service/call_reports.h"
#include "server/service/compute.h"
#include "server/service/failure_log.h"
#include "server/service/health.h"
#include "server/service/loop.h"
#include "server/service/open_calls.h"
#include "server/service/raw_service.h"
#include "server/service/rpc_metrics.h"
#include "server/service/slots.h"
#include "server/service/unary_call.h"

namespace digits {

struct ServiceLimits {
  // That serve calls, and as many again that compute batches and dear models. At least 1.
  size_t threads = 1;
  // Images of one dear model that wait for a thread, beyond those of batches.
  size_t max_waiting = 1024;
  BatchLimits batches = {};
};

// What is served, in the order in which Metrics counts it: digits.v1.DigitClassifier's methods,
// then grpc.health.v1.Health's.
std::vector<RpcName> ServedRpcs();

// Added to a builder, started with the server, and stopped between that server's shutdown and its
// end, which it outlives.
class ClassifyService final {
 public:
  // `context.models` are all loaded. `context.metrics`, where there are any, count ServedRpcs().
  ClassifyService(const ServiceContext& context, const ServiceLimits& limits);
  ~ClassifyService();

  void AddTo(grpc::ServerBuilder& builder);
  void Start();
  // Waits until the calls that the shutdown cancelled have noticed.
  void Stop();

  Health& health() { return health_; }
  OpenCalls& open_calls() { return open_calls_; }

  // Ends batches that wait for their turn with UNAVAILABLE.
  void RefuseWaitingBatches() { slots_.Close(); }

 private:
  struct Calls;  // of one loop

  UnaryCall::Place PlaceOf(int method, Loop& loop);

  const ServiceContext context_;
  const ServiceLimits limits_;
  FailureLog failures_;
  std::vector<std::unique_ptr<CallReports>> reports_;  // as ServedRpcs()
  const PassObservers observers_;
  RawService service_;
  RawService health_service_;
  Health health_;
  OpenCalls open_calls_;
  OpenCalls open_watches_;
  Slots slots_;
  Compute compute_;
  std::vector<std::unique_ptr<Calls>> calls_;  // whose queues outlive the server
  bool stopped_ = false;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_CLASSIFY_SERVICE_H_
