#include "server/service/stream_call.h"

#include <utility>

#include "digits/v1/digits.pb.h"
#include "server/service/messages.h"
#include "server/service/status.h"
#include "server/service/still_waits.h"

namespace digits {
namespace {

v1::ClassifyStreamResponse Answer(const ServiceContext& context, grpc::ByteBuffer& bytes) {
  v1::ClassifyStreamRequest request;
  v1::ClassifyStreamResponse response;
  if (const absl::Status parsed = ParseMessage(bytes, request); !parsed.ok()) {
    FillError(parsed, *response.mutable_error());
  } else {
    ClassifyOne(context, request, response);
  }
  return response;
}

}  // namespace

ClassifyStreamCall* ClassifyStreamCall::Start(const ServiceContext& context, OpenCalls& open_calls,
                                              const grpc::CallbackServerContext& call) {
  const std::shared_ptr<ClassifyStreamCall> stream(
      new ClassifyStreamCall(context, open_calls, call));
  stream->self_ = stream;
  open_calls.Begin(stream);
  const std::lock_guard lock(stream->mutex_);
  stream->ReadNext();
  return stream.get();
}

void ClassifyStreamCall::End() {
  const std::lock_guard lock(mutex_);
  ending_ = true;
  if (reading_) ReadNext();
}

void ClassifyStreamCall::OnReadDone(bool ok) {
  {
    const std::lock_guard lock(mutex_);
    reading_ = false;
    // The client has said all, or is gone: then nobody hears the status.
    if (!ok) FinishOnce(grpc::Status::OK);
    if (finished_) return;
    if (const absl::Status status = StillWaits(call_); !status.ok()) {
      FinishOnce(ToGrpcStatus(status));
      return;
    }
  }
  response_ = SerializeMessage(Answer(context_, request_));
  StartWrite(&response_);
}

void ClassifyStreamCall::OnWriteDone(bool ok) {
  const std::lock_guard lock(mutex_);
  if (!ok) {
    FinishOnce(grpc::Status(grpc::StatusCode::CANCELLED, "the caller is gone"));
    return;
  }
  ReadNext();
}

void ClassifyStreamCall::OnDone() {
  // Lives on until this returns.
  const std::shared_ptr<ClassifyStreamCall> self = std::move(self_);
  open_calls_.Ended(self);
}

void ClassifyStreamCall::ReadNext() {
  if (ending_) {
    FinishOnce(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server is shutting down"));
    return;
  }
  reading_ = true;
  StartRead(&request_);
}

void ClassifyStreamCall::FinishOnce(const grpc::Status& status) {
  if (std::exchange(finished_, true)) return;
  Finish(status);
}

}  // namespace digits
