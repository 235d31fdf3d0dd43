// ClassifyStream on a completion queue.
#ifndef DIGITS_SERVER_SERVICE_STREAM_CALL_H_
#define DIGITS_SERVER_SERVICE_STREAM_CALL_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "digits/v1/digits.pb.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/service/answers.h"
#include "server/service/call_reports.h"
#include "server/service/compute.h"
#include "server/service/event.h"
#include "server/service/image_request.h"
#include "server/service/loop.h"
#include "server/service/open_calls.h"
#include "server/service/raw_service.h"

namespace digits {

// Reads messages while others are computed or answered, so that they share passes, and writes the
// answers in the order of the messages. Holds a bounded number of messages, and of their bytes: one
// more is read when an answer has left, which waits for the client to read, so that a client that
// does not is held back by HTTP/2. Owns itself.
class ClassifyStreamCall final : public OpenCalls::Stream {
 public:
  static constexpr int kMethod = 2;  // of digits.v1.DigitClassifier

  // What the streams of a loop share; outlives them.
  struct Shared {
    RawService& service;
    Loop& loop;
    OpenCalls& open_calls;
    const ServiceContext& context;
    Compute& compute;
    const CallReports& reports;
  };

  // Asks for one call. When it has come, asks for another one.
  static void Post(const Shared& shared);

  explicit ClassifyStreamCall(const Shared& shared) : shared_(shared) {}
  void End() override;

 private:
  // A message in hand.
  class Message final : public ImageRequest {
   public:
    explicit Message(ClassifyStreamCall& stream)
        : ImageRequest(stream.shared_.context, stream.shared_.compute), stream_(stream) {}

    size_t bytes = 0;    // of the message that is being read or computed
    bool ready = false;  // to be written; guarded by the stream's mutex
    v1::ClassifyStreamResponse response;

   private:
    absl::Status Parse(grpc::ByteBuffer& bytes) override;
    absl::StatusOr<ClassifyTask> Check(const ModelRegistry& models) const override;
    const v1::ClassifyRequest& request() const override { return request_.request(); }
    void Forget() override { request_ = v1::ClassifyStreamRequest(); }
    absl::Status StillWaits() const override;
    v1::ClassifyResponse& EmptyResponse() override { return *response.mutable_response(); }
    // The answer is there; a failure is one, too.
    void Respond() override;
    void Fail(const absl::Status& error) override;

    ClassifyStreamCall& stream_;
    v1::ClassifyStreamRequest request_;
  };

  void Arrived(bool ok);
  void Read(bool ok);
  void Written(bool ok);
  void Left(bool ok);
  void Over(bool ok);

  using Lock = std::unique_lock<std::mutex>;

  // With mutex_ held; each does what can be done now.
  void ReadNext();
  void WriteNext();
  void Finish();
  // All of these, when one of the things that keep the call alive has ended; deletes it after the
  // last one.
  void GoOn(Lock lock);

  const Shared& shared_;
  EventOf<ClassifyStreamCall> arrived_{*this, &ClassifyStreamCall::Arrived};
  EventOf<ClassifyStreamCall> read_{*this, &ClassifyStreamCall::Read};
  EventOf<ClassifyStreamCall> written_{*this, &ClassifyStreamCall::Written};
  EventOf<ClassifyStreamCall> left_{*this, &ClassifyStreamCall::Left};
  EventOf<ClassifyStreamCall> over_{*this, &ClassifyStreamCall::Over};
  grpc::ServerContext context_;
  RawStream stream_{&context_};
  std::shared_ptr<ClassifyStreamCall> self_;
  CallReports::Clock::time_point began_;
  grpc::ByteBuffer request_;

  std::mutex mutex_;  // guards what follows: answers and End() may come from any thread
  std::vector<std::unique_ptr<Message>> messages_;
  std::vector<Message*> free_;
  std::deque<Message*> in_hand_;  // in the order of arrival
  size_t bytes_in_hand_ = 0;      // of messages whose answers are not there yet
  size_t under_way_ = 0;          // events to come, and messages that are being computed
  bool reading_ = false;
  bool writing_ = false;
  bool all_read_ = false;  // the client has said all, or is gone
  bool deaf_ = false;      // the client does not hear any more
  bool ending_ = false;
  bool finished_ = false;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_STREAM_CALL_H_
