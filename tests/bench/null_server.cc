// Servers that take the messages of Classify, ClassifyBatch and ClassifyStream and answer with
// constants: what an RPC costs that does nothing, for each way that gRPC has to serve.
//
// Usage: null_server KIND ADDRESS [THREADS]
//   KIND     sync, callback (whose threads gRPC decides), or queue
//   ADDRESS  HOST:PORT or unix:PATH
//   THREADS  1 by default: completion queues, each with a thread (of sync: at least one)
// Prints a line when it listens; ends by a signal.
#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "digits/v1/digits.grpc.pb.h"
#include "server/image/image.h"

namespace digits {
namespace {

using grpc::ServerContext;
using grpc::Status;
using v1::ClassifyBatchRequest;
using v1::ClassifyBatchResponse;
using v1::ClassifyRequest;
using v1::ClassifyResponse;
using v1::ClassifyStreamRequest;
using v1::ClassifyStreamResponse;

constexpr int kMaxRequestBytes = 32 << 20;
constexpr int kPostedCalls = 32;  // of each method, on each queue

void Answer(const ClassifyRequest& /*request*/, ClassifyResponse& response) {
  response.set_label(7);
  response.set_confidence(0.91F);
  response.mutable_probabilities()->Resize(10, 0.01F);
  response.set_label_name("7");
  response.set_model("article");
  response.set_version("0123456789ab");
  response.set_digit_score(12.5F);
}

void Answer(const ClassifyBatchRequest& request, ClassifyBatchResponse& response) {
  const auto images = static_cast<int>(request.pixels().size() / kImagePixels);
  response.mutable_labels()->Resize(images, 7);
  response.mutable_confidences()->Resize(images, 0.91F);
  response.mutable_digit_scores()->Resize(images, 12.5F);
  response.set_model("article");
  response.set_version("0123456789ab");
}

void Answer(const ClassifyStreamRequest& request, ClassifyStreamResponse& response) {
  response.set_id(request.id());
  Answer(request.request(), *response.mutable_response());
}

class SyncService final : public v1::DigitClassifier::Service {
 public:
  Status Classify(ServerContext* /*context*/, const ClassifyRequest* request,
                  ClassifyResponse* response) override {
    Answer(*request, *response);
    return Status::OK;
  }
  Status ClassifyBatch(ServerContext* /*context*/, const ClassifyBatchRequest* request,
                       ClassifyBatchResponse* response) override {
    Answer(*request, *response);
    return Status::OK;
  }
  Status ClassifyStream(
      ServerContext* /*context*/,
      grpc::ServerReaderWriter<ClassifyStreamResponse, ClassifyStreamRequest>* stream) override {
    ClassifyStreamRequest request;
    while (stream->Read(&request)) {
      ClassifyStreamResponse response;
      Answer(request, response);
      stream->Write(response);
    }
    return Status::OK;
  }
};

class CallbackService final : public v1::DigitClassifier::CallbackService {
 public:
  grpc::ServerUnaryReactor* Classify(grpc::CallbackServerContext* context,
                                     const ClassifyRequest* request,
                                     ClassifyResponse* response) override {
    return Finish(*context, *request, *response);
  }
  grpc::ServerUnaryReactor* ClassifyBatch(grpc::CallbackServerContext* context,
                                          const ClassifyBatchRequest* request,
                                          ClassifyBatchResponse* response) override {
    return Finish(*context, *request, *response);
  }
  grpc::ServerBidiReactor<ClassifyStreamRequest, ClassifyStreamResponse>* ClassifyStream(
      grpc::CallbackServerContext* /*context*/) override {
    return new Stream;
  }

 private:
  class Stream final
      : public grpc::ServerBidiReactor<ClassifyStreamRequest, ClassifyStreamResponse> {
   public:
    Stream() { StartRead(&request_); }
    void OnReadDone(bool ok) override {
      if (!ok) return Finish(Status::OK);
      response_.Clear();
      Answer(request_, response_);
      StartWrite(&response_);
    }
    void OnWriteDone(bool ok) override {
      if (!ok) return Finish(Status::CANCELLED);
      StartRead(&request_);
    }
    void OnDone() override { delete this; }

   private:
    ClassifyStreamRequest request_;
    ClassifyStreamResponse response_;
  };

