#include "trainer/calibration/input_ranges.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <memory>
#include <utility>

#include "server/engine/onednn_classifier.h"
#include "trainer/training/evaluation.h"

namespace digits {
namespace {

constexpr int kDroppedBits = 16;  // of a float's fraction
constexpr size_t kBuckets = size_t{1} << (31 - kDroppedBits);

void Activate(Activation activation, std::span<float> values) {
  switch (activation) {
    case Activation::kRelu:
      for (float& value : values) value = std::max(value, 0.0f);
      return;
    case Activation::kSigmoid:
      for (float& value : values) value = 1 / (1 + std::exp(-value));
      return;
    case Activation::kTanh:
      for (float& value : values) value = std::tanh(value);
      return;
    case Activation::kSoftmax:
      return;
  }
}

// A layer laid out for loops that compilers vectorise and that skip zeros, which most pixels and
// half of ReLU's outputs are.
class PlainLayer {
 public:
  explicit PlainLayer(const DenseLayer& layer)
      : bias_(layer.bias), activation_(layer.activation), columns_(layer.weights.size()) {
    const size_t outputs = bias_.size();
    const size_t inputs = columns_.size() / outputs;
    for (size_t o = 0; o < outputs; ++o) {
      for (size_t i = 0; i < inputs; ++i) columns_[i * outputs + o] = layer.weights[o * inputs + i];
    }
  }

  // Valid until the next call.
  std::span<const float> Forward(std::span<const float> inputs) {
    const size_t outputs = bias_.size();
    outputs_ = bias_;
    for (size_t i = 0; i < inputs.size(); ++i) {
      const float input = inputs[i];
      if (input == 0) continue;
      const float* const column = columns_.data() + i * outputs;
      for (size_t o = 0; o < outputs; ++o) outputs_[o] += input * column[o];
    }
    Activate(activation_, outputs_);
    return outputs_;
  }

 private:
  const std::vector<float> bias_;
  const Activation activation_;
  std::vector<float> columns_;  // inputs x outputs
  std::vector<float> outputs_;
};

std::vector<float> RangesHolding(double share, std::span<const MagnitudeHistogram> histograms) {
  std::vector<float> ranges;
  for (const MagnitudeHistogram& histogram : histograms) {
    const float range = histogram.Quantile(share);
    ranges.push_back(range > 0 ? range : 1);  // inputs that are always zero need no range
  }
  return ranges;
}

}  // namespace

MagnitudeHistogram::MagnitudeHistogram() : counts_(kBuckets) {}

void MagnitudeHistogram::Add(std::span<const float> values) {
  for (const float value : values) {
    const float magnitude = std::abs(value);
    ++counts_[std::bit_cast<uint32_t>(magnitude) >> kDroppedBits];
    largest_ = std::max(largest_, magnitude);
  }
  total_ += values.size();
}

float MagnitudeHistogram::Quantile(double share) const {
  const auto wanted = static_cast<uint64_t>(std::ceil(share * static_cast<double>(total_)));
  uint64_t held = 0;
  for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
    held += counts_[bucket];
    if (held < wanted) continue;
    // Where the next bucket begins. Zeros have one to themselves, but for what is almost zero.
    const auto next = static_cast<uint32_t>(bucket + 1) << kDroppedBits;
    return bucket == 0 ? 0 : std::min(largest_, std::bit_cast<float>(next));
  }
  return largest_;
}

std::vector<MagnitudeHistogram> MeasureLayerInputs(const Network& network, const DataSet& data) {
  std::vector<PlainLayer> hidden;
  for (size_t i = 0; i + 1 < network.layers.size(); ++i) hidden.emplace_back(network.layers[i]);
  std::vector<MagnitudeHistogram> histograms(hidden.size());
  std::vector<float> pixels(kImagePixels);
  for (size_t image = 0; image < std::min(data.size(), kMeasuredImages); ++image) {
    std::ranges::transform(data.image(image), pixels.begin(), [&network](uint8_t pixel) {
      return static_cast<float>(pixel) * network.input_scale + network.input_offset;
    });
    std::span<const float> values = pixels;
    for (size_t i = 0; i < hidden.size(); ++i) {
      values = hidden[i].Forward(values);
      histograms[i].Add(values);
    }
  }
  return histograms;
}

absl::StatusOr<InputRanges> ChooseInputRanges(const Network& network, const DataSet& training,
                                              const DataSet& validation) {
  const std::vector<MagnitudeHistogram> histograms = MeasureLayerInputs(network, training);
  InputRanges best = {RangesHolding(1, histograms), 1, std::nullopt};
  if (histograms.empty()) return best;
  double least_loss = 0;
  for (const double share : kTriedShares) {
    Network candidate = network;
    candidate.input_ranges = RangesHolding(share, histograms);
    const absl::StatusOr<std::unique_ptr<Classifier>> classifier =
        MakeOnednnClassifier(candidate, Precision::kInt8);
    if (absl::IsFailedPrecondition(classifier.status())) return best;  // this processor has no int8
    if (!classifier.ok()) return classifier.status();
    const Evaluation evaluation = Evaluate(**classifier, validation);
    const double accuracy = evaluation.confusion.accuracy();
    if (!best.accuracy || accuracy > *best.accuracy ||
        (accuracy == *best.accuracy && evaluation.loss < least_loss)) {
      best = {std::move(candidate.input_ranges), share, accuracy};
      least_loss = evaluation.loss;
    }
  }
  return best;
}

}  // namespace digits
