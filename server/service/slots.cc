#include "server/service/slots.h"

#include <utility>

namespace digits {

void Slots::Enter(std::shared_ptr<Waiter> waiter) {
  {
    const std::lock_guard lock(mutex_);
    if (free_ == 0) {
      waiter->ticket_ = ++last_ticket_;
      waiting_.emplace(waiter->ticket_, std::move(waiter));
      return;
    }
    --free_;
  }
  waiter->Admitted();
}

bool Slots::Leave(const Waiter& waiter) {
  const std::lock_guard lock(mutex_);
  return waiting_.erase(waiter.ticket_) > 0;
}

void Slots::Release() {
  std::shared_ptr<Waiter> next;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) {
      ++free_;
      return;
    }
    next = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
  }
  next->Admitted();
}

}  // namespace digits
