#include "server/service/loop.h"

#include <future>
#include <utility>

#include "grpc/support/time.h"

namespace digits {

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
  if (to_run_.empty()) ComputeLater();
  if (pass.empty()) to_run_.push_back(&pass);
  pass.Add(image);
}

void Loop::ComputeLater() {
  // An event at the end of the queue: what stands before it has arrived, and may need computing
  // too.
  alarm_.Set(queue_.get(), gpr_inf_past(GPR_CLOCK_MONOTONIC), &compute_waiting_);
}

void Loop::ComputeWaiting(bool /*ok*/) {
  Pass* const pass = to_run_.front();
  to_run_.pop_front();
  pass->Run();
  if (!pass->empty()) to_run_.push_back(pass);
  if (!to_run_.empty()) ComputeLater();  // other events have their turn
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
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) static_cast<Event*>(tag)->Happened(ok);
}

}  // namespace digits
