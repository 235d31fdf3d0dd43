// The engine beside ONNX Runtime on the same networks: microseconds a call, at several sizes of
// batches.
//
// Digits takes bytes and gives probabilities and digit scores, in f32 and in int8. ONNX Runtime
// takes floats that were made of the bytes before, in tensors made before, and gives probabilities,
// in f32. Each has one thread. In every round they take turns, and the medians over the rounds are
// compared: ratios are ONNX Runtime's time by Digits', above 1 where Digits is faster.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <dnnl.hpp>
#include <exception>
#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/engine/classifier.h"
#include "server/engine/onednn_classifier.h"
#include "server/image/image.h"
#include "server/model/network.h"
#include "server/model/weights_file.h"
#include "tests/bench/onnx_model.h"
#include "trainer/calibration/input_ranges.h"
#include "trainer/data/data_set.h"
#include "trainer/data/splitmix.h"
#include "trainer/data/strokes.h"

namespace digits {
namespace {

constexpr std::array<size_t, 5> kBatches = {1, 8, 32, 256, 1024};
constexpr std::array<const char*, 2> kModels = {"article", "best"};
constexpr std::array kRandomWidths = {784, 512, 512, 10};
constexpr float kTolerance = 1e-4f;  // of probabilities, between two engines in f32

struct Options {
  std::string models = "deploy/models";
  int rounds = 7;
  int round_ms = 100;
  std::string json;
};

template <typename T>
T ValueOrThrow(absl::StatusOr<T> value) {
  if (!value.ok()) throw std::runtime_error(std::string(value.status().message()));
  return *std::move(value);
}

// A batch of images and what Digits answers.
class DigitsBatch {
 public:
  DigitsBatch(const Classifier& classifier, std::span<const uint8_t> pixels)
      : classifier_(classifier),
        pixels_(pixels),
        probabilities_(pixels.size() / kImagePixels * static_cast<size_t>(classifier.classes())),
        digit_scores_(pixels.size() / kImagePixels) {}

  void Run() { classifier_.Classify(pixels_, probabilities_, digit_scores_); }

  std::span<const float> probabilities() const { return probabilities_; }

 private:
  const Classifier& classifier_;
  const std::span<const uint8_t> pixels_;
  std::vector<float> probabilities_;
  std::vector<float> digit_scores_;
};

// Weights of He et al. 2015 ("Delving Deep into Rectifiers", equation 10), no bias.
Network RandomNetwork(std::span<const int> widths) {
  SplitMix random(1);
  Network network;
  for (size_t i = 1; i < widths.size(); ++i) {
    DenseLayer& layer = network.layers.emplace_back();
    layer.inputs = widths[i - 1];
    layer.outputs = widths[i];
    layer.activation = i + 1 == widths.size() ? Activation::kSoftmax : Activation::kRelu;
    layer.bias.resize(static_cast<size_t>(layer.outputs));
    layer.weights.resize(layer.bias.size() * static_cast<size_t>(layer.inputs));
    const double deviation = std::sqrt(2.0 / layer.inputs);
    for (float& weight : layer.weights) weight = static_cast<float>(deviation * random.Normal());
  }
  network.class_names = DecimalClassNames();
  return network;
}

// With input ranges, for int8.
std::vector<std::pair<std::string, Network>> MakeNetworks(const std::string& folder,
                                                          const DataSet& images) {
  std::vector<std::pair<std::string, Network>> networks;
  for (const char* const name : kModels) {
    Weights weights = ValueOrThrow(ReadWeights(fmt::format("{}/{}.safetensors", folder, name)));
    networks.emplace_back(name, std::move(weights.network));
  }
  Network random = RandomNetwork(kRandomWidths);
  networks.emplace_back(Architecture(random), std::move(random));
  for (auto& [name, network] : networks) {
    if (HasInputRanges(network)) continue;
    for (const MagnitudeHistogram& inputs : MeasureLayerInputs(network, images)) {
      network.input_ranges.push_back(inputs.Quantile(1));
    }
  }
  return networks;
}

struct Engines {
  explicit Engines(const Network& network)
      : f32(ValueOrThrow(MakeOnednnClassifier(network, Precision::kF32))), onnxruntime(network) {
    auto made = MakeOnednnClassifier(network, Precision::kInt8);
    if (made.ok()) {
      int8 = *std::move(made);
    } else {
      fmt::print(stderr, "no int8: {}\n", std::string(made.status().message()));
    }
  }

  std::unique_ptr<Classifier> f32;
  std::unique_ptr<Classifier> int8;  // null where the processor has none
  OnnxModel onnxruntime;
};

// How many of the images have the same most probable class in both.
size_t SameLabels(std::span<const float> a, std::span<const float> b, size_t images) {
  const size_t classes = a.size() / images;
  size_t same = 0;
  for (size_t i = 0; i < a.size(); i += classes) {
    const auto label = [&](std::span<const float> probabilities) {
      const auto row = probabilities.subspan(i, classes);
      return std::ranges::max_element(row) - row.begin();
    };
    same += label(a) == label(b) ? 1 : 0;
  }
  return same;
}

bool Agree(std::span<const float> a, std::span<const float> b) {
  return std::ranges::equal(a, b, [](float x, float y) { return std::abs(x - y) <= kTolerance; });
}

// One of those that take turns.
class Peer {
 public:
  // As many calls make a round as take about so long.
  Peer(std::function<void()> call, std::chrono::milliseconds round) : call_(std::move(call)) {
    const double wanted = std::chrono::duration<double>(round).count();
    double taken = Seconds();
    while (taken < wanted / 4) {
      calls_ *= 2;
      taken = Seconds();
    }
    calls_ = std::max<size_t>(1, static_cast<size_t>(static_cast<double>(calls_) * wanted / taken));
  }

