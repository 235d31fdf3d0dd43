// ClassifyBatch on a completion queue.
#ifndef DIGITS_SERVER_SERVICE_BATCH_CALL_H_
#define DIGITS_SERVER_SERVICE_BATCH_CALL_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>

#include "absl/status/status.h"
#include "grpcpp/alarm.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/engine/workers.h"
#include "server/service/answers.h"
#include "server/service/call_reports.h"
#include "server/service/event.h"
#include "server/service/loop.h"
#include "server/service/open_calls.h"
#include "server/service/raw_service.h"
#include "server/service/slots.h"

namespace digits {

struct BatchLimits {
  // Batches that are read, computed or answered at once. Each takes up to 68 MiB: a request of 32
  // MiB twice while it is parsed, then once beside the largest answer, then that answer twice.
  size_t slots = 8;  // at least 1
  // How long a request may arrive, and how long an answer may leave.
  std::chrono::milliseconds transfer_time{60'000};
};

// One call. It waits for a slot before it reads its request: what is not read, HTTP/2 holds back at
// the client. gRPC hands unary calls over when their request has arrived, and a shutdown before
// that drops them; so the server reads it itself, as a stream of one message, and the call counts
// as open from the first. Owns itself.
class ClassifyBatchCall final : public Slots::Waiter {
 public:
  static constexpr int kMethod = 1;  // of digits.v1.DigitClassifier

  // What the batches of a loop share; outlives them.
  struct Shared {
    RawService& service;
    Loop& loop;
    OpenCalls& open_calls;
    const ServiceContext& context;
    Workers& workers;
    Slots& slots;
    const CallReports& reports;
    const std::chrono::milliseconds transfer_time;
  };

  // Asks for one call. When it has come, asks for another one.
  static void Post(const Shared& shared);

  explicit ClassifyBatchCall(const Shared& shared) : shared_(shared) {}

  void Admitted() override;
  void Refused() override;

 private:
  using Lock = std::unique_lock<std::mutex>;

  void Arrived(bool ok);
  void Read(bool ok);
  void ReadLate(bool late);
  void WrittenLate(bool late);
  void Left(bool ok);
  void Over(bool ok);

  // On one of the workers.
  void Answer();
  // With mutex_ held, once.
  void Finish(const absl::Status& error);
  // When an event has come; deletes the call after the last one.
  void Release(Lock lock);

  const Shared& shared_;
  EventOf<ClassifyBatchCall> arrived_{*this, &ClassifyBatchCall::Arrived};
  EventOf<ClassifyBatchCall> read_{*this, &ClassifyBatchCall::Read};
  EventOf<ClassifyBatchCall> read_late_{*this, &ClassifyBatchCall::ReadLate};
  EventOf<ClassifyBatchCall> written_late_{*this, &ClassifyBatchCall::WrittenLate};
  EventOf<ClassifyBatchCall> left_{*this, &ClassifyBatchCall::Left};
  EventOf<ClassifyBatchCall> over_{*this, &ClassifyBatchCall::Over};
  grpc::ServerContext context_;
  RawStream stream_{&context_};
  grpc::Alarm read_alarm_;
  grpc::Alarm write_alarm_;
  grpc::ByteBuffer request_;
  std::shared_ptr<ClassifyBatchCall> self_;
  CallReports::Clock::time_point began_;

  std::mutex mutex_;      // guards what follows: slots and answers come from any thread
  size_t under_way_ = 0;  // events to come, the wait for a slot, and the job of a worker
  bool admitted_ = false;
  bool read_done_ = false;
  bool finished_ = false;
  bool answered_ = false;  // and not failed
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_BATCH_CALL_H_
