#include "server/service/slots.h"

#include <utility>

namespace digits {

void Slots::Enter(std::shared_ptr<Waiter> waiter) {
  bool admitted = false;
  {
    const std::lock_guard lock(mutex_);
    admitted = free_ > 0;
    if (admitted) {
      --free_;
    } else if (!closed_) {
      waiter->ticket_ = ++last_ticket_;
      waiting_.emplace(waiter->ticket_, std::move(waiter));
      return;
    }
  }
  admitted ? waiter->Admitted() : waiter->Refused();
}

bool Slots::Leave(const Waiter& waiter) {
  const std::lock_guard lock(mutex_);
  return waiting_.erase(waiter.ticket_) > 0;
}

size_t Slots::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

void Slots::Close() {
  std::map<uint64_t, std::shared_ptr<Waiter>> refused;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    refused.swap(waiting_);
  }
  for (const auto& [ticket, waiter] : refused) waiter->Refused();
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
