// Unary calls on a completion queue.
#ifndef DIGITS_SERVER_SERVICE_UNARY_CALL_H_
#define DIGITS_SERVER_SERVICE_UNARY_CALL_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/service/call_reports.h"
#include "server/service/event.h"
#include "server/service/loop.h"
#include "server/service/open_calls.h"
#include "server/service/raw_service.h"

namespace digits {

// A call of one method, used for one caller after another. It is asked for ("posted") ahead of its
// caller, and counts as open from when that has come until the answer has left.
class UnaryCall {
 public:
  // Where calls come from.
  struct Place {
    RawService& service;
    int method;
    Loop& loop;
    OpenCalls& open_calls;
    const CallReports& reports;
  };

  // Calls of one place: a number of them is posted at all times, and those that have been answered
  // are used again. For the loop's thread, but for the constructor.
  class Pool {
   public:
    using Make = std::function<std::unique_ptr<UnaryCall>(Pool& pool)>;

    Pool(const Place& place, Make make) : place_(place), make_(std::move(make)) {}

    void Post(size_t calls);

   private:
    friend class UnaryCall;

    const Place place_;
    const Make make_;
    std::vector<std::unique_ptr<UnaryCall>> calls_;
    std::vector<UnaryCall*> free_;
  };

  explicit UnaryCall(Pool& pool) : pool_(pool) {}
  virtual ~UnaryCall() = default;
  UnaryCall(const UnaryCall&) = delete;
  UnaryCall& operator=(const UnaryCall&) = delete;

 protected:
  // On the loop's thread; leads to one Finish, sooner or later, on any thread.
  virtual void Answer(grpc::ByteBuffer& request) = 0;

  void Finish(const grpc::ByteBuffer& response);
  void Finish(const absl::Status& error);

  const grpc::ServerContext& context() const { return *context_; }
  Loop& loop() { return pool_.place_.loop; }
  // When its caller had come.
  CallReports::Clock::time_point began() const { return began_; }

 private:
  void Post();
  void Arrived(bool ok);
  void Left(bool ok);
  void Over(bool ok);
  // When nothing of the call is left under way.
  void Free();

  Pool& pool_;
  EventOf<UnaryCall> arrived_{*this, &UnaryCall::Arrived};
  EventOf<UnaryCall> left_{*this, &UnaryCall::Left};  // the answer has
  EventOf<UnaryCall> over_{*this, &UnaryCall::Over};  // answered or cancelled
  std::optional<grpc::ServerContext> context_;
  std::optional<RawUnaryWriter> writer_;
  grpc::ByteBuffer request_;
  CallReports::Clock::time_point began_;
  int under_way_ = 0;  // events to come
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_UNARY_CALL_H_
