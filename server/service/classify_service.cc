#include "server/service/classify_service.h"

#include <utility>

#include "digits/internal/health.pb.h"
#include "digits/v1/digits.pb.h"
#include "server/service/classify_call.h"
#include "server/service/health_calls.h"
#include "server/service/messages.h"
#include "server/service/stream_call.h"
#include "server/service/unary_call.h"

namespace digits {
namespace {

// Methods of digits.v1.DigitClassifier.
constexpr int kClassify = 0;
constexpr int kGetModel = 3;
constexpr int kListModels = 4;
constexpr int kMethods = 5;

const google::protobuf::ServiceDescriptor& DigitClassifierDescriptor() {
  return *v1::ClassifyRequest::descriptor()->file()->FindServiceByName("DigitClassifier");
}

const google::protobuf::ServiceDescriptor& HealthDescriptor() {
  return *grpc::health::v1::HealthCheckRequest::descriptor()->file()->FindServiceByName("Health");
}

// Asked for ahead of their callers, on each loop. What finds none on its connection's own loop goes
// to another one's, at twice the cost: so there are as many as a connection may have (server.cc),
// of those that cost nothing else. One loop alone needs no such stock, and posted calls are used in
// turn: with 256 of them, whose memory no longer fits a cache, a call costs a twentieth more.
constexpr size_t kPostedClassifyCalls = 256;
constexpr size_t kPostedClassifyCallsAlone = 32;
constexpr size_t kPostedStreams = 64;
constexpr size_t kPostedOthers = 16;

template <typename Request, typename Response>
using AnswerRequest = absl::Status (*)(const ServiceContext&, const Request&, Response&);

// A call that is answered at once.
template <typename Request, typename Response, AnswerRequest<Request, Response> answer>
class PlainCall final : public UnaryCall {
 public:
  PlainCall(Pool& pool, const ServiceContext& service) : UnaryCall(pool), service_(service) {}

 private:
  void Answer(grpc::ByteBuffer& bytes) override {
    grpc::ByteBuffer response;
    const absl::Status status = AnswerBytes<Request, Response>(
        context(), bytes, response, [this](const Request& request, Response& answered) {
          return answer(service_, request, answered);
        });
    status.ok() ? Finish(response) : Finish(status);
  }

  const ServiceContext& service_;
};

using GetModelCall = PlainCall<v1::GetModelRequest, v1::GetModelResponse, GetModel>;
using ListModelsCall = PlainCall<v1::ListModelsRequest, v1::ListModelsResponse, ListModels>;

PassObservers ObserversOf(const ServiceContext& context) {
  PassObservers observers;
  if (context.metrics == nullptr) return observers;
  for (const auto& model : context.models->models()) {
    observers.push_back(&context.metrics->model(model->index));
  }
  return observers;
}

}  // namespace

std::vector<RpcName> ServedRpcs() {
  std::vector<RpcName> rpcs;
  for (const auto* service : {&DigitClassifierDescriptor(), &HealthDescriptor()}) {
    for (int i = 0; i < service->method_count(); ++i) {
      const google::protobuf::MethodDescriptor& method = *service->method(i);
      const char* const type = method.client_streaming()
                                   ? (method.server_streaming() ? "bidi_stream" : "client_stream")
                                   : (method.server_streaming() ? "server_stream" : "unary");
      rpcs.push_back({type, service->full_name(), method.name()});
    }
  }
  return rpcs;
}

struct ClassifyService::Calls {
  Calls(ClassifyService& owner, std::unique_ptr<grpc::ServerCompletionQueue> queue)
      : loop(std::move(queue), *owner.context_.models, owner.observers_),
        classify(owner.PlaceOf(kClassify, loop),
                 [&owner](UnaryCall::Pool& pool) {
                   return std::make_unique<ClassifyCall>(pool, owner.context_, owner.compute_);
                 }),
        get_model(owner.PlaceOf(kGetModel, loop),
                  [&owner](UnaryCall::Pool& pool) {
                    return std::make_unique<GetModelCall>(pool, owner.context_);
                  }),
        list_models(owner.PlaceOf(kListModels, loop),
                    [&owner](UnaryCall::Pool& pool) {
                      return std::make_unique<ListModelsCall>(pool, owner.context_);
                    }),
        check_health({owner.health_service_, kHealthCheck, loop, owner.open_calls_,
                      *owner.reports_[kMethods + kHealthCheck]},
                     [&owner](UnaryCall::Pool& pool) {
                       return std::make_unique<HealthCheckCall>(pool, owner.health_);
                     }),
        watches{owner.health_service_, loop, owner.open_watches_, owner.health_,
                *owner.reports_[kMethods + kHealthWatch]},
        streams{owner.service_, loop,           owner.open_calls_,
                owner.context_, owner.compute_, *owner.reports_[ClassifyStreamCall::kMethod]},
        batches{owner.service_,
                loop,
                owner.open_calls_,
                owner.context_,
                owner.compute_.workers(),
                owner.slots_,
                *owner.reports_[ClassifyBatchCall::kMethod],
                owner.limits_.batches.transfer_time} {}

