// The connections of a load generator.
#ifndef DIGITS_CLIENT_LOAD_LANES_H_
#define DIGITS_CLIENT_LOAD_LANES_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client/connection.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/status_code_enum.h"

namespace digits {

// What a tag on a lane's completion queue points to.
class LaneEvent {
 public:
  virtual ~LaneEvent() = default;
  virtual void Happened(bool ok) = 0;
};

// One connection, for the thread that takes its events from the queue. Start() may be called from
// within `done`.
class Lane {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // Of each call that was started: the time that was given with it, and how it ended.
  using Done = std::function<void(Time intended, grpc::StatusCode code)>;

  virtual ~Lane() = default;
  virtual void Start(Time intended) = 0;
  // Once, when nothing is under way.
  virtual void Close() = 0;
  virtual bool closed() const = 0;
};

// Requests are sent in turn; at least one. All that is referred to outlives the lane.
std::unique_ptr<Lane> MakeUnaryLane(const Connection& connection, std::string method,
                                    const std::vector<grpc::ByteBuffer>& requests,
                                    grpc::CompletionQueue& queue, Lane::Done done);

// One stream at a time, whose requests and answers are ClassifyStream's, until `deadline`. A stream
// that ends fails what it has not answered; the next call begins another.
std::unique_ptr<Lane> MakeStreamLane(const Connection& connection,
                                     const std::vector<grpc::ByteBuffer>& requests,
                                     std::chrono::system_clock::time_point deadline,
                                     grpc::CompletionQueue& queue, Lane::Done done);

}  // namespace digits

#endif  // DIGITS_CLIENT_LOAD_LANES_H_