  void Round() { microseconds_.push_back(1e6 * Seconds() / static_cast<double>(calls_)); }

  double Median() const {
    std::vector<double> sorted = microseconds_;
    std::ranges::sort(sorted);
    return (sorted[(sorted.size() - 1) / 2] + sorted[sorted.size() / 2]) / 2;
  }

 private:
  double Seconds() const {
    const auto begin = std::chrono::steady_clock::now();
    for (size_t i = 0; i < calls_; ++i) call_();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }

  std::function<void()> call_;
  size_t calls_ = 1;
  std::vector<double> microseconds_;
};

// Medians, in microseconds a call.
struct Result {
  std::string network;
  size_t batch = 0;
  double onnxruntime = 0;
  double f32 = 0;
  double int8 = std::nan("");  // NaN, null in JSON, where the processor has none
};

Result Compare(const std::string& name, const Engines& engines, std::span<const uint8_t> pixels,
               const Options& options) {
  const size_t images = pixels.size() / kImagePixels;
  const std::string what = fmt::format("{}, batch {}", name, images);
  const std::chrono::milliseconds round(options.round_ms);

  OnnxBatch theirs(engines.onnxruntime, pixels);
  theirs.Run();
  DigitsBatch f32(*engines.f32, pixels);
  f32.Run();
  if (!Agree(f32.probabilities(), theirs.probabilities())) {
    throw std::runtime_error(
        fmt::format("{}: the probabilities differ by more than {}", what, kTolerance));
  }
  std::vector<Peer> peers = {Peer([&] { theirs.Run(); }, round), Peer([&] { f32.Run(); }, round)};

  std::optional<DigitsBatch> int8;
  if (engines.int8 != nullptr) {
    int8.emplace(*engines.int8, pixels).Run();
    const size_t same = SameLabels(int8->probabilities(), theirs.probabilities(), images);
    if (2 * same <= images) {
      throw std::runtime_error(fmt::format("{}: int8 gives the same label for only {} of {} images",
                                           what, same, images));
    }
    peers.emplace_back([&] { int8->Run(); }, round);
  }

  for (int i = 0; i < options.rounds; ++i) {
    for (Peer& peer : peers) peer.Round();
  }
  Result result = {name, images, peers[0].Median(), peers[1].Median()};
  if (int8) result.int8 = peers[2].Median();
  return result;
}

void PrintRow(const Result& result) {
  fmt::print("{:15} {:5} {:10.2f} {:>11.2f} {:12.2f} {:9.2f} {:>10.2f}\n", result.network,
             result.batch, result.f32, result.int8, result.onnxruntime,
             result.onnxruntime / result.f32, result.onnxruntime / result.int8);
  std::fflush(stdout);
}

nlohmann::json ToJson(const Result& result) {
  return {{"network", result.network},
          {"batch", result.batch},
          {"digits_f32_us", result.f32},
          {"digits_int8_us", result.int8},
          {"onnxruntime_us", result.onnxruntime},
          {"ratio_f32", result.onnxruntime / result.f32},
          {"ratio_int8", result.onnxruntime / result.int8}};
}

std::string ProcessorName() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown processor";
}

void Run(const Options& options) {
  const dnnl::version_t& version = *dnnl::version();
  const std::string onednn = fmt::format("{}.{}.{}", version.major, version.minor, version.patch);
  const std::string onnxruntime = OnnxRuntimeVersion();
  const std::string processor = ProcessorName();
  fmt::print("oneDNN {}, ONNX Runtime {}, {}; microseconds a call\n", onednn, onnxruntime,
             processor);
  fmt::print("{:15} {:>5} {:>10} {:>11} {:>12} {:>9} {:>10}\n", "network", "batch", "Digits f32",
             "Digits int8", "ONNX Runtime", "ratio f32", "ratio int8");

  nlohmann::json results = nlohmann::json::array();
  const DataSet images = DrawStrokes(kBatches.back(), 1);
  for (const auto& [name, network] : MakeNetworks(options.models, images)) {
    const Engines engines(network);
    for (const size_t batch : kBatches) {
      const auto pixels = std::span(images.pixels).first(batch * kImagePixels);
      const Result result = Compare(name, engines, pixels, options);
      PrintRow(result);
      results.push_back(ToJson(result));
    }
  }
  if (options.json.empty()) return;
  std::ofstream out(options.json);
  out << nlohmann::json{{"onednn", onednn},
                        {"onnxruntime", onnxruntime},
                        {"processor", processor},
                        {"rounds", options.rounds},
                        {"round_ms", options.round_ms},
                        {"results", results}}
             .dump(1)
      << "\n";
  if (!out.flush()) throw std::runtime_error(fmt::format("cannot write {}", options.json));
}

}  // namespace
}  // namespace digits

int main(int argc, char** argv) {
  digits::Options options;
  CLI::App app("Compares the speed of Digits' engine with ONNX Runtime's, one thread each.");
  app.add_option("--models", options.models, "The folder of the weights files")
      ->capture_default_str();
  app.add_option("--rounds", options.rounds, "Medians are taken over so many rounds")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--round-ms", options.round_ms, "Milliseconds that each takes in a round")
      ->check(CLI::Range(1, 60'000))
      ->capture_default_str();
  app.add_option("--json", options.json, "Write the results to this file too");
  CLI11_PARSE(app, argc, argv);
  try {
    digits::Run(options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "engine_vs_onnxruntime: {}\n", error.what());
    return 1;
  }
}
