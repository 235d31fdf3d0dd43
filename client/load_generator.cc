#include "client/load_generator.h"

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "client/load_lanes.h"
#include "digits/v1/digits.pb.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "server/image/image.h"

namespace digits {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

// Calls that are late begin so many at a time between two looks for answers, which cost as much as
// a call does.
constexpr size_t kLateCalls = 8;

// gRPC's waits may be two milliseconds too long: the last ones before a call are not slept through.
constexpr std::chrono::milliseconds kEarly{3};

Clock::duration ToClock(Seconds time) { return std::chrono::duration_cast<Clock::duration>(time); }

// When calls begin: until `first` to warm up, until `last` to be measured, then no more.
struct Schedule {
  Clock::time_point begin;
  Clock::time_point first;
  Clock::time_point last;
};

template <typename Message>
grpc::ByteBuffer Serialize(const Message& message) {
  grpc::ByteBuffer bytes;
  bool own_buffer = false;
  grpc::SerializationTraits<Message>::Serialize(message, &bytes, &own_buffer);
  return bytes;
}

std::vector<grpc::ByteBuffer> MakeRequests(const LoadOptions& options,
                                           std::span<const uint8_t> pixels) {
  const size_t images = pixels.size() / kImagePixels;
  std::vector<grpc::ByteBuffer> requests;
  if (options.kind == LoadKind::kBatch) {
    v1::ClassifyBatchRequest request;
    request.set_model(options.model);
    request.set_version(options.version);
    for (size_t i = 0; i < options.batch; ++i) {
      const auto image = pixels.subspan(i % images * kImagePixels, kImagePixels);
      request.mutable_pixels()->append(image.begin(), image.end());
    }
    requests.push_back(Serialize(request));
    return requests;
  }
  for (size_t i = 0; i < images; ++i) {
    v1::ClassifyStreamRequest message;
    v1::ClassifyRequest& request = *message.mutable_request();
    request.set_pixels(pixels.data() + i * kImagePixels, kImagePixels);
    request.set_model(options.model);
    request.set_version(options.version);
    message.set_id(i + 1);
    requests.push_back(options.kind == LoadKind::kStream ? Serialize(message) : Serialize(request));
  }
  return requests;
}

// The lanes of one thread.
class Generator {
 public:
  Generator(const LoadOptions& options, const Schedule& schedule,
            const std::vector<grpc::ByteBuffer>& requests, std::vector<Connection> connections)
      : options_(options),
        schedule_(schedule),
        connections_(std::move(connections)),
        rooms_(connections_.size(), options.in_flight) {
    for (const Connection& connection : connections_) {
      const size_t index = lanes_.size();
      const auto done = [this, index](Lane::Time intended, grpc::StatusCode code) {
        Record(intended, code);
        ++rooms_[index];
        --under_way_;
        if (!options_.rate && Clock::now() < schedule_.last) Start(index, Clock::now());
      };
      switch (options.kind) {
        case LoadKind::kUnary:
          lanes_.push_back(MakeUnaryLane(connection, "/digits.v1.DigitClassifier/Classify",
                                         requests, queue_, done));
          break;
        case LoadKind::kBatch:
          lanes_.push_back(MakeUnaryLane(connection, "/digits.v1.DigitClassifier/ClassifyBatch",
                                         requests, queue_, done));
          break;
        case LoadKind::kStream:
          lanes_.push_back(
              MakeStreamLane(connection, requests, StreamDeadline(connection), queue_, done));
          break;
      }
    }
  }

  // `rate`: this thread's calls a second, where there is one.
  LoadResult Run(std::optional<double> rate) {
    if (rate) {
      Pace(*rate);
    } else {
      for (size_t i = 0; i < lanes_.size() * options_.in_flight; ++i) {
        Start(i % lanes_.size(), Clock::now());
      }
    }
    while (under_way_ > 0) TakeEvent(kForever);
    for (const auto& lane : lanes_) lane->Close();
    while (!std::ranges::all_of(lanes_, [](const auto& lane) { return lane->closed(); })) {
      TakeEvent(kForever);
    }
    return std::move(result_);
  }

 private:
  static constexpr std::chrono::hours kForever{1000};

