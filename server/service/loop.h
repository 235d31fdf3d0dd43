// A thread that serves a completion queue.
#ifndef DIGITS_SERVER_SERVICE_LOOP_H_
#define DIGITS_SERVER_SERVICE_LOOP_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "grpcpp/completion_queue.h"
#include "server/engine/pass.h"
#include "server/engine/registry.h"

namespace digits {

// Handles the queue's events one after another. Images whose models are cheap are computed on the
// same thread, when no other event is at hand: all that have arrived by then share a pass, and the
// thread never waits for more.
// The null servers of tests/bench tell why the service is built on completion queues: at 64 calls
// in flight such a queue carries 1.4 times as many calls as gRPC's callbacks and 3 times as many as
// its synchronous servers, and one call in flight takes no longer than with any of them.
class Loop {
 public:
  // What is referred to outlives the loop.
  Loop(std::unique_ptr<grpc::ServerCompletionQueue> queue, const ModelRegistry& models,
       const PassObservers& observers = {});
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Once, after the server has started.
  void Start();
  // From another thread: returns when the events that are in the queue have been handled.
  void WaitForEvents();
  // Once, after the server has shut down and all calls have been answered, or where it never
  // started: returns when no event is left.
  void Stop();

  grpc::ServerCompletionQueue& queue() { return *queue_; }

  // On the loop's thread: has the image computed when no other event is at hand, or at once where
  // images come one by one. So it may be answered or dropped before this returns, and whatever lock
  // that takes is not held.
  void Compute(const ServedModel& model, WaitingImage& image);

 private:
  void Run();
  void RunPass();

  const std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::vector<Pass> passes_;  // by the model's index
  std::deque<Pass*> to_run_;  // those that are not empty
  size_t lone_passes_ = 0;    // in a row
  std::thread thread_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_LOOP_H_
