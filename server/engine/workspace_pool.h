// Keeps workspaces for calls to come.
#ifndef DIGITS_SERVER_ENGINE_WORKSPACE_POOL_H_
#define DIGITS_SERVER_ENGINE_WORKSPACE_POOL_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>

#include "server/engine/onednn_plan.h"

namespace digits {

// Workspaces of one plan that no call is using. Takes no lock; every thread looks first where it
// looked last, so that a workspace stays in one core's cache.
class WorkspacePool {
 public:
  explicit WorkspacePool(const Plan& plan) : plan_(plan) {}
  ~WorkspacePool();
  WorkspacePool(const WorkspacePool&) = delete;
  WorkspacePool& operator=(const WorkspacePool&) = delete;

  std::unique_ptr<Workspace> Take();
  void Give(std::unique_ptr<Workspace> workspace);

 private:
  // More calls than this at one moment make workspaces of their own.
  static constexpr size_t kSlots = 64;
  struct alignas(64) Slot {  // a cache line each
    std::atomic<Workspace*> workspace = nullptr;
  };

  // The i-th that the calling thread looks at.
  Slot& SlotAt(size_t i);

  const Plan& plan_;
  std::array<Slot, kSlots> slots_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_ENGINE_WORKSPACE_POOL_H_
