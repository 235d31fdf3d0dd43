// Digits' own service with an engine that counts: how many images shared a pass under some load,
// or how the service stands a load that is too much for an engine of known speed.
//
// Usage: counting_server ADDRESS THREADS ENGINE
//   ADDRESS  HOST:PORT or unix:PATH
//   THREADS  that serve and compute, each
//   ENGINE   a weights file, or MILLISECONDS:IMAGES: sleeps so long for every pass, of at most so
//            many images, and answers with a constant; 2 ms at least, as the service takes a model
//            whose pass is shorter for a cheap one
// Prints a line when it listens. After SIGTERM or SIGINT it prints a JSON object with the counts.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/status/statusor.h"
#include "server/engine/classifier.h"
#include "server/engine/load.h"
#include "server/engine/registry.h"
#include "server/image/image.h"
#include "server/model/weights_file.h"
#include "server/service/process.h"
#include "server/service/server.h"

namespace digits {
namespace {

struct Counts {
  std::atomic<uint64_t> passes = 0;
  std::atomic<uint64_t> images = 0;
};

class CountingClassifier final : public Classifier {
 public:
  CountingClassifier(std::unique_ptr<const Classifier> classifier, Counts& counts)
      : classifier_(std::move(classifier)), counts_(counts) {}

  int classes() const override { return classifier_->classes(); }
  std::string_view precision() const override { return classifier_->precision(); }

  void Classify(std::span<const uint8_t> pixels, std::span<float> probabilities,
                std::span<float> digit_scores) const override {
    Count(pixels.size() / kImagePixels);
    classifier_->Classify(pixels, probabilities, digit_scores);
  }

  void ClassifyEach(std::span<const uint8_t* const> images, std::span<float> probabilities,
                    std::span<float> digit_scores) const override {
    Count(images.size());
    classifier_->ClassifyEach(images, probabilities, digit_scores);
  }

  size_t pass_images() const override { return classifier_->pass_images(); }
  std::chrono::nanoseconds pass_time() const override { return classifier_->pass_time(); }

 private:
  void Count(size_t images) const {
    const size_t most = classifier_->pass_images();
    counts_.passes.fetch_add((images + most - 1) / most, std::memory_order_relaxed);
    counts_.images.fetch_add(images, std::memory_order_relaxed);
  }

  const std::unique_ptr<const Classifier> classifier_;
  Counts& counts_;
};

// Every class is equally likely, after a while.
class SleepingClassifier final : public Classifier {
 public:
  SleepingClassifier(std::chrono::milliseconds pass_time, size_t pass_images)
      : pass_time_(pass_time), pass_images_(pass_images) {}

  int classes() const override { return 10; }
  std::string_view precision() const override { return "f32"; }

  void Classify(std::span<const uint8_t> pixels, std::span<float> probabilities,
                std::span<float> digit_scores) const override {
    Answer(pixels.size() / kImagePixels, probabilities, digit_scores);
  }

  void ClassifyEach(std::span<const uint8_t* const> images, std::span<float> probabilities,
                    std::span<float> digit_scores) const override {
    Answer(images.size(), probabilities, digit_scores);
  }

  size_t pass_images() const override { return pass_images_; }
  std::chrono::nanoseconds pass_time() const override { return pass_time_; }

 private:
  void Answer(size_t images, std::span<float> probabilities, std::span<float> digit_scores) const {
    for (size_t begin = 0; begin < images; begin += pass_images_) {
      std::this_thread::sleep_for(pass_time_);
    }
    std::ranges::fill(probabilities, 0.1f);
    std::ranges::fill(digit_scores, 0.0f);
  }

  const std::chrono::milliseconds pass_time_;
  const size_t pass_images_;
};

template <typename T>
T ValueOrThrow(absl::StatusOr<T> value) {
  if (!value.ok()) throw std::runtime_error(std::string(value.status().message()));
  return *std::move(value);
}

// 2:8 as milliseconds and images.
std::optional<std::pair<int, size_t>> ParseSleep(std::string_view text) {
  std::pair<int, size_t> sleep;
  const char* const end = text.data() + text.size();
  const auto [colon, error] = std::from_chars(text.data(), end, sleep.first);
  if (error != std::errc() || colon == end || *colon != ':') return std::nullopt;
  const auto [rest, rest_error] = std::from_chars(colon + 1, end, sleep.second);
  if (rest_error != std::errc() || rest != end || sleep.first < 2 || sleep.second < 1) {
    return std::nullopt;
  }
  return sleep;
}

ServedModel MakeModel(const std::string& engine) {
  if (const auto sleep = ParseSleep(engine)) {
    ServedModel model;
    model.name = "sleep";
    model.class_names = DecimalClassNames();
    model.classifier = std::make_unique<SleepingClassifier>(std::chrono::milliseconds(sleep->first),
                                                            sleep->second);
    return model;
  }
  return ValueOrThrow(
      MakeServedModel("counted", ValueOrThrow(ReadWeights(engine)), Precision::kAuto));
}

void Serve(const std::string& address, size_t threads, const std::string& engine) {
  PrepareProcess(threads);
  Counts counts;
  ServedModel model = MakeModel(engine);
  model.classifier = std::make_unique<CountingClassifier>(std::move(model.classifier), counts);
  ModelRegistry models;
  if (const absl::Status status = models.Add(std::move(model)); !status.ok()) {
    throw std::runtime_error(std::string(status.message()));
  }
  ServerOptions options = {.listen = address};
  options.service.threads = threads;
  const auto server = ValueOrThrow(Server::Start(options, models));
  fmt::print(stderr, "listening on {}\n", server->address());
  WaitForStopSignal();
  server->Shutdown(std::chrono::seconds(5));
  fmt::print("{{\"passes\": {}, \"images\": {}}}\n", counts.passes.load(), counts.images.load());
}

}  // namespace
}  // namespace digits

int main(int argc, char** argv) {
  const int threads = argc == 4 ? std::atoi(argv[2]) : 0;
  if (threads < 1) {
    fmt::print(stderr, "usage: counting_server ADDRESS THREADS (FILE | MILLISECONDS:IMAGES)\n");
    return 2;
  }
  try {
    digits::Serve(argv[1], static_cast<size_t>(threads), argv[3]);
  } catch (const std::exception& e) {
    fmt::print(stderr, "counting_server: {}\n", e.what());
    return 1;
  }
  return 0;
}
