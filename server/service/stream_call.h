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
#include "server/engine/pass.h"
#include "server/service/answers.h"
#include "server/service/compute.h"
#include "server/service/event.h"
#include "server/service/loop.h"
#include "server/service/open_calls.h"
#include "server/service/raw_service.h"

namespace digits {

// Reads messages while others are computed or answered, so that they share passes, and writes the
// answers in the order of the messages. Holds a bounded number of messages: one more is read when
// an answer has left, which waits for the client to read, so that a client that does not is held
// back by HTTP/2. Owns itself.
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
  };

  // Asks for one call. When it has come, asks for another one.
  static void Post(const Shared& shared);

  explicit ClassifyStreamCall(const Shared& shared) : shared_(shared) {}
  void End() override;

 private:
  // A message in hand.
  class Message final : public WaitingImage {
   public:
    explicit Message(ClassifyStreamCall& stream) : stream_(stream) {}

    // Parses it and has it computed; its failure is an answer, too.
    void Take(grpc::ByteBuffer& bytes);

    const uint8_t* pixels() const override;
    bool StillWanted() override;
    void Answered(std::span<const float> probabilities, float digit_score) override;
    void Dropped() override;

    bool ready = false;  // to be written; guarded by the stream's mutex
    v1::ClassifyStreamResponse response;

   private:
    void Fail(const absl::Status& error);
    // The answer is there.
    void Done();

    ClassifyStreamCall& stream_;
    const ServedModel* model_ = nullptr;
    absl::Status waits_;  // as StillWanted() found it
    bool large_ = false;
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
  grpc::ByteBuffer request_;

  std::mutex mutex_;  // guards what follows: answers and End() may come from any thread
  std::vector<std::unique_ptr<Message>> messages_;
  std::vector<Message*> free_;
  std::deque<Message*> in_hand_;  // in the order of arrival
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
