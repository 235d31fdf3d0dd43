// Classifies any number of images by a server.
#ifndef DIGITS_CLIENT_REMOTE_CLASSIFIER_H_
#define DIGITS_CLIENT_REMOTE_CLASSIFIER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/connection.h"
#include "digits/v1/digits.grpc.pb.h"

namespace digits {

struct ClassifyOptions {
  std::string model{};    // empty: the server's default one
  std::string version{};  // empty: the current one
  size_t batch = 1000;    // images a call; never more than the model takes at once
  size_t in_flight = 4;
  bool probabilities = false;
};

// What a server says of n images, in their order.
struct Answers {
  std::vector<uint32_t> labels;
  std::vector<float> confidences;
  std::vector<float> probabilities;  // n x classes, row-major; empty unless asked for
  std::vector<float> digit_scores;   // n; empty where a server that knows none has answered
  std::set<std::string> versions;    // more than one where the model was replaced meanwhile
};

// One model on one server. Const methods may be called from any number of threads at once.
class RemoteClassifier {
 public:
  // Asks the server about the model. Fails where the answer makes no sense.
  static absl::StatusOr<RemoteClassifier> Open(const Connection& connection,
                                               const ClassifyOptions& options);

  const v1::Model& model() const { return model_; }

  // pixels: n x 784. All answers or an error. Calls `progress`, where there is one, with the number
  // of images done, whenever that grows.
  absl::StatusOr<Answers> Classify(std::span<const uint8_t> pixels,
                                   const std::function<void(size_t)>& progress = nullptr) const;

 private:
  RemoteClassifier(Connection connection, ClassifyOptions options, v1::Model model);

  Connection connection_;
  ClassifyOptions options_;
  v1::Model model_;
};

}  // namespace digits

#endif  // DIGITS_CLIENT_REMOTE_CLASSIFIER_H_
