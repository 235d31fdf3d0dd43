#include "server/service/loop.h"

#include <future>
#include <utility>

#include "grpc/support/time.h"
#include "grpcpp/alarm.h"
#include "server/service/event.h"

namespace digits {
namespace {

// Where events follow one another without end, images wait for so many of them.
constexpr size_t kEventsBeforeAPass = 128;

// After so many passes of one image each, images are computed as they come, which spares a look for
// others; but for every so manieth, so that their coming is seen.
constexpr size_t kLonePasses = 16;

}  // namespace

Loop::Loop(std::unique_ptr<grpc::ServerCompletionQueue> queue, const ModelRegistry& models)
    : queue_(std::move(queue)) {
  for (const auto& model : models.models()) passes_.emplace_back(*model->classifier);
}

void Loop::Stop() {
  queue_->Shutdown();
  if (thread_.joinable()) {
    thread_.join();
  } else {
    Run();
  }
}

void Loop::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Loop::Compute(const ServedModel& model, WaitingImage& image) {
  Pass& pass = passes_[model.index];
  if (pass.empty()) to_run_.push_back(&pass);
  pass.Add(image);
  if (lone_passes_ > kLonePasses && lone_passes_ % kLonePasses > 0) RunPass();
}

void Loop::RunPass() {
  Pass* const pass = to_run_.front();
  to_run_.pop_front();
  lone_passes_ = pass->images() == 1 ? lone_passes_ + 1 : 0;
  pass->Run();
  if (!pass->empty()) to_run_.push_back(pass);
}

void Loop::WaitForEvents() {
  if (!thread_.joinable()) return;
  struct Reached final : Event {
    void Happened(bool /*ok*/) override { promise.set_value(); }
    std::promise<void> promise;
  };
  Reached reached;
  grpc::Alarm alarm;
  alarm.Set(queue_.get(), gpr_inf_past(GPR_CLOCK_MONOTONIC), &reached);
  reached.promise.get_future().wait();
}

void Loop::Run() {
  const gpr_timespec at_once = gpr_inf_past(GPR_CLOCK_MONOTONIC);
  const gpr_timespec whenever = gpr_inf_future(GPR_CLOCK_MONOTONIC);
  void* tag = nullptr;
  bool ok = false;
  size_t events = 0;  // since images wait
  for (;;) {
    const auto next = queue_->AsyncNext(&tag, &ok, to_run_.empty() ? whenever : at_once);
    if (next == grpc::CompletionQueue::SHUTDOWN) return;
    if (next == grpc::CompletionQueue::GOT_EVENT) {
      static_cast<Event*>(tag)->Happened(ok);
      events = to_run_.empty() ? 0 : events + 1;
      if (events < kEventsBeforeAPass) continue;
    }
    RunPass();
    events = 0;
  }
}

}  // namespace digits
