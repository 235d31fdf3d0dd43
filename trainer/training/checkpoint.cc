#include "trainer/training/checkpoint.h"

#include <fmt/format.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "absl/strings/numbers.h"
#include "server/files/file.h"
#include "server/files/sha256.h"
#include "server/model/errors.h"
#include "server/model/safetensors.h"

namespace digits {
namespace {

// Raised too where a fit goes on in another way, for it would not end in the same weights.
constexpr std::string_view kFormat = "2";
constexpr const char* kHashKey = "checkpoint.sha256";
// Of a network as large as a weights file may be, with two memories, an average and a best epoch.
constexpr size_t kMaxCheckpointBytes = size_t{5} * 256 << 20;
// A record of the history: epoch, seconds, loss, accuracy, 1 where there is a validation, its loss
// and accuracy.
constexpr size_t kRecordNumbers = 7;

template <typename T>
std::string_view BytesOf(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

template <typename T>
std::vector<T> ValuesOf(std::string_view bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  // Of nothing there may be no address.
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

void AddLayers(const std::string& prefix, const std::vector<DenseLayer>& layers,
               std::vector<Tensor>& tensors) {
  for (size_t i = 0; i < layers.size(); ++i) {
    const DenseLayer& layer = layers[i];
    const auto inputs = static_cast<uint64_t>(layer.inputs);
    const auto outputs = static_cast<uint64_t>(layer.outputs);
    tensors.push_back(
        {fmt::format("{}.{}.weight", prefix, i), "F32", {outputs, inputs}, BytesOf(layer.weights)});
    tensors.push_back(
        {fmt::format("{}.{}.bias", prefix, i), "F32", {outputs}, BytesOf(layer.bias)});
  }
}

std::vector<double> HistoryNumbers(std::span<const EpochRecord> history) {
  std::vector<double> numbers;
  for (const EpochRecord& record : history) {
    const Measures validation = record.validation.value_or(Measures{});
    numbers.insert(numbers.end(),
                   {static_cast<double>(record.epoch), record.seconds, record.train.loss,
                    record.train.accuracy, record.validation ? 1.0 : 0.0, validation.loss,
                    validation.accuracy});
  }
  return numbers;
}

std::string HashOf(std::string_view bytes) {
  return Sha256Hex({{reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}});
}

// Of all that it holds but this hash itself.
std::string HashOf(const Safetensors& file) {
  std::string all;
  for (const Tensor& tensor : file.tensors) all += tensor.name + HashOf(tensor.data);
  for (const auto& [key, text] : file.metadata) {
    if (key != kHashKey) all += key + HashOf(text);
  }
  return HashOf(all);
}

// Takes a parsed file apart; what is missing or of another form is remembered as an error.
class Reader {
 public:
  explicit Reader(const Safetensors& file) : file_(file) {}

  std::string Text(const std::string& key) {
    const auto found = file_.metadata.find("checkpoint." + key);
    if (found != file_.metadata.end()) return found->second;
    Fail(fmt::format("it has no entry checkpoint.{}", key));
    return "";
  }

  nlohmann::json Json(const std::string& key) {
    nlohmann::json json = nlohmann::json::parse(Text(key), nullptr, false);
    if (!json.is_object()) Fail(fmt::format("checkpoint.{} is not a JSON object", key));
    return json;
  }

  template <typename T>
  T Number(const std::string& key) {
    T number = 0;
    if (const std::string text = Text(key); !absl::SimpleAtoi(text, &number)) {
      Fail(fmt::format("checkpoint.{} is '{}' and no number", key, text));
    }
    return number;
  }

  std::string_view Data(const std::string& name, std::string_view dtype,
                        std::vector<uint64_t>* shape = nullptr) {
    for (const Tensor& tensor : file_.tensors) {
      if (tensor.name != name || tensor.dtype != dtype) continue;
      if (shape != nullptr) *shape = tensor.shape;
      return tensor.data;
    }
    Fail(fmt::format("it has no tensor {} of type {}", name, dtype));
    return {};
  }

  bool Has(const std::string& name) const {
    for (const Tensor& tensor : file_.tensors) {
      if (tensor.name == name) return true;
    }
    return false;
  }

  std::vector<DenseLayer> Layers(const std::string& prefix) {
    std::vector<DenseLayer> layers;
    for (size_t i = 0; Has(fmt::format("{}.{}.weight", prefix, i)); ++i) {
      DenseLayer& layer = layers.emplace_back();
      std::vector<uint64_t> shape;
      layer.weights = ValuesOf<float>(Data(fmt::format("{}.{}.weight", prefix, i), "F32", &shape));
      layer.bias = ValuesOf<float>(Data(fmt::format("{}.{}.bias", prefix, i), "F32"));
      if (shape.size() != 2 || shape[0] != layer.bias.size()) {
        Fail(fmt::format("{}.{} is no layer", prefix, i));
        return {};
      }
      layer.outputs = static_cast<int>(shape[0]);
      layer.inputs = static_cast<int>(shape[1]);
    }
    return layers;
  }

  void Fail(std::string what) {
    if (error_.empty()) error_ = std::move(what);
  }
  const std::string& error() const { return error_; }

 private:
  const Safetensors& file_;
  std::string error_;
};

}  // namespace

std::string SerializeCheckpoint(const Checkpoint& checkpoint) {
  Safetensors file;
  AddLayers("weights", checkpoint.weights, file.tensors);
  for (size_t k = 0; k < checkpoint.memories.size(); ++k) {
    AddLayers(fmt::format("memories.{}", k), checkpoint.memories[k], file.tensors);
  }
  AddLayers("average", checkpoint.average, file.tensors);
  if (checkpoint.best) AddLayers("best", checkpoint.best->layers, file.tensors);
  const std::vector<double> history = HistoryNumbers(checkpoint.history);
  file.tensors.push_back({"order", "U32", {checkpoint.order.size()}, BytesOf(checkpoint.order)});
  file.tensors.push_back(
      {"history", "F64", {checkpoint.history.size(), kRecordNumbers}, BytesOf(history)});
  file.metadata = {
      {"checkpoint.format", std::string(kFormat)},
      {"checkpoint.identity", nlohmann::json(checkpoint.identity)
                                  .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)},
      {"checkpoint.steps", fmt::format("{}", checkpoint.steps)},
      {"checkpoint.memories", fmt::format("{}", checkpoint.memories.size())},
      {"checkpoint.best", fmt::format("{}", checkpoint.best ? checkpoint.best->epoch : 0)},
      {"checkpoint.shuffle", checkpoint.shuffle}};
  file.metadata[kHashKey] = HashOf(file);
  return SerializeSafetensors(file);
}

absl::StatusOr<Checkpoint> ParseCheckpoint(std::string_view bytes, std::string_view name) {
  const absl::StatusOr<Safetensors> file = ParseSafetensors(bytes);
  if (!file.ok()) return Annotate(file.status(), std::string(name));
  if (file->metadata.count("checkpoint.format") == 0) {
    return Invalid("{}: it is no checkpoint of digits-trainer", name);
  }
  Reader reader(*file);
  if (const std::string format = reader.Text("format"); format != kFormat) {
    return Invalid("{}: a checkpoint of format '{}'; this program reads {}", name, format, kFormat);
  }
  Checkpoint checkpoint;
  const nlohmann::json identity = reader.Json("identity");
  for (const auto& [key, value] : identity.items()) {
    if (!value.is_string()) return Invalid("{}: its identity holds no text for {}", name, key);
    checkpoint.identity[key] = value.get<std::string>();
  }
  checkpoint.steps = reader.Number<uint64_t>("steps");
  checkpoint.weights = reader.Layers("weights");
  const auto memories = reader.Number<uint32_t>("memories");
  for (uint32_t k = 0; k < memories && k < 2; ++k) {
    checkpoint.memories.push_back(reader.Layers(fmt::format("memories.{}", k)));
  }
  checkpoint.average = reader.Layers("average");
  checkpoint.shuffle = reader.Text("shuffle");
  checkpoint.order = ValuesOf<uint32_t>(reader.Data("order", "U32"));
  const std::vector<double> history = ValuesOf<double>(reader.Data("history", "F64"));
  for (size_t i = 0; i + kRecordNumbers <= history.size(); i += kRecordNumbers) {
    EpochRecord& record = checkpoint.history.emplace_back();
    record.epoch = static_cast<int>(checkpoint.history.size());
    record.seconds = history[i + 1];
    record.train = {history[i + 2], history[i + 3]};
    if (history[i + 4] != 0) record.validation = Measures{history[i + 5], history[i + 6]};
  }
  if (const auto best = reader.Number<uint32_t>("best"); best > 0) {
    if (best > checkpoint.history.size() || !checkpoint.history[best - 1].validation) {
      return Invalid("{}: its best epoch is {}, which its history does not have", name, best);
    }
    checkpoint.best = BestEpoch{static_cast<int>(best), *checkpoint.history[best - 1].validation,
                                reader.Layers("best")};
  }
  const bool damaged = reader.Text("sha256") != HashOf(*file);
  if (!reader.error().empty()) return Invalid("{}: {}", name, reader.error());
  if (damaged) {
    return Invalid("{}: it is damaged: its SHA-256 is another than when it was written", name);
  }
  return checkpoint;
}

absl::StatusOr<Checkpoint> ReadCheckpoint(const std::string& path) {
  const absl::StatusOr<std::string> bytes = ReadFile(path, kMaxCheckpointBytes);
  if (!bytes.ok()) return bytes.status();
  return ParseCheckpoint(*bytes, path);
}

absl::Status WriteCheckpoint(const Checkpoint& checkpoint, const std::string& path) {
  return WriteFile(path, SerializeCheckpoint(checkpoint));
}

absl::Status CheckIdentity(const std::map<std::string, std::string>& saved,
                           const std::map<std::string, std::string>& wanted,
                           const std::string& path) {
  std::string differences;
  const auto add = [&](const std::string& key, const std::string& there, const std::string& here) {
    differences += fmt::format("{}{} is {} there and {} here", differences.empty() ? "" : "; ", key,
                               there, here);
  };
  for (const auto& [key, value] : wanted) {
    const auto found = saved.find(key);
    if (found == saved.end()) {
      add(key, "absent", value);
    } else if (found->second != value) {
      add(key, found->second, value);
    }
  }
  for (const auto& [key, value] : saved) {
    if (wanted.count(key) == 0) add(key, value, "absent");
  }
  if (differences.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("{}: it is a checkpoint of another fit: {}", path, differences));
}

}  // namespace digits
