#include "trainer/data/jpeg_decoder.h"

#include <fmt/format.h>

#include <array>
#include <csetjmp>
#include <cstdint>
#include <cstdio>  // which jpeglib.h needs
#include <span>
#include <utility>
#include <vector>
// After what it needs.
#include <jpeglib.h>
// After jpeglib.h.
#include <jerror.h>

#include "trainer/data/luma.h"
#include "trainer/data/orientation.h"
#include "trainer/data/shrinking_plane.h"

namespace digits {
namespace {

// Real ones have a dozen; each takes time for the whole picture, however few bytes it has.
constexpr int kMaxScans = 100;

// Messages of pixels that are lost; other warnings are of bytes between them, or of no importance.
bool IsHarm(int message) {
  switch (message) {
    case JWRN_ARITH_BAD_CODE:
    case JWRN_BOGUS_PROGRESSION:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_JPEG_EOF:
    case JWRN_MUST_RESYNC:
      return true;
    default:
      return false;
  }
}

// A JPEG being read from memory. Its functions that return bool are false where libjpeg gave up;
// message() then says why.
class JpegReader {
 public:
  explicit JpegReader(std::string_view bytes) : bytes_(bytes) {
    jpeg_.err = jpeg_std_error(&errors_);
    jpeg_.client_data = this;
    errors_.error_exit = OnError;
    errors_.emit_message = OnMessage;
    progress_.progress_monitor = OnProgress;
  }
  ~JpegReader() { jpeg_destroy_decompress(&jpeg_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  const char* message() const { return message_.data(); }
  // Of the whole picture.
  int64_t width() const { return jpeg_.image_width; }
  int64_t height() const { return jpeg_.image_height; }
  bool whole() { return jpeg_has_multiple_scans(&jpeg_) != 0; }
  // Of what Start makes of it.
  int output_width() const { return static_cast<int>(jpeg_.output_width); }
  int output_height() const { return static_cast<int>(jpeg_.output_height); }
  size_t channels() const { return static_cast<size_t>(jpeg_.output_components); }
  bool inverted() const { return jpeg_.saw_Adobe_marker != 0; }

  bool ReadHeader() {
    return Guarded([this] {
      jpeg_create_decompress(&jpeg_);
      jpeg_.progress = &progress_;
      jpeg_mem_src(&jpeg_, reinterpret_cast<const unsigned char*>(bytes_.data()), bytes_.size());
      jpeg_save_markers(&jpeg_, JPEG_APP0 + 1, 0xffff);
      jpeg_read_header(&jpeg_, TRUE);
    });
  }

  // `shrinking`: by how much the picture may be divided; some of it is done in decoding.
  bool Start(int shrinking) {
    return Guarded([this, shrinking] {
      const bool has_black =
          jpeg_.jpeg_color_space == JCS_CMYK || jpeg_.jpeg_color_space == JCS_YCCK;
      jpeg_.out_color_space = has_black ? JCS_CMYK : JCS_GRAYSCALE;
      jpeg_.scale_num = 1;
      jpeg_.scale_denom = shrinking >= 8 ? 8 : shrinking >= 4 ? 4 : shrinking >= 2 ? 2 : 1;
      jpeg_start_decompress(&jpeg_);
    });
  }

  bool ReadRow(std::span<uint8_t> row) {
    return Guarded([this, row] {
      JSAMPROW to = row.data();
      jpeg_read_scanlines(&jpeg_, &to, 1);
    });
  }

  bool Finish() {
    return Guarded([this] { jpeg_finish_decompress(&jpeg_); });
  }

  // After ReadHeader; empty where there are none.
  std::string_view exif() const {
    for (const jpeg_marker_struct* marker = jpeg_.marker_list; marker != nullptr;
         marker = marker->next) {
      const std::string_view data(reinterpret_cast<const char*>(marker->data), marker->data_length);
      if (data.starts_with(std::string_view("Exif\0\0", 6))) return data;
    }
    return {};
  }

 private:
  // Calls f, which calls libjpeg, and which libjpeg may leave by longjmp(): f owns nothing.
  template <typename F>
  bool Guarded(const F& f) {
    if (setjmp(return_to_) != 0) return false;
    f();
    return true;
  }

  static void OnError(j_common_ptr jpeg) {
    auto* const reader = static_cast<JpegReader*>(jpeg->client_data);
    jpeg->err->format_message(jpeg, reader->message_.data());
    longjmp(reader->return_to_, 1);
  }

  static void OnMessage(j_common_ptr jpeg, int level) {
    if (level < 0 && IsHarm(jpeg->err->msg_code)) OnError(jpeg);
  }

  static void OnProgress(j_common_ptr jpeg) {
    auto* const reader = static_cast<JpegReader*>(jpeg->client_data);
    if (reader->jpeg_.input_scan_number <= kMaxScans) return;
    fmt::format_to_n(reader->message_.data(), reader->message_.size() - 1,
                     "it has more than {} scans", kMaxScans);
    longjmp(reader->return_to_, 1);
  }

  const std::string_view bytes_;
  jpeg_decompress_struct jpeg_ = {};
  jpeg_error_mgr errors_ = {};
  jpeg_progress_mgr progress_ = {};
  std::jmp_buf return_to_ = {};
  std::array<char, JMSG_LENGTH_MAX> message_ = {};
};

// The grey levels of a row of cyan, magenta, yellow and black, 255 no ink where `inverted`,
// otherwise 0.
void TakeInks(std::span<const uint8_t> inks, bool inverted, std::span<uint8_t> row) {
  const int flip = inverted ? 0 : 255;
  for (size_t x = 0; x < row.size(); ++x) {
    const auto paper = [&](size_t ink) { return inks[4 * x + ink] ^ flip; };
    const auto colour = [&](size_t ink) {
      return static_cast<uint8_t>((paper(ink) * paper(3) + 127) / 255);
    };
    row[x] = Luma(colour(0), colour(1), colour(2));
  }
}

}  // namespace

bool IsJpeg(std::string_view bytes) { return bytes.starts_with("\xff\xd8\xff"); }

absl::StatusOr<Plane> DecodeJpeg(std::string_view bytes, std::string_view name) {
  JpegReader jpeg(bytes);
  const auto broken = [&] {
    return absl::InvalidArgumentError(
        fmt::format("{}: is a broken JPEG: {}", name, jpeg.message()));
  };
  if (!jpeg.ReadHeader()) return broken();
  const absl::Status size = CheckPictureSize(jpeg.width(), jpeg.height(), jpeg.whole(), name);
  if (!size.ok()) return size;
  const int orientation = ExifOrientation(jpeg.exif());  // Finish drops the Exif data
  const int factor =
      ShrinkingFactor(static_cast<int>(jpeg.width()), static_cast<int>(jpeg.height()));
  if (!jpeg.Start(factor)) return broken();
  ShrinkingPlane plane(jpeg.output_width(), jpeg.output_height());
  std::vector<uint8_t> row(static_cast<size_t>(jpeg.output_width()));
  std::vector<uint8_t> inks(jpeg.channels() == 4 ? 4 * row.size() : 0);
  for (int y = 0; y < jpeg.output_height(); ++y) {
    if (!jpeg.ReadRow(inks.empty() ? row : inks)) return broken();
    if (!inks.empty()) TakeInks(inks, jpeg.inverted(), row);
    plane.AddRow(row);
  }
  if (!jpeg.Finish()) return broken();
  return Upright(std::move(plane).Take(), orientation);
}

}  // namespace digits
