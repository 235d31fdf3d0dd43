// A multilayer perceptron in plain loops and float64, to hold the fast ones against.
#ifndef DIGITS_TESTS_TRAINER_TRAINING_REFERENCE_NETWORK_H_
#define DIGITS_TESTS_TRAINER_TRAINING_REFERENCE_NETWORK_H_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "server/model/network.h"
#include "trainer/training/loss.h"
#include "trainer/training/multilayer_perceptron.h"
#include "trainer/training/random.h"

namespace digits::testing_support {

struct ReferenceLayer {
  explicit ReferenceLayer(const DenseLayer& layer)
      : inputs(static_cast<size_t>(layer.inputs)),
        outputs(static_cast<size_t>(layer.outputs)),
        weights(layer.weights.begin(), layer.weights.end()),
        bias(layer.bias.begin(), layer.bias.end()),
        activation(layer.activation) {}

  size_t inputs, outputs;
  std::vector<double> weights, bias;
  Activation activation;
};

// Images of a batch, which it can be made from in each way.
class Examples {
 public:
  Examples(size_t count, size_t columns, size_t classes, uint64_t seed) : columns_(columns) {
    Random random(seed, RandomStream::kShuffle);
    for (size_t level = 0; level < values_.size(); ++level) {
      values_[level] = static_cast<float>(level) * (1.0f / 255);
    }
    for (size_t i = 0; i < count; ++i) {
      std::vector<SparsePixel>& pixels = pixels_.emplace_back();
      for (size_t column = 0; column < columns; ++column) {
        dense_pixels_.push_back(0);
        if (random.Below(2) == 0) continue;
        dense_pixels_.back() = static_cast<uint8_t>(1 + random.Below(255));
        pixels.push_back({static_cast<uint16_t>(column), dense_pixels_.back()});
      }
      labels_.push_back(static_cast<uint8_t>(random.Below(classes)));
    }
    for (const std::vector<SparsePixel>& pixels : pixels_) rows_.emplace_back(pixels);
  }

  Batch batch(InputForm form = InputForm::kSparse) const {
    if (form == InputForm::kPixels) {
      return {PixelRows{dense_pixels_.data(), values_[1]}, labels_, soft_, {}};
    }
    return {SparseRows{rows_, values_.data()}, labels_, soft_, {}};
  }
  // Rows of probabilities, one an image, as the targets.
  void set_soft_targets(std::vector<float> soft) { soft_ = std::move(soft); }
  size_t size() const { return labels_.size(); }
  uint8_t label(size_t image) const { return labels_[image]; }
  std::vector<double> Dense(size_t image) const {
    std::vector<double> row(columns_);
    for (const SparsePixel& pixel : pixels_[image]) row[pixel.column] = values_.at(pixel.level);
    return row;
  }

 private:
  size_t columns_;
  std::array<float, 256> values_{};
  std::vector<std::vector<SparsePixel>> pixels_;
  std::vector<SparseRow> rows_;
  std::vector<uint8_t> dense_pixels_;
  std::vector<uint8_t> labels_;
  std::vector<float> soft_;
};

inline std::vector<double> Probabilities(const std::vector<ReferenceLayer>& layers,
                                         std::vector<double> x) {
  for (const ReferenceLayer& layer : layers) {
    std::vector<double> y = layer.bias;
    for (size_t o = 0; o < layer.outputs; ++o) {
      for (size_t i = 0; i < layer.inputs; ++i) y[o] += layer.weights[o * layer.inputs + i] * x[i];
      if (layer.activation == Activation::kRelu) y[o] = std::max(y[o], 0.0);
      if (layer.activation == Activation::kSigmoid) y[o] = 1 / (1 + std::exp(-y[o]));
      if (layer.activation == Activation::kTanh) y[o] = std::tanh(y[o]);
    }
    x = y;
  }
  double sum = 0;
  for (double& p : x) sum += p = std::exp(p);
  for (double& p : x) p /= sum;
  return x;
}

inline double MeanLoss(const std::vector<ReferenceLayer>& layers, const Examples& examples,
                       Loss loss) {
  double sum = 0;
  for (size_t image = 0; image < examples.size(); ++image) {
    const std::vector<double> p = Probabilities(layers, examples.Dense(image));
    if (loss == Loss::kCrossEntropy) {
      sum -= std::log(p[examples.label(image)]);
      continue;
    }
    for (size_t c = 0; c < p.size(); ++c) {
      const double difference = p[c] - (c == examples.label(image) ? 1 : 0);
      sum += difference * difference / static_cast<double>(p.size());
    }
  }
  return sum / static_cast<double>(examples.size());
}

}  // namespace digits::testing_support

#endif  // DIGITS_TESTS_TRAINER_TRAINING_REFERENCE_NETWORK_H_