  template <typename Request, typename Response>
  static grpc::ServerUnaryReactor* Finish(grpc::CallbackServerContext& context,
                                          const Request& request, Response& response) {
    Answer(request, response);
    grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
    reactor->Finish(Status::OK);
    return reactor;
  }
};

using QueueService = v1::DigitClassifier::AsyncService;

// A call on a completion queue, whose tag it is.
class QueuedCall {
 public:
  virtual ~QueuedCall() = default;
  virtual void Proceed(bool ok) = 0;
};

// Posts itself again when its answer has left.
template <typename Request, typename Response>
class QueuedUnary final : public QueuedCall {
 public:
  using Writer = grpc::ServerAsyncResponseWriter<Response>;
  using Post = void (QueueService::*)(ServerContext*, Request*, Writer*, grpc::CompletionQueue*,
                                      grpc::ServerCompletionQueue*, void*);

  QueuedUnary(QueueService& service, Post post, grpc::ServerCompletionQueue& queue)
      : service_(service), post_(post), queue_(queue) {
    PostAnew();
  }

  void Proceed(bool ok) override {
    if (answered_) return PostAnew();
    if (!ok) return;
    response_.Clear();
    Answer(request_, response_);
    answered_ = true;
    writer_->Finish(response_, Status::OK, this);
  }

 private:
  void PostAnew() {
    answered_ = false;
    writer_.reset();
    context_.emplace();
    writer_.emplace(&*context_);
    (service_.*post_)(&*context_, &request_, &*writer_, &queue_, &queue_, this);
  }

  QueueService& service_;
  const Post post_;
  grpc::ServerCompletionQueue& queue_;
  std::optional<ServerContext> context_;
  std::optional<Writer> writer_;
  Request request_;
  Response response_;
  bool answered_ = false;
};

class QueuedStream final : public QueuedCall {
 public:
  QueuedStream(QueueService& service, grpc::ServerCompletionQueue& queue)
      : service_(service), queue_(queue), stream_(&context_) {
    service_.RequestClassifyStream(&context_, &stream_, &queue_, &queue_, this);
  }

  void Proceed(bool ok) override {
    switch (state_) {
      case State::kPosted:
        if (!ok) return;
        new QueuedStream(service_, queue_);
        state_ = State::kReading;
        stream_.Read(&request_, this);
        return;
      case State::kReading:
        if (!ok) {
          state_ = State::kFinishing;
          stream_.Finish(Status::OK, this);
          return;
        }
        state_ = State::kWriting;
        response_.Clear();
        Answer(request_, response_);
        stream_.Write(response_, this);
        return;
      case State::kWriting:
        state_ = State::kReading;
        stream_.Read(&request_, this);
        return;
      case State::kFinishing:
        delete this;
    }
  }

 private:
  enum class State { kPosted, kReading, kWriting, kFinishing };

  QueueService& service_;
  grpc::ServerCompletionQueue& queue_;
  ServerContext context_;
  grpc::ServerAsyncReaderWriter<ClassifyStreamResponse, ClassifyStreamRequest> stream_;
  State state_ = State::kPosted;
  ClassifyStreamRequest request_;
  ClassifyStreamResponse response_;
};

void ServeQueue(QueueService& service, grpc::ServerCompletionQueue& queue) {
  std::vector<std::unique_ptr<QueuedCall>> calls;
  for (int i = 0; i < kPostedCalls; ++i) {
    calls.push_back(std::make_unique<QueuedUnary<ClassifyRequest, ClassifyResponse>>(
        service, &QueueService::RequestClassify, queue));
    calls.push_back(std::make_unique<QueuedUnary<ClassifyBatchRequest, ClassifyBatchResponse>>(
        service, &QueueService::RequestClassifyBatch, queue));
  }
  new QueuedStream(service, queue);
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) static_cast<QueuedCall*>(tag)->Proceed(ok);
}

int Serve(std::string_view kind, const std::string& address, int threads) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials());
  builder.SetMaxReceiveMessageSize(kMaxRequestBytes);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  SyncService sync;
  CallbackService callback;
  QueueService queued;
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues;
  if (kind == "sync") {
    builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, threads);
    builder.RegisterService(&sync);
  } else if (kind == "callback") {
    builder.RegisterService(&callback);
  } else if (kind == "queue") {
    builder.RegisterService(&queued);
    for (int i = 0; i < threads; ++i) queues.push_back(builder.AddCompletionQueue());
  } else {
    std::cerr << "null_server: KIND is sync, callback or queue\n";
    return 2;
  }
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::vector<std::thread> pollers;
  for (const auto& queue : queues) {
    pollers.emplace_back([&queued, &queue] { ServeQueue(queued, *queue); });
  }
  std::cout << "listening" << std::endl;
  server->Wait();
  return 0;
}

}  // namespace
}  // namespace digits

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "Usage: null_server KIND ADDRESS [THREADS]\n";
    return 2;
  }
  return digits::Serve(argv[1], argv[2], argc > 3 ? std::atoi(argv[3]) : 1);
}
