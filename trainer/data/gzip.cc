#include "trainer/data/gzip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <array>

#include "absl/cleanup/cleanup.h"

namespace digits {
namespace {

absl::Status TooLarge(std::string_view name, size_t max_bytes) {
  return absl::InvalidArgumentError(
      fmt::format("{}: holds more than {} bytes, the most that is read", name, max_bytes));
}

}  // namespace

bool IsGzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

absl::StatusOr<std::string> Gunzip(std::string_view bytes, std::string_view name,
                                   size_t max_bytes) {
  constexpr int kGzipOnly = 16;  // added to the window bits, as zlib.h says
  z_stream stream = {};
  if (inflateInit2(&stream, MAX_WBITS + kGzipOnly) != Z_OK) {
    return absl::ResourceExhaustedError(fmt::format("{}: no memory to inflate it", name));
  }
  const absl::Cleanup end = [&stream] { inflateEnd(&stream); };

  std::string content;
  std::array<char, 65536> buffer;
  stream.next_in = reinterpret_cast<const Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  int result = Z_OK;
  while (result != Z_STREAM_END || stream.avail_in > 0) {
    // A gzip file may be several, one after another.
    if (result == Z_STREAM_END) inflateReset(&stream);
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    result = inflate(&stream, Z_NO_FLUSH);
    if (result == Z_BUF_ERROR) {
      return absl::InvalidArgumentError(fmt::format(
          "{}: the gzip data end early, after {} bytes: the file is cut off", name, bytes.size()));
    }
    if (result != Z_OK && result != Z_STREAM_END) {
      return absl::InvalidArgumentError(fmt::format("{}: the gzip data are damaged at byte {}: {}",
                                                    name, bytes.size() - stream.avail_in,
                                                    stream.msg ? stream.msg : zError(result)));
    }
    content.append(buffer.data(), buffer.size() - stream.avail_out);
    if (content.size() > max_bytes) return TooLarge(name, max_bytes);
  }
  return content;
}

}  // namespace digits
