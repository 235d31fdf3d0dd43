#include "server/model/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "server/model/errors.h"
#include "server/model/name.h"

namespace digits {
namespace {

using Json = nlohmann::json;

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view kMetadataKey = "__metadata__";
constexpr size_t kLengthBytes = sizeof(uint64_t);
constexpr size_t kMaxDepth = 3;  // the header, a tensor's entry, its shape

struct Dtype {
  std::string_view name;
  uint64_t bytes;
};
constexpr std::array kDtypes = {
    Dtype{"BOOL", 1}, Dtype{"U8", 1},      Dtype{"I8", 1},      Dtype{"F8_E4M3", 1},
    Dtype{"U16", 2},  Dtype{"F8_E5M2", 1}, Dtype{"F8_E8M0", 1}, Dtype{"I16", 2},
    Dtype{"F16", 2},  Dtype{"BF16", 2},    Dtype{"U32", 4},     Dtype{"I32", 4},
    Dtype{"F32", 4},  Dtype{"U64", 8},     Dtype{"I64", 8},     Dtype{"F64", 8},
    Dtype{"C64", 8},
};

struct Entry {
  Tensor tensor;
  uint64_t begin = 0;
  uint64_t end = 0;
};

// What the file says, in quotation marks, unless it could do something to a terminal.
std::string Shown(std::string_view text) {
  return CheckName("it", text).ok() ? fmt::format("'{}'", text) : "(not printable)";
}

// Rules of the header that the parser does not keep: it nests without end, and of two equal keys it
// takes the last. Stops at the first fault, before anything is built that would be deep.
class HeaderRules final : public nlohmann::json_sax<Json> {
 public:
  // What the header breaks, to follow "the header ".
  const std::string& fault() const { return fault_; }

