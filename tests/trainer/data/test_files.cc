#include "tests/trainer/data/test_files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#define ZLIB_CONST  // for a stream that leaves its input alone
#include <zip.h>
#include <zlib.h>

#include <stdexcept>

#include "absl/strings/escaping.h"

namespace digits {
namespace {

// What a test cannot go on without.
void Require(bool good) {
  if (!good) throw std::runtime_error("a test's input cannot be made");
}

std::string BigEndian(uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift & 0xff);
  return bytes;
}

std::string PngChunk(const std::string& type, std::string_view data) {
  const std::string checked = type + std::string(data);
  const auto crc = static_cast<uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size())));
  return BigEndian(static_cast<uint32_t>(data.size())) + checked + BigEndian(crc);
}

// Deflates in one go; window bits as zlib's deflateInit2 takes them.
std::string Deflate(std::string_view bytes, int window_bits) {
  z_stream stream = {};
  Require(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) ==
          Z_OK);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<const Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  Require(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

std::string MessageOf(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

std::vector<uint8_t> SomeBytes(size_t count) {
  std::vector<uint8_t> bytes(count);
  for (size_t i = 0; i < count; ++i) bytes[i] = static_cast<uint8_t>(i * 37 + i / 256);
  return bytes;
}

std::string AsString(const std::vector<uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

std::string FromBase64(std::string_view text) {
  std::string bytes;
  Require(absl::Base64Unescape({text.data(), text.size()}, &bytes));
  return bytes;
}

std::string IdxImages(uint32_t count, uint32_t rows, uint32_t columns, std::string_view pixels,
                      uint32_t magic) {
  return BigEndian(magic) + BigEndian(count) + BigEndian(rows) + BigEndian(columns) +
         std::string(pixels);
}

std::string IdxLabels(uint32_t count, std::string_view labels, uint32_t magic) {
  return BigEndian(magic) + BigEndian(count) + std::string(labels);
}

std::string CsvHeader(bool labelled) {
  std::string header = labelled ? "label," : "";
  for (int i = 0; i < 784; ++i) header += fmt::format("{}pixel{}", i > 0 ? "," : "", i);
  return header;
}

std::string CsvRow(const std::vector<int>& numbers) {
  return fmt::format("{}", fmt::join(numbers, ","));
}

std::string Gzip(std::string_view bytes) { return Deflate(bytes, MAX_WBITS + 16); }

std::string NpyWithHeader(std::string_view header, std::string_view data) {
  constexpr std::string_view kMagicAndVersion("\x93NUMPY\x01\x00", 8);
  return fmt::format("{}{}{}{}{}", kMagicAndVersion, static_cast<char>(header.size() & 0xff),
                     static_cast<char>(header.size() >> 8), header, data);
}

std::string Npy(std::string_view type, std::string_view shape, std::string_view data,
                bool fortran_order) {
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}", type,
                                   fortran_order ? "True" : "False", shape);
  // Magic number, version and length are ten bytes; all of it is a multiple of 64.
  header.append(63 - (10 + header.size()) % 64, ' ');
  return NpyWithHeader(header + "\n", data);
}

std::string Zip(const std::vector<std::pair<std::string, std::string>>& entries,
                const char* password) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* archive = zip_source_buffer_create(nullptr, 0, 0, &error);
  Require(archive != nullptr);
  zip_source_keep(archive);
  zip_t* zip = zip_open_from_source(archive, ZIP_TRUNCATE, &error);
  Require(zip != nullptr);
  for (const auto& [name, content] : entries) {
    zip_source_t* source = zip_source_buffer(zip, content.data(), content.size(), 0);
    const zip_int64_t index = zip_file_add(zip, name.c_str(), source, 0);
    Require(index >= 0);
    if (password != nullptr) {
      Require(zip_file_set_encryption(zip, static_cast<zip_uint64_t>(index), ZIP_EM_AES_256,
                                      password) == 0);
    }
  }
  Require(zip_close(zip) == 0);
  zip_stat_t stat;
  Require(zip_source_open(archive) == 0 && zip_source_stat(archive, &stat) == 0);
  std::string bytes(stat.size, '\0');
  Require(zip_source_read(archive, bytes.data(), bytes.size()) ==
          static_cast<zip_int64_t>(bytes.size()));
  zip_source_close(archive);
  zip_source_free(archive);
  return bytes;
}

std::string Png(uint32_t width, uint32_t height, uint8_t depth, uint8_t colour_type,
                std::string_view rows, const PngChunks& others) {
  const size_t row_bytes = rows.size() / height;
  std::string filtered;
  for (size_t row = 0; row < height; ++row) {
    filtered += '\0';  // the filter "none"
    filtered += rows.substr(row * row_bytes, row_bytes);
  }
  PngChunks chunks = {{"IHDR", PngHeader(width, height, depth, colour_type)}};
  chunks.insert(chunks.end(), others.begin(), others.end());
  chunks.insert(chunks.end(), {{"IDAT", Deflated(filtered)}, {"IEND", ""}});
  return PngOfChunks(chunks);
}

std::string PngOfChunks(const PngChunks& chunks) {
  std::string png = "\x89PNG\r\n\x1a\n";
  for (const auto& [type, data] : chunks) png += PngChunk(type, data);
  return png;
}

std::string PngHeader(uint32_t width, uint32_t height, uint8_t depth, uint8_t colour_type,
                      bool interlaced) {
  // Compression and filter method are 0.
  return BigEndian(width) + BigEndian(height) + static_cast<char>(depth) +
         static_cast<char>(colour_type) + std::string(2, '\0') + (interlaced ? '\1' : '\0');
}

std::string Deflated(std::string_view bytes) { return Deflate(bytes, MAX_WBITS); }

std::string GrayPng(const std::vector<uint8_t>& pixels) {
  return Png(28, 28, 8, kPngGray, AsString(pixels));
}

}  // namespace digits
