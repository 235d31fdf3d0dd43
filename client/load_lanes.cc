#include "client/load_lanes.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <deque>
#include <optional>
#include <utility>

#include "digits/v1/digits.pb.h"

namespace digits {
namespace {

// Gives the requests out, one after another and then again from the first.
class Turn {
 public:
  explicit Turn(const std::vector<grpc::ByteBuffer>& requests) : requests_(requests) {}
  const grpc::ByteBuffer& Next() { return requests_[next_++ % requests_.size()]; }

 private:
  const std::vector<grpc::ByteBuffer>& requests_;
  size_t next_ = 0;
};

class UnaryLane final : public Lane {
 public:
  UnaryLane(const Connection& connection, std::string method,
            const std::vector<grpc::ByteBuffer>& requests, grpc::CompletionQueue& queue, Done done)
      : connection_(connection),
        method_(std::move(method)),
        stub_(connection.channel()),
        requests_(requests),
        queue_(queue),
        done_(std::move(done)) {}

  void Start(Time intended) override {
    Call* call = nullptr;
    if (free_.empty()) {
      call = calls_.emplace_back(std::make_unique<Call>(*this)).get();
    } else {
      call = free_.back();
      free_.pop_back();
    }
    call->intended = intended;
    connection_.SetDeadline(call->context.emplace());
    call->reader = stub_.PrepareUnaryCall(&*call->context, method_, requests_.Next(), &queue_);
    call->reader->StartCall();
    call->reader->Finish(&call->response, &call->status, call);
  }

  void Close() override {}
  bool closed() const override { return true; }

 private:
  struct Call final : public LaneEvent {
    explicit Call(UnaryLane& owner) : lane(owner) {}

    void Happened(bool /*ok*/) override {
      reader.reset();
      context.reset();
      response.Clear();
      lane.free_.push_back(this);
      lane.done_(intended, status.error_code());
    }

    UnaryLane& lane;
    Time intended;
    std::optional<grpc::ClientContext> context;
    std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> reader;
    grpc::ByteBuffer response;
    grpc::Status status;
  };

  const Connection& connection_;
  const std::string method_;
  grpc::GenericStub stub_;
  Turn requests_;
  grpc::CompletionQueue& queue_;
  const Done done_;
  std::vector<std::unique_ptr<Call>> calls_;
  std::vector<Call*> free_;
};

grpc::StatusCode CodeOf(grpc::ByteBuffer& bytes) {
  v1::ClassifyStreamResponse response;
  if (!grpc::SerializationTraits<v1::ClassifyStreamResponse>::Deserialize(&bytes, &response).ok()) {
    return grpc::StatusCode::INTERNAL;
  }
  return response.has_error() ? static_cast<grpc::StatusCode>(response.error().code())
                              : grpc::StatusCode::OK;
}

class StreamLane final : public Lane {
 public:
  StreamLane(const Connection& connection, const std::vector<grpc::ByteBuffer>& requests,
             std::chrono::system_clock::time_point deadline, grpc::CompletionQueue& queue,
             Done done)
      : stub_(connection.channel()),
        requests_(requests),
        deadline_(deadline),
        queue_(queue),
        done_(std::move(done)) {}

  void Start(Time intended) override {
    waiting_.push_back(intended);
    WriteNext();
  }

  void Close() override {
    closing_ = true;
    if (stream_ != nullptr) WriteNext();
  }

  bool closed() const override { return stream_ == nullptr; }

 private:
  class Event final : public LaneEvent {
   public:
    Event(StreamLane& lane, void (StreamLane::*happened)(bool))
        : lane_(lane), happened_(happened) {}
    void Happened(bool ok) override { (lane_.*happened_)(ok); }

   private:
    StreamLane& lane_;
    void (StreamLane::*const happened_)(bool);
  };

  void WriteNext() {
    if (stream_ == nullptr) {
      context_.emplace().set_deadline(deadline_);
      stream_ = stub_.PrepareCall(&*context_, "/digits.v1.DigitClassifier/ClassifyStream", &queue_);
      writing_ = true;
      stream_->StartCall(&started_);
    } else if (!writing_ && !ended_ && !waiting_.empty()) {
      writing_ = true;
      sent_.push_back(waiting_.front());
      waiting_.pop_front();
      stream_->Write(requests_.Next(), &written_);
    } else if (!writing_ && !ended_ && std::exchange(closing_, false)) {
      writing_ = true;
      stream_->WritesDone(&written_);
    }
  }

  void Started(bool ok) {
    writing_ = false;
    if (!ok) return EndStream();
    stream_->Read(&answer_, &read_);
    WriteNext();
  }

  void Written(bool ok) {
    writing_ = false;
    if (finished_) return CleanUp();
    if (ok) WriteNext();  // else the read fails as well
  }

  void Read(bool ok) {
    if (ok && sent_.empty()) context_->TryCancel();  // nobody has asked for it
    if (!ok || sent_.empty()) return EndStream();
    const Time intended = sent_.front();
    sent_.pop_front();
    const grpc::StatusCode code = CodeOf(answer_);
    stream_->Read(&answer_, &read_);
    done_(intended, code);
  }

  void EndStream() {
    ended_ = true;
    stream_->Finish(&status_, &finish_);
  }

  void Finished(bool /*ok*/) {
    finished_ = true;
    if (!writing_) CleanUp();
  }

  void CleanUp() {
    std::deque<Time> failed = std::exchange(sent_, {});
    failed.insert(failed.end(), waiting_.begin(), waiting_.end());
    waiting_.clear();
    stream_.reset();
    context_.reset();
    ended_ = finished_ = false;
    // A stream that ends with OK in between has broken its promise all the same.
    const grpc::StatusCode code = status_.ok() ? grpc::StatusCode::UNKNOWN : status_.error_code();
    for (const Time intended : failed) done_(intended, code);
  }

  grpc::GenericStub stub_;
  Turn requests_;
  const std::chrono::system_clock::time_point deadline_;
  grpc::CompletionQueue& queue_;
  const Done done_;
  Event started_{*this, &StreamLane::Started};
  Event written_{*this, &StreamLane::Written};
  Event read_{*this, &StreamLane::Read};
  Event finish_{*this, &StreamLane::Finished};

  std::optional<grpc::ClientContext> context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  std::deque<Time> waiting_;  // to be written
  std::deque<Time> sent_;     // to be answered, in this order
  bool writing_ = false;      // or starting
  bool closing_ = false;      // when all is written
  bool ended_ = false;        // takes no more
  bool finished_ = false;     // but for a write that is still under way
  grpc::ByteBuffer answer_;
  grpc::Status status_;
};

}  // namespace

std::unique_ptr<Lane> MakeUnaryLane(const Connection& connection, std::string method,
                                    const std::vector<grpc::ByteBuffer>& requests,
                                    grpc::CompletionQueue& queue, Lane::Done done) {
  return std::make_unique<UnaryLane>(connection, std::move(method), requests, queue,
                                     std::move(done));
}

std::unique_ptr<Lane> MakeStreamLane(const Connection& connection,
                                     const std::vector<grpc::ByteBuffer>& requests,
                                     std::chrono::system_clock::time_point deadline,
                                     grpc::CompletionQueue& queue, Lane::Done done) {
  return std::make_unique<StreamLane>(connection, requests, deadline, queue, std::move(done));
}

}  // namespace digits
