// What a fit needs to go on as if it had never stopped.
#ifndef DIGITS_TRAINER_TRAINING_CHECKPOINT_H_
#define DIGITS_TRAINER_TRAINING_CHECKPOINT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/model/network.h"
#include "trainer/training/history.h"

namespace digits {

// The weights of the epoch whose loss on the validation split is the least.
struct BestEpoch {
  int epoch = 0;
  Measures validation;
  std::vector<DenseLayer> layers;
};

// A fit at the end of an epoch.
struct Checkpoint {
  // What is being fitted to what: every option, the data's SHA-256. Only a fit of the same identity
  // may go on from here.
  std::map<std::string, std::string> identity;
  uint64_t steps = 0;
  std::vector<DenseLayer> weights;
  std::vector<std::vector<DenseLayer>> memories;  // of the optimizer, in the shape of the weights
  std::vector<DenseLayer> average;                // of the weights; empty where none is kept
  std::optional<BestEpoch> best;
  std::string shuffle;               // where the random order of the images is, as Random::Save()
  std::vector<uint32_t> order;       // of the images in the last epoch
  std::vector<EpochRecord> history;  // of every epoch so far
};

// A safetensors file: weights.N.weight, weights.N.bias, the same under memories.K, average and
// best, order (U32), history (F64); in __metadata__ the rest, and the SHA-256 of it all.
std::string SerializeCheckpoint(const Checkpoint& checkpoint);

// InvalidArgument where the bytes are no checkpoint or not the ones that were written; `name`
// stands for the file. The activations are not in it: all are kRelu.
absl::StatusOr<Checkpoint> ParseCheckpoint(std::string_view bytes, std::string_view name);

// Reads a checkpoint file. NotFound where there is none. Errors name the file.
absl::StatusOr<Checkpoint> ReadCheckpoint(const std::string& path);

// Writes it beside `path`, then renames it: the file is the old one or the whole new one.
absl::Status WriteCheckpoint(const Checkpoint& checkpoint, const std::string& path);

// FailedPrecondition, naming each entry that differs, unless both are the same.
absl::Status CheckIdentity(const std::map<std::string, std::string>& saved,
                           const std::map<std::string, std::string>& wanted,
                           const std::string& path);

}  // namespace digits

#endif  // DIGITS_TRAINER_TRAINING_CHECKPOINT_H_
