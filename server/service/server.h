// The gRPC server, from the port's binding to the last answer.
#ifndef DIGITS_SERVER_SERVICE_SERVER_H_
#define DIGITS_SERVER_SERVICE_SERVER_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "grpcpp/server.h"
#include "server/engine/registry.h"
#include "server/service/classify_service.h"
#include "server/service/gate.h"
#include "server/service/metrics.h"
#include "server/service/requests.h"

namespace digits {

// Metrics of these models and of ServedRpcs(), and of HTTP requests to `routes`. `threads`: how
// many serve and compute.
std::unique_ptr<Metrics> MakeMetrics(const ModelRegistry& models, std::vector<std::string> routes,
                                     size_t threads);

struct ServerOptions {
  // HOST:PORT, port 0 for any free one; [::1]:PORT; or unix:PATH, or what else gRPC listens on.
  std::string listen = "127.0.0.1:50051";
  size_t max_batch_images = kDefaultMaxBatchImages;
  // Clients are asked to connect anew after about this time, so that they see new servers behind a
  // name; calls are not disturbed. 0: never.
  std::chrono::milliseconds max_connection_age{0};
  ServiceLimits service = {};
};

// Serves digits.v1.DigitClassifier, grpc.health.v1.Health and reflection from Start() to
// Shutdown(). Health is known by these names: "" and "digits.v1.DigitClassifier" are SERVING until
// ReportNotServing, and so is each model's name; "liveness" is until Shutdown.
class Server {
 public:
  // `models` are loaded, at least one, and outlive the server, and so do `metrics`, which are those
  // of MakeMetrics(), or null. Serves when this returns. Fails where the address is in use or is
  // none.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                       const ModelRegistry& models,
                                                       Metrics* metrics = nullptr);

  // Shuts down, without patience, if Shutdown has not been called.
  ~Server();

  // The address with the port that was bound.
  const std::string& address() const { return address_; }

  // Health turns NOT_SERVING; calls are answered as before.
  void ReportNotServing();

  // Takes no more calls, ends streams with UNAVAILABLE when they have answered what they have read,
  // and lets calls under way finish. Returns when all have; or, when `timeout` is over, ends
  // batches that still wait for their turn with UNAVAILABLE, cancels the rest and returns false.
  // Once.
  bool Shutdown(std::chrono::milliseconds timeout);

 private:
  Server(const ServiceContext& context, const ServiceLimits& limits, const ModelRegistry& models)
      : models_(models), service_(context, limits) {}

  void SetHealth(bool serving);

  const ModelRegistry& models_;
  Gate gate_;
  ClassifyService service_;
  std::string address_;
  std::unique_ptr<grpc::Server> grpc_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_SERVER_H_
