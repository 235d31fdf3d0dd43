// ClassifyBatch on gRPC's callback API.
#ifndef DIGITS_SERVER_SERVICE_BATCH_CALL_H_
#define DIGITS_SERVER_SERVICE_BATCH_CALL_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "grpcpp/alarm.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "server/service/answers.h"
#include "server/service/open_calls.h"
#include "server/service/slots.h"
#include "server/service/workers.h"

namespace digits {

struct BatchLimits {
  // Batches that are read, computed or answered at once. Each takes up to 68 MiB: a request of 32
  // MiB twice while it is parsed, then once beside the largest answer, then that answer twice.
  size_t slots = 8;  // at least 1
  // How long a request may arrive, and how long an answer may leave.
  std::chrono::milliseconds transfer_time{60'000};
};

// What the batches of a server share.
struct BatchResources {
  explicit BatchResources(const BatchLimits& limits);

  const std::chrono::milliseconds transfer_time;
  Slots slots;
  Workers workers;  // no more than there are processors
};

// One call. It waits for a slot before it reads its request: what is not read, HTTP/2 holds back at
// the client. gRPC hands unary calls over when their request has arrived, and a shutdown before
// that drops them; so the server reads it itself, as a stream of one message, and the call counts
// as open from the first. Owns itself until OnDone.
class ClassifyBatchCall final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                                public Slots::Waiter,
                                public std::enable_shared_from_this<ClassifyBatchCall> {
 public:
  // What is referred to outlives the call.
  static ClassifyBatchCall* Start(const ServiceContext& context, BatchResources& resources,
                                  OpenCalls& open_calls, const grpc::CallbackServerContext& call);

  void Admitted() override;
  void Refused() override;

  void OnReadDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  ClassifyBatchCall(const ServiceContext& context, BatchResources& resources, OpenCalls& open_calls,
                    const grpc::CallbackServerContext& call)
      : context_(context), resources_(resources), open_calls_(open_calls), call_(call) {}

  void Answer();
  // Calls `late` when the transfer that begins now takes too long.
  void LimitTransfer(std::function<void()> late);
  void Cancel();

  const ServiceContext& context_;
  BatchResources& resources_;
  OpenCalls& open_calls_;
  const grpc::CallbackServerContext& call_;
  std::shared_ptr<ClassifyBatchCall> self_;

  bool admitted_ = false;
  std::optional<grpc::Alarm> alarm_;  // of the transfer under way
  // Set by who is the first: the request's arrival, or the end of the time for it.
  std::atomic_flag arrived_or_late_;
  // Guards done_, and keeps a transfer's end from coming before its beginning. Recursive, as gRPC
  // may call OnDone from within a cancellation.
  std::recursive_mutex mutex_;
  bool done_ = false;

  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_BATCH_CALL_H_
