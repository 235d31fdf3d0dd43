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

}  // namespace

struct ClassifyService::Calls {
  Calls(ClassifyService& owner, std::unique_ptr<grpc::ServerCompletionQueue> queue)
      : loop(std::move(queue), *owner.context_.models),
        classify({owner.service_, kClassify, loop, owner.open_calls_},
                 [&owner](UnaryCall::Pool& pool) {
                   return std::make_unique<ClassifyCall>(pool, owner.context_, owner.compute_);
                 }),
        get_model({owner.service_, kGetModel, loop, owner.open_calls_},
                  [&owner](UnaryCall::Pool& pool) {
                    return std::make_unique<GetModelCall>(pool, owner.context_);
                  }),
        list_models({owner.service_, kListModels, loop, owner.open_calls_},
                    [&owner](UnaryCall::Pool& pool) {
                      return std::make_unique<ListModelsCall>(pool, owner.context_);
                    }),
        check_health({owner.health_service_, kHealthCheck, loop, owner.open_calls_},
                     [&owner](UnaryCall::Pool& pool) {
                       return std::make_unique<HealthCheckCall>(pool, owner.health_);
                     }),
        watches{owner.health_service_, loop, owner.open_watches_, owner.health_},
        streams{owner.service_, loop, owner.open_calls_, owner.context_, owner.compute_},
        batches{owner.service_,
                loop,
                owner.open_calls_,
                owner.context_,
                owner.compute_.workers(),
                owner.slots_,
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
      service_(*v1::ClassifyRequest::descriptor()->file()->FindServiceByName("DigitClassifier"),
               {ClassifyStreamCall::kMethod, ClassifyBatchCall::kMethod}),
      health_service_(
          *grpc::health::v1::HealthCheckRequest::descriptor()->file()->FindServiceByName("Health"),
          {kHealthWatch}),
      slots_(limits.batches.slots),
      compute_(*context.models, limits.threads, limits.max_waiting) {}

ClassifyService::~ClassifyService() { Stop(); }

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
