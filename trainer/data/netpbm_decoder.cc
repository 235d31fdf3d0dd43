#include "trainer/data/netpbm_decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "trainer/data/luma.h"
#include "trainer/data/shrinking_plane.h"

namespace digits {
namespace {

constexpr uint32_t kMostMaxval = 65'535;

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes a file's bytes from its start on.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : left_(bytes) {}

  size_t size() const { return left_.size(); }

  uint8_t Take() {
    const char byte = left_.front();
    left_.remove_prefix(1);
    return static_cast<uint8_t>(byte);
  }

  void SkipSpaces() {
    while (!left_.empty() && (IsSpace(left_.front()) || left_.front() == '#')) {
      if (left_.front() == '#') {
        left_.remove_prefix(std::min(left_.find_first_of("\r\n"), left_.size()));
      } else {
        left_.remove_prefix(1);
      }
    }
  }

  // A number in decimal after any spaces; nothing where there is none. Far too large ones are too
  // large for anything here.
  std::optional<uint32_t> TakeNumber() {
    SkipSpaces();
    if (left_.empty() || !IsDigit(left_.front())) return std::nullopt;
    uint32_t number = 0;
    for (; !left_.empty() && IsDigit(left_.front()); left_.remove_prefix(1)) {
      number =
          std::min<uint32_t>(number * 10 + static_cast<uint32_t>(left_.front() - '0'), 100'000'000);
    }
    return number;
  }

  // Plain PBM's, which need no spaces between them.
  std::optional<uint32_t> TakeBit() {
    SkipSpaces();
    if (left_.empty() || (left_.front() != '0' && left_.front() != '1')) return std::nullopt;
    return Take() - static_cast<uint32_t>('0');
  }

 private:
  std::string_view left_;
};

struct Header {
  uint8_t kind = 0;  // 1 to 6
  uint32_t width = 0;
  uint32_t height = 0;
  uint32_t maxval = 1;

  bool bits() const { return kind == 1 || kind == 4; }
  bool plain() const { return kind <= 3; }
  size_t samples() const { return width * size_t{kind == 3 || kind == 6 ? 3U : 1U}; }  // of a row
  // Of a row of a raw file.
  size_t row_bytes() const {
    return bits() ? (samples() + 7) / 8 : samples() * (maxval > 255 ? 2 : 1);
  }
};

absl::StatusOr<Header> TakeHeader(Bytes& bytes, std::string_view name) {
  const auto broken = [name](std::string_view why) {
    return absl::InvalidArgumentError(fmt::format("{}: is a broken netpbm file: {}", name, why));
  };
  Header header;
  bytes.Take();
  header.kind = static_cast<uint8_t>(bytes.Take() - '0');
  const std::optional<uint32_t> width = bytes.TakeNumber();
  const std::optional<uint32_t> height = bytes.TakeNumber();
  if (!width || !height) return broken("its header has no width and height");
  const absl::Status size = CheckPictureSize(*width, *height, /*whole=*/false, name);
  if (!size.ok()) return size;
  header.width = *width;
  header.height = *height;
  if (!header.bits()) {
    const std::optional<uint32_t> maxval = bytes.TakeNumber();
    if (!maxval) return broken("its header has no maxval");
    if (*maxval < 1 || *maxval > kMostMaxval) {
      return broken(fmt::format("its maxval is {}, which is 1 to {}", *maxval, kMostMaxval));
    }
    header.maxval = *maxval;
  }
  if (header.plain()) return header;
  if (bytes.size() == 0) return broken("it ends with its header");
  bytes.Take();  // a single space
  const size_t expected = header.height * header.row_bytes();
  if (bytes.size() < expected) {
    return broken(fmt::format("it is cut off: {} bytes of pixels, where {} by {} have {}",
                              bytes.size(), header.width, header.height, expected));
  }
  return header;
}

// The next sample of a plain file, nothing where there is none.
std::optional<uint32_t> TakePlain(const Header& header, Bytes& bytes) {
  return header.bits() ? bytes.TakeBit() : bytes.TakeNumber();
}

// The next row of a raw file, which is there.
void TakeRawRow(const Header& header, Bytes& bytes, std::vector<uint32_t>& row) {
  uint32_t byte = 0;
  for (size_t i = 0; i < row.size(); ++i) {
    if (header.bits()) {
      byte = i % 8 == 0 ? bytes.Take() : byte << 1;
      row[i] = byte >> 7 & 1;
    } else {
      row[i] = bytes.Take();
      if (header.maxval > 255) row[i] = row[i] << 8 | bytes.Take();
    }
  }
}

// Fails where a sample is missing, is no number or is above maxval.
absl::Status TakeRow(const Header& header, std::string_view name, Bytes& bytes,
                     std::vector<uint32_t>& row) {
  if (!header.plain()) TakeRawRow(header, bytes, row);
  for (uint32_t& sample : row) {
    if (header.plain()) {
      const std::optional<uint32_t> taken = TakePlain(header, bytes);
      if (!taken) {
        return absl::InvalidArgumentError(fmt::format(
            "{}: is a broken netpbm file: {}", name,
            bytes.size() == 0 ? "it is cut off" : "where a sample should be there is no number"));
      }
      sample = *taken;
    }
    if (sample > header.maxval) {
      return absl::InvalidArgumentError(
          fmt::format("{}: is a broken netpbm file: a sample is {}, its maxval {}", name, sample,
                      header.maxval));
    }
  }
  return absl::OkStatus();
}

}  // namespace

bool IsNetpbm(std::string_view bytes) {
  return bytes.size() >= 3 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '6' &&
         (IsSpace(bytes[2]) || bytes[2] == '#');
}

absl::StatusOr<Plane> DecodeNetpbm(std::string_view content, std::string_view name) {
  if (!IsNetpbm(content)) {
    return absl::InvalidArgumentError(fmt::format("{}: does not begin as a netpbm file", name));
  }
  Bytes bytes(content);
  const absl::StatusOr<Header> header = TakeHeader(bytes, name);
  if (!header.ok()) return header.status();
  ShrinkingPlane plane(static_cast<int>(header->width), static_cast<int>(header->height));
  std::vector<uint32_t> samples(header->samples());
  std::vector<uint8_t> row(header->width);
  for (uint32_t y = 0; y < header->height; ++y) {
    const absl::Status taken = TakeRow(*header, name, bytes, samples);
    if (!taken.ok()) return taken;
    const auto level = [&](size_t i) {
      const uint32_t scaled = (samples[i] * 255 + header->maxval / 2) / header->maxval;
      return static_cast<uint8_t>(header->bits() ? 255 - scaled : scaled);  // a 1 is black
    };
    for (size_t x = 0; x < row.size(); ++x) {
      row[x] = samples.size() == row.size()
                   ? level(x)
                   : Luma(level(3 * x), level(3 * x + 1), level(3 * x + 2));
    }
    plane.AddRow(row);
  }
  return std::move(plane).Take();
}

}  // namespace digits
