#include "server/engine/batcher.h"

namespace digits {
namespace {

// Before other jobs of the pool have their turn.
constexpr int kPassesInARow = 8;

}  // namespace

Batcher::Batcher(const Classifier& classifier, Workers& workers, size_t passes, size_t max_waiting,
                 PassObserver* observer)
    : workers_(workers),
      max_waiting_(max_waiting),
      time_to_clear_(classifier.pass_time() * (max_waiting / classifier.pass_images() + 1) /
                     passes) {
  for (size_t i = 0; i < passes; ++i) {
    passes_.push_back(std::make_unique<Pass>(classifier, observer));
    idle_.push_back(passes_.back().get());
  }
}

bool Batcher::Add(WaitingImage& image) {
  Pass* pass = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) {
      if (waiting_.size() >= max_waiting_) return false;
      waiting_.push_back(&image);
      return true;
    }
    pass = idle_.back();
    idle_.pop_back();
  }
  pass->Add(image);
  workers_.Run([this, pass] { Run(*pass); });
  return true;
}

size_t Batcher::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

void Batcher::Run(Pass& pass) {
  for (int i = 0; i < kPassesInARow; ++i) {
    Fill(pass);
    if (pass.empty()) break;
    pass.Run();
  }
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) {
      idle_.push_back(&pass);
      return;
    }
  }
  workers_.Run([this, &pass] { Run(pass); });
}

void Batcher::Fill(Pass& pass) {
  const std::lock_guard lock(mutex_);
  while (!waiting_.empty() && !pass.full()) {
    pass.Add(*waiting_.front());
    waiting_.pop_front();
  }
}

}  // namespace digits
