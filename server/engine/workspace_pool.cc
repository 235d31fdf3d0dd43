#include "server/engine/workspace_pool.h"

namespace digits {

WorkspacePool::~WorkspacePool() {
  for (Slot& slot : slots_) delete slot.workspace.load();
}

std::unique_ptr<Workspace> WorkspacePool::Take() {
  for (size_t i = 0; i < kSlots; ++i) {
    if (Workspace* workspace = SlotAt(i).workspace.exchange(nullptr)) {
      return std::unique_ptr<Workspace>(workspace);
    }
  }
  return plan_.MakeWorkspace();
}

void WorkspacePool::Give(std::unique_ptr<Workspace> workspace) {
  for (size_t i = 0; i < kSlots; ++i) {
    Workspace* expected = nullptr;
    if (SlotAt(i).workspace.compare_exchange_strong(expected, workspace.get())) {
      static_cast<void>(workspace.release());
      return;
    }
  }
}

WorkspacePool::Slot& WorkspacePool::SlotAt(size_t i) {
  static std::atomic<size_t> threads = 0;
  thread_local const size_t first = threads++;
  return slots_[(first + i) % kSlots];
}

}  // namespace digits
