#include "server/model/weights_file.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstring>
#include <utility>

#include "server/files/file.h"
#include "server/files/sha256.h"
#include "server/model/errors.h"
#include "server/model/safetensors.h"
#include "server/model/weights_metadata.h"
#include "server/model/weights_tensors.h"

namespace digits {
namespace {

absl::StatusOr<Weights> MakeWeights(std::string_view bytes) {
  const absl::StatusOr<Safetensors> content = ParseSafetensors(bytes);
  if (!content.ok()) return content.status();
  absl::StatusOr<StoredLayers> stored = ParseLayers(content->tensors);
  if (!stored.ok()) return stored.status();
  Weights weights;
  weights.network.layers = std::move(stored->layers);
  weights.storage = stored->storage;
  absl::Status status = SetFromMetadata(content->metadata, weights.network);
  if (!status.ok()) return status;
  status = CheckNetwork(weights.network);
  if (!status.ok()) return status;
  weights.sha256 = Sha256Hex(bytes);
  return weights;
}

absl::Status CannotWrite(const absl::Status& status, const std::string& path) {
  return Annotate(status, fmt::format("cannot write {}", path));
}

}  // namespace

absl::StatusOr<Weights> ReadWeights(const std::string& path) {
  const absl::StatusOr<std::string> bytes = ReadFile(path, kMaxWeightsFileBytes);
  if (!bytes.ok()) return bytes.status();
  return ParseWeights(*bytes, path);
}

absl::StatusOr<Weights> ParseWeights(std::string_view bytes, std::string_view name) {
  absl::StatusOr<Weights> weights = MakeWeights(bytes);
  if (!weights.ok()) return Annotate(weights.status(), std::string(name));
  return weights;
}

absl::StatusOr<std::string> SerializeWeights(const Network& network, StorageType storage) {
  absl::StatusOr<LayerTensors> made = MakeTensors(network.layers, storage);
  if (!made.ok()) return made.status();
  std::string bytes = SerializeSafetensors(
      {.metadata = MakeMetadata(network), .tensors = std::move(made->tensors)});
  uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, bytes.data(), sizeof header_bytes);
  if (header_bytes > kMaxSafetensorsHeaderBytes) {
    return Invalid("its header, with the provenance, would have {} bytes; at most {} are read",
                   header_bytes, kMaxSafetensorsHeaderBytes);
  }
  return bytes;
}

absl::Status WriteWeights(const Network& network, const std::string& path, StorageType storage) {
  if (absl::Status status = CheckNetwork(network); !status.ok()) return CannotWrite(status, path);
  const absl::StatusOr<std::string> bytes = SerializeWeights(network, storage);
  if (!bytes.ok()) return CannotWrite(bytes.status(), path);
  if (bytes->size() > kMaxWeightsFileBytes) {
    return CannotWrite(
        Invalid("it would have {} bytes; at most {} are read", bytes->size(), kMaxWeightsFileBytes),
        path);
  }
  return WriteFile(path, *bytes);
}

}  // namespace digits
