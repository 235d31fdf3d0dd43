#include "trainer/data/png_decoder.h"

#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "trainer/data/luma.h"
#include "trainer/data/orientation.h"
#include "trainer/data/shrinking_plane.h"

namespace digits {
namespace {

// A PNG being read from memory. Its functions that return bool are false where libpng gave up;
// message() then says why.
class PngReader {
 public:
  explicit PngReader(std::string_view bytes) : left_(bytes) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, OnError, OnWarning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
  }
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  const char* message() const { return message_.data(); }
  int width() const { return static_cast<int>(png_get_image_width(png_, info_)); }
  int height() const { return static_cast<int>(png_get_image_height(png_, info_)); }
  bool interlaced() const { return png_get_interlace_type(png_, info_) != PNG_INTERLACE_NONE; }

  bool ReadHeader() {
    if (info_ == nullptr) {
      Say("not enough memory");
      return false;
    }
    return Guarded([this] {
      png_set_read_fn(png_, this, ReadBytes);
      png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // CheckPictureSize has its own
      // Text, profiles and the like are passed over, not inflated. Exif data are kept as they are:
      // libpng, where it knows them itself, takes memory for as many as a chunk says it has.
      png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
      png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_ALWAYS, kExifChunk.data(), 1);
      png_set_chunk_malloc_max(png_, kMaxExifBytes);  // above it a chunk is passed over
      png_set_chunk_cache_max(png_, 3);               // which keeps one
      png_read_info(png_, info_);
    });
  }

  // After which rows have `channels` bytes a pixel: grey or red, green and blue, and then alpha in
  // even numbers of them.
  bool PrepareRows(size_t& channels) {
    return Guarded([&] {
      png_set_expand(png_);
      png_set_scale_16(png_);
      png_set_interlace_handling(png_);
      png_read_update_info(png_, info_);
      channels = png_get_channels(png_, info_);
    });
  }

  // The next row of a picture that is not interlaced.
  bool ReadRow(std::span<uint8_t> row) {
    return Guarded([&] { png_read_row(png_, row.data(), nullptr); });
  }

  bool ReadAllRows(std::span<uint8_t*> rows) {
    return Guarded([&] { png_read_image(png_, rows.data()); });
  }

  // What follows the last row.
  bool ReadEnd() {
    return Guarded([this] { png_read_end(png_, info_); });
  }

  // The Exif data, without what they begin with in JPEG; empty where there are none.
  std::string_view exif() const {
    png_unknown_chunkp chunks = nullptr;
    if (png_get_unknown_chunks(png_, info_, &chunks) < 1) return {};
    return {reinterpret_cast<const char*>(chunks->data), chunks->size};
  }

 private:
  static constexpr png_alloc_size_t kMaxExifBytes = 1 << 20;
  static constexpr std::array<png_byte, 5> kExifChunk = {'e', 'X', 'I', 'f', 0};

  // Calls f, which calls libpng, and which libpng may leave by longjmp(): f owns nothing.
  template <typename F>
  bool Guarded(const F& f) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    f();
    return true;
  }

  void Say(const char* message) {
    std::strncpy(message_.data(), message, message_.size() - 1);  // which leaves the last one 0
  }

  static void OnError(png_structp png, png_const_charp message) {
    static_cast<PngReader*>(png_get_error_ptr(png))->Say(message);
    png_longjmp(png, 1);
  }
  static void OnWarning(png_structp, png_const_charp) {}

  static void ReadBytes(png_structp png, png_bytep to, size_t count) {
    std::string_view& left = static_cast<PngReader*>(png_get_io_ptr(png))->left_;
    if (count > left.size()) png_error(png, "it is cut off");
    std::memcpy(to, left.data(), count);
    left.remove_prefix(count);
  }

  std::string_view left_;
  std::array<char, 128> message_ = {};
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

// Grey levels of rows that may be transparent in part: on black and on white at once, for only the
// last row decides which it shall be.
class Canvas {
 public:
  Canvas(int width, int height, size_t channels)
      : channels_(channels),
        pixels_(static_cast<int64_t>(width) * height),
        row_(static_cast<size_t>(width)),
        on_black_(width, height) {
    if (has_alpha()) on_white_.emplace(width, height);
  }