  // `alone`: whether there is no other loop.
  void Start(bool alone) {
    classify.Post(alone ? kPostedClassifyCallsAlone : kPostedClassifyCalls);
    get_model.Post(kPostedOthers);
    list_models.Post(kPostedOthers);
    check_health.Post(kPostedOthers);
    for (size_t i = 0; i < kPostedStreams; ++i) ClassifyStreamCall::Post(streams);
    for (size_t i = 0; i < kPostedOthers; ++i) {
      HealthWatchCall::Post(watches);
      ClassifyBatchCall::Post(batches);
    }
    loop.Start();
  }

  Loop loop;
  UnaryCall::Pool classify;
  UnaryCall::Pool get_model;
  UnaryCall::Pool list_models;
  UnaryCall::Pool check_health;
  const HealthWatchCall::Shared watches;
  const ClassifyStreamCall::Shared streams;
  const ClassifyBatchCall::Shared batches;
};

ClassifyService::ClassifyService(const ServiceContext& context, const ServiceLimits& limits)
    : context_(context),
      limits_(limits),
      observers_(ObserversOf(context)),
      service_(DigitClassifierDescriptor(),
               {ClassifyStreamCall::kMethod, ClassifyBatchCall::kMethod}),
      health_service_(HealthDescriptor(), {kHealthWatch}),
      slots_(limits.batches.slots),
      compute_(*context.models, limits.threads, limits.max_waiting, observers_) {
  Metrics* const metrics = context.metrics;
  size_t index = 0;
  for (const RpcName& rpc : ServedRpcs()) {
    reports_.push_back(std::make_unique<CallReports>(
        rpc.service + "/" + rpc.method, metrics == nullptr ? nullptr : &metrics->rpc(index),
        failures_));
    ++index;
  }
  if (metrics != nullptr) {
    metrics->SetQueues({.images = [this](size_t model) { return compute_.ImagesWaiting(model); },
                        .pictures = [this] { return compute_.jobs(); },
                        .batches = [this] { return slots_.waiting(); }});
  }
}

ClassifyService::~ClassifyService() {
  Stop();
  if (context_.metrics != nullptr) context_.metrics->SetQueues({});
}

UnaryCall::Place ClassifyService::PlaceOf(int method, Loop& loop) {
  return {service_, method, loop, open_calls_, *reports_[static_cast<size_t>(method)]};
}

void ClassifyService::AddTo(grpc::ServerBuilder& builder) {
  builder.RegisterService(&service_);
  builder.RegisterService(&health_service_);
  for (size_t i = 0; i < limits_.threads; ++i) {
    calls_.push_back(std::make_unique<Calls>(*this, builder.AddCompletionQueue()));
  }
}

void ClassifyService::Start() {
  for (const auto& calls : calls_) calls->Start(calls_.size() == 1);
}

void ClassifyService::Stop() {
  if (std::exchange(stopped_, true)) return;
  // Calls that have come, but are not counted yet.
  for (const auto& calls : calls_) calls->loop.WaitForEvents();
  for (OpenCalls* calls : {&open_calls_, &open_watches_}) {
    calls->WaitUntilNone(std::chrono::steady_clock::time_point::max());
  }
  for (const auto& calls : calls_) calls->loop.Stop();
}

}  // namespace digits