  std::chrono::system_clock::time_point StreamDeadline(const Connection& connection) const {
    return std::chrono::system_clock::now() + ToClock(options_.warm_up + options_.duration) +
           ToClock(connection.options().timeout);
  }

  void Start(size_t lane, Lane::Time intended) {
    ++under_way_;
    --rooms_[lane];
    lanes_[lane]->Start(intended);
  }

  // Begins the calls and takes their events on the one thread: another thread for one of the two
  // would cost both more than the calls do. Answers come first, so that they are not timed late;
  // what cannot begin in time begins late.
  void Pace(double rate) {
    const Seconds interval(1 / rate);
    for (size_t i = 0;; ++i) {
      const Lane::Time intended = schedule_.begin + ToClock(interval * static_cast<double>(i));
      if (intended >= schedule_.last) return;
      const size_t lane = i % lanes_.size();
      if (i % kLateCalls == 0 || Clock::now() < intended) {
        while (TakeEvent(Clock::duration::zero())) {
        }
      }
      for (Clock::time_point now = Clock::now(); now < intended; now = Clock::now()) {
        TakeEvent(intended - now - kEarly);
      }
      while (rooms_[lane] == 0) TakeEvent(kForever);
      Start(lane, intended);
    }
  }

  // One event, if there is one within `patience`; what has come already, where that is not above 0.
  // Whether there was one.
  bool TakeEvent(Clock::duration patience) {
    const auto deadline = patience <= Clock::duration::zero()
                              ? std::chrono::system_clock::time_point()
                              : std::chrono::system_clock::now() + patience;
    void* tag = nullptr;
    bool ok = false;
    if (queue_.AsyncNext(&tag, &ok, deadline) != grpc::CompletionQueue::GOT_EVENT) return false;
    static_cast<LaneEvent*>(tag)->Happened(ok);
    return true;
  }

  void Record(Lane::Time intended, grpc::StatusCode code) {
    const Clock::time_point now = Clock::now();
    const bool answered = code == grpc::StatusCode::OK;
    if (answered && now >= schedule_.first && now < schedule_.last) ++result_.answered_in_time;
    if (intended < schedule_.first) return;
    (answered ? result_.answered : result_.failed).Add(now - intended);
    ++result_.codes[code];
  }

  const LoadOptions& options_;
  const Schedule& schedule_;
  const std::vector<Connection> connections_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<size_t> rooms_;  // how many calls may begin, on each lane
  size_t under_way_ = 0;
  LoadResult result_;
};

}  // namespace

absl::StatusOr<LoadResult> GenerateLoad(const ConnectionOptions& connection,
                                        const LoadOptions& options,
                                        std::span<const uint8_t> pixels) {
  const size_t threads = std::clamp<size_t>(options.threads, 1, options.connections);
  ConnectionOptions bare = connection;
  bare.bare = true;
  std::vector<std::vector<Connection>> connections(threads);
  for (size_t i = 0; i < options.connections; ++i) {
    absl::StatusOr<Connection> opened = Connection::Open(bare);
    if (!opened.ok()) return opened.status();
    connections[i % threads].push_back(*std::move(opened));
  }
  const std::vector<grpc::ByteBuffer> requests = MakeRequests(options, pixels);
  Schedule schedule;
  schedule.begin = Clock::now();
  schedule.first = schedule.begin + ToClock(options.warm_up);
  schedule.last = schedule.first + ToClock(options.duration);
  std::vector<LoadResult> results(threads);
  {
    std::vector<std::jthread> runs;
    for (size_t i = 0; i < threads; ++i) {
      runs.emplace_back([&, i] {
        std::optional<double> rate = options.rate;
        if (rate) {
          *rate *=
              static_cast<double>(connections[i].size()) / static_cast<double>(options.connections);
        }
        results[i] = Generator(options, schedule, requests, connections[i]).Run(rate);
      });
    }
  }
  LoadResult all;
  for (const LoadResult& result : results) {
    all.answered.Add(result.answered);
    all.failed.Add(result.failed);
    for (const auto& [code, count] : result.codes) all.codes[code] += count;
    all.answered_in_time += result.answered_in_time;
  }
  all.duration = options.duration;
  all.images_a_call = options.kind == LoadKind::kBatch ? options.batch : 1;
  return all;
}

}  // namespace digits