  // width x channels bytes.
  void AddRow(std::span<const uint8_t> row) {
    for (size_t x = 0; x < row_.size(); ++x) {
      const uint8_t* const p = row.data() + x * channels_;
      row_[x] = channels_ < 3 ? p[0] : Luma(p[0], p[1], p[2]);
    }
    if (!has_alpha()) return on_black_.AddRow(row_);
    Tally(row);
    for (size_t x = 0; x < row_.size(); ++x) {
      row_[x] = static_cast<uint8_t>((row_[x] * Alpha(row, x) + 127) / 255);
    }
    on_black_.AddRow(row_);
    for (size_t x = 0; x < row_.size(); ++x) {
      row_[x] = static_cast<uint8_t>(row_[x] + 255 - Alpha(row, x));
    }
    on_white_->AddRow(row_);
  }

  Plane Take() && {
    if (has_alpha() && BackgroundIsWhite()) return std::move(*on_white_).Take();
    return std::move(on_black_).Take();
  }

 private:
  bool has_alpha() const { return channels_ % 2 == 0; }
  uint32_t Alpha(std::span<const uint8_t> row, size_t x) const {
    return row[(x + 1) * channels_ - 1];
  }

  void Tally(std::span<const uint8_t> row) {
    for (size_t x = 0; x < row_.size(); ++x) {
      const uint64_t weight = Alpha(row, x);
      opacity_ += weight;
      sum_ += weight * row_[x];
      sum_of_squares_ += weight * row_[x] * row_[x];
    }
  }

  bool BackgroundIsWhite() const {
    if (opacity_ == 0) return false;
    const auto opacity = static_cast<double>(opacity_);
    const double mean = static_cast<double>(sum_) / opacity;
    const double variance = static_cast<double>(sum_of_squares_) / opacity - mean * mean;
    const bool has_paper = opacity >= 0.5 * 255 * static_cast<double>(pixels_) && variance >= 256;
    return has_paper == (mean >= 128);
  }

  const size_t channels_;
  const int64_t pixels_;
  std::vector<uint8_t> row_;
  ShrinkingPlane on_black_;
  std::optional<ShrinkingPlane> on_white_;
  // Over all pixels; at most 255^3 kMaxPicturePixels.
  uint64_t opacity_ = 0;
  uint64_t sum_ = 0;
  uint64_t sum_of_squares_ = 0;
};

bool ReadRows(PngReader& png, size_t channels, Canvas& canvas) {
  const size_t row_bytes = static_cast<size_t>(png.width()) * channels;
  const auto height = static_cast<size_t>(png.height());
  if (!png.interlaced()) {
    std::vector<uint8_t> row(row_bytes);
    for (size_t y = 0; y < height; ++y) {
      if (!png.ReadRow(row)) return false;
      canvas.AddRow(row);
    }
    return true;
  }
  std::vector<uint8_t> pixels(height * row_bytes);
  std::vector<uint8_t*> rows;
  for (size_t y = 0; y < height; ++y) rows.push_back(pixels.data() + y * row_bytes);
  if (!png.ReadAllRows(rows)) return false;
  for (const uint8_t* const row : rows) canvas.AddRow({row, row_bytes});
  return true;
}

}  // namespace

bool IsPng(std::string_view bytes) { return bytes.starts_with("\x89PNG\r\n\x1a\n"); }

absl::StatusOr<Plane> DecodePng(std::string_view bytes, std::string_view name) {
  PngReader png(bytes);
  const auto broken = [&] {
    return absl::InvalidArgumentError(fmt::format("{}: is a broken PNG: {}", name, png.message()));
  };
  if (!png.ReadHeader()) return broken();
  const absl::Status size = CheckPictureSize(png.width(), png.height(), png.interlaced(), name);
  if (!size.ok()) return size;
  size_t channels = 0;
  if (!png.PrepareRows(channels)) return broken();
  Canvas canvas(png.width(), png.height(), channels);
  if (!ReadRows(png, channels, canvas) || !png.ReadEnd()) return broken();
  const std::string exif = std::string("Exif\0\0", 6).append(png.exif());
  return Upright(std::move(canvas).Take(), ExifOrientation(exif));
}

}  // namespace digits