  bool start_object(size_t /*members*/) override { return Open(); }
  bool start_array(size_t /*items*/) override { return Open(); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool key(std::string& key) override {
    if (keys_.size() == 1) {
      const absl::Status status = CheckName("the name of one of its tensors", key);
      if (!status.ok()) return Fail(fmt::format("is refused: {}", std::string(status.message())));
    }
    return keys_.back().insert(key).second || Fail(fmt::format("has the key {} twice", Shown(key)));
  }
  bool parse_error(size_t /*position*/, const std::string& /*token*/,
                   const Json::exception& error) override {
    return Fail(fmt::format("is not valid JSON: {}", error.what()));
  }

  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(int64_t /*value*/) override { return true; }
  bool number_unsigned(uint64_t /*value*/) override { return true; }
  bool number_float(double /*value*/, const std::string& /*text*/) override { return true; }
  bool string(std::string& /*value*/) override { return true; }
  bool binary(Json::binary_t& /*value*/) override { return true; }

 private:
  bool Open() {
    keys_.emplace_back();
    return keys_.size() <= kMaxDepth || Fail(fmt::format("nests deeper than {} levels", kMaxDepth));
  }
  bool Close() {
    keys_.pop_back();
    return true;
  }
  bool Fail(std::string fault) {
    fault_ = std::move(fault);
    return false;
  }

  std::vector<std::set<std::string>> keys_;  // of the objects and arrays that are open
  std::string fault_;
};

absl::StatusOr<Json> ParseHeader(std::string_view header) {
  if (!header.starts_with('{')) return Invalid("the header does not begin with '{{'");
  // The parser would take a zero byte for the end, and any white space after it.
  if (header.find('\0') != std::string_view::npos) return Invalid("the header holds a zero byte");
  if (header[header.find_last_not_of(' ')] != '}') {
    return Invalid("the header does not end in '}}' and spaces");
  }
  HeaderRules rules;
  if (!Json::sax_parse(header, &rules)) return Invalid("the header {}", rules.fault());
  return Json::parse(header, nullptr, /*allow_exceptions=*/false);
}

absl::StatusOr<std::map<std::string, std::string>> ParseMetadata(const Json& json) {
  if (!json.is_object()) return Invalid("{} is not an object", kMetadataKey);
  std::map<std::string, std::string> metadata;
  for (const auto& [key, value] : json.items()) {
    if (!value.is_string()) return Invalid("{}: {} is not a string", kMetadataKey, Shown(key));
    metadata[key] = value.get<std::string>();
  }
  return metadata;
}

absl::StatusOr<uint64_t> ParseInteger(const Json& json, std::string_view what) {
  if (!json.is_number_unsigned()) {
    return Invalid("{}: {} is not an integer from 0 to 2^64 - 1", what,
                   json.is_number() ? json.dump() : json.type_name());
  }
  return json.get<uint64_t>();
}

absl::StatusOr<uint64_t> CountBytes(const Tensor& tensor) {
  const auto dtype = std::ranges::find(kDtypes, tensor.dtype, &Dtype::name);
  if (dtype == kDtypes.end()) return Invalid("its dtype {} is not known", Shown(tensor.dtype));
  uint64_t bytes = dtype->bytes;
  for (const uint64_t dimension : tensor.shape) {
    if (__builtin_mul_overflow(bytes, dimension, &bytes)) {
      return Invalid("its shape ({}) is too large", fmt::join(tensor.shape, ", "));
    }
  }
  return bytes;
}

absl::StatusOr<Entry> ParseEntry(const std::string& name, const Json& json) {
  if (!json.is_object()) return Invalid("its entry is not an object");
  for (const auto& item : json.items()) {
    if (item.key() != "dtype" && item.key() != "shape" && item.key() != "data_offsets") {
      return Invalid("its entry has the unknown key {}", Shown(item.key()));
    }
  }
  const Json dtype = json.value("dtype", Json());
  const Json shape = json.value("shape", Json());
  const Json offsets = json.value("data_offsets", Json());
  if (!dtype.is_string()) return Invalid("it has no string dtype");
  if (!shape.is_array()) return Invalid("it has no array shape");
  if (!offsets.is_array() || offsets.size() != 2) return Invalid("it has no two data_offsets");

  Entry entry;
  entry.tensor.name = name;
  entry.tensor.dtype = dtype.get<std::string>();
  for (const Json& dimension : shape) {
    const absl::StatusOr<uint64_t> value = ParseInteger(dimension, "its shape");
    if (!value.ok()) return value.status();
    entry.tensor.shape.push_back(*value);
  }
  const absl::StatusOr<uint64_t> begin = ParseInteger(offsets[0], "its data_offsets");
  if (!begin.ok()) return begin.status();
  const absl::StatusOr<uint64_t> end = ParseInteger(offsets[1], "its data_offsets");
  if (!end.ok()) return end.status();
  const absl::StatusOr<uint64_t> bytes = CountBytes(entry.tensor);
  if (!bytes.ok()) return bytes.status();
  entry.begin = *begin;
  entry.end = *end;
  if (entry.end < entry.begin || entry.end - entry.begin != *bytes) {
    return Invalid("its shape ({}) of {} takes {} bytes, its data_offsets are {} to {}",
                   fmt::join(entry.tensor.shape, ", "), entry.tensor.dtype, *bytes, entry.begin,
                   entry.end);
  }
  return entry;
}

// Gives the tensors their data: the ranges must follow one another and fill `data`.
absl::Status Locate(std::vector<Entry>& entries, std::string_view data) {
  std::ranges::stable_sort(entries, {},
                           [](const Entry& entry) { return std::pair(entry.begin, entry.end); });
  uint64_t position = 0;
  for (Entry& entry : entries) {
    if (entry.begin != position) {
      return Invalid("tensor '{}': its data begin at {}, {} what lies before, which ends at {}",
                     entry.tensor.name, entry.begin,
                     entry.begin < position ? "overlapping" : "leaving a hole after", position);
    }
    if (entry.end > data.size()) {
      return Invalid("tensor '{}': its data end at {}, but the file has only {} bytes of data",
                     entry.tensor.name, entry.end, data.size());
    }
    entry.tensor.data = data.substr(entry.begin, entry.end - entry.begin);
    position = entry.end;
  }
  if (position != data.size()) {
    return Invalid("{} bytes follow the last tensor", data.size() - position);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Safetensors> ParseSafetensors(std::string_view bytes) {
  uint64_t header_bytes = 0;
  if (bytes.size() < kLengthBytes) {
    return Invalid("it has {} bytes; a safetensors file has at least {}", bytes.size(),
                   kLengthBytes + 2);
  }
  std::memcpy(&header_bytes, bytes.data(), kLengthBytes);
  bytes.remove_prefix(kLengthBytes);
  if (header_bytes > kMaxSafetensorsHeaderBytes) {
    return Invalid("its header would have {} bytes; at most {} are read (is it safetensors?)",
                   header_bytes, kMaxSafetensorsHeaderBytes);
  }
  if (header_bytes > bytes.size()) {
    return Invalid("it ends in its header: {} bytes of {} are there", bytes.size(), header_bytes);
  }
  const absl::StatusOr<Json> header = ParseHeader(bytes.substr(0, header_bytes));
  if (!header.ok()) return header.status();

  Safetensors content;
  std::vector<Entry> entries;
  for (const auto& [name, json] : header->items()) {
    if (name == kMetadataKey) {
      absl::StatusOr<std::map<std::string, std::string>> metadata = ParseMetadata(json);
      if (!metadata.ok()) return metadata.status();
      content.metadata = *std::move(metadata);
      continue;
    }
    absl::StatusOr<Entry> entry = ParseEntry(name, json);
    if (!entry.ok()) return Annotate(entry.status(), fmt::format("tensor '{}'", name));
    entries.push_back(*std::move(entry));
  }
  absl::Status located = Locate(entries, bytes.substr(header_bytes));
  if (!located.ok()) return located;
  for (Entry& entry : entries) content.tensors.push_back(std::move(entry.tensor));
  return content;
}

std::string SerializeSafetensors(const Safetensors& content) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!content.metadata.empty()) header[kMetadataKey] = content.metadata;
  uint64_t position = 0;
  for (const Tensor& tensor : content.tensors) {
    const uint64_t end = position + tensor.data.size();
    header[tensor.name] = {
        {"dtype", tensor.dtype}, {"shape", tensor.shape}, {"data_offsets", {position, end}}};
    position = end;
  }
  std::string text = header.dump(-1, ' ', false, Json::error_handler_t::replace);
  text.resize((text.size() + 7) / 8 * 8, ' ');

  const uint64_t header_bytes = text.size();
  std::string bytes(kLengthBytes, '\0');
  std::memcpy(bytes.data(), &header_bytes, kLengthBytes);
  bytes += text;
  for (const Tensor& tensor : content.tensors) bytes += tensor.data;
  return bytes;
}

}  // namespace digits
