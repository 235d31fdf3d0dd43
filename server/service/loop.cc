#include "server/service/loop.h"

#include <cassert>
#include <future>
#include <utility>

#include "grpc/support/time.h"
#include "grpcpp/alarm.h"
#include "server/service/event.h"

namespace digits {
namespace {

// Where events follow one another without end, the next pass comes after so many. A call has three.
constexpr size_t kEventsBeforeAPass = 128;
// After this many passes of one image in a row, images are computed as they come, which spares a
// look for others; but for every kLonePasses-th, so that others are noticed.
constexpr size_t kLonePasses = 16;

}  // namespace

Loop::Loop(std::unique_ptr<grpc::ServerCompletionQueue> queue, const ModelRegistry& models,
           const PassObservers& observers)
    : queue_(std::move(queue)) {
  for (const auto& model : models.models()) {
    passes_.emplace_back(*model->classifier, observers.empty() ? nullptr : observers[model->index]);
  }
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
  const bool alone = to_run_.empty();
  if (pass.empty()) to_run_.push_back(&pass);
  pass.Add(image);
  if (alone && lone_passes_ > kLonePasses && lone_passes_ % kLonePasses > 0) RunPass();
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
    if (next == grpc::CompletionQueue::SHUTDOWN) break;
    if (next == grpc::CompletionQueue::GOT_EVENT) {
      static_cast<Event*>(tag)->Happened(ok);
      events = to_run_.empty() ? 0 : events + 1;
      if (events < kEventsBeforeAPass) continue;
    }
    RunPass();
    events = 0;
  }
  assert(to_run_.empty());
}

}  // namespace digits
