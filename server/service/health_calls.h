// grpc.health.v1.Health on completion queues. gRPC's own health service runs on its callbacks,
// whose threads then poll some of the connections and hand every call over to the queues' threads:
// with it a Classify costs twice as much.
#ifndef DIGITS_SERVER_SERVICE_HEALTH_CALLS_H_
#define DIGITS_SERVER_SERVICE_HEALTH_CALLS_H_

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "digits/internal/health.pb.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/service/call_reports.h"
#include "server/service/event.h"
#include "server/service/health.h"
#include "server/service/loop.h"
#include "server/service/open_calls.h"
#include "server/service/raw_service.h"
#include "server/service/unary_call.h"

namespace digits {

// Methods of grpc.health.v1.Health.
inline constexpr int kHealthCheck = 0;
inline constexpr int kHealthWatch = 1;

class HealthCheckCall final : public UnaryCall {
 public:
  HealthCheckCall(Pool& pool, const Health& health) : UnaryCall(pool), health_(health) {}

 private:
  void Answer(grpc::ByteBuffer& bytes) override;

  const Health& health_;
};

// Tells a client of a name's state and of each change, until it goes. Owns itself.
class HealthWatchCall final : public Health::Watcher {
 public:
  // What the calls of a loop share; outlives them.
  struct Shared {
    RawService& service;
    Loop& loop;
    OpenCalls& open_calls;
    Health& health;
    const CallReports& reports;
  };

  // Asks for one call. When it has come, asks for another one.
  static void Post(const Shared& shared);

  explicit HealthWatchCall(const Shared& shared) : shared_(shared) {}

  void Changed() override;

 private:
  using Lock = std::unique_lock<std::mutex>;

  void Arrived(bool ok);
  void Read(bool ok);
  void Written(bool ok);
  void Left(bool ok);
  void Over(bool ok);

  // With mutex_ held.
  void WriteNews();
  void Finish(const absl::Status& status);
  // When an event has come; deletes the call after the last one.
  void Release(Lock lock);

  const Shared& shared_;
  EventOf<HealthWatchCall> arrived_{*this, &HealthWatchCall::Arrived};
  EventOf<HealthWatchCall> read_{*this, &HealthWatchCall::Read};
  EventOf<HealthWatchCall> written_{*this, &HealthWatchCall::Written};
  EventOf<HealthWatchCall> left_{*this, &HealthWatchCall::Left};
  EventOf<HealthWatchCall> over_{*this, &HealthWatchCall::Over};
  grpc::ServerContext context_;
  RawStream stream_{&context_};
  grpc::ByteBuffer request_;
  std::shared_ptr<HealthWatchCall> self_;
  CallReports::Clock::time_point began_;

  std::mutex mutex_;      // guards what follows
  size_t under_way_ = 0;  // events to come
  std::optional<std::string> name_;
  std::optional<grpc::health::v1::HealthCheckResponse::ServingStatus> told_;
  bool writing_ = false;
  bool finished_ = false;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_HEALTH_CALLS_H_
