// Makes files in every format that data sets are read in, good ones and others.
#ifndef DIGITS_TESTS_TRAINER_DATA_TEST_FILES_H_
#define DIGITS_TESTS_TRAINER_DATA_TEST_FILES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace digits {

std::string MessageOf(const absl::Status& status);

// `count` bytes that differ from one another, the same each time.
std::vector<uint8_t> SomeBytes(size_t count);
std::string AsString(const std::vector<uint8_t>& bytes);

// IDX with any header.
std::string IdxImages(uint32_t count, uint32_t rows, uint32_t columns, std::string_view pixels,
                      uint32_t magic = 0x803);
std::string IdxLabels(uint32_t count, std::string_view labels, uint32_t magic = 0x801);

// label,pixel0,...,pixel783, or without the label.
std::string CsvHeader(bool labelled);
// The numbers, with commas between them and no end of the line.
std::string CsvRow(const std::vector<int>& numbers);

// The bytes as a gzip file, by zlib.
std::string Gzip(std::string_view bytes);

// An array in format 1.0, with the header as NumPy writes it.
std::string Npy(std::string_view type, std::string_view shape, std::string_view data,
                bool fortran_order = false);
// A .npy file with any text as its header.
std::string NpyWithHeader(std::string_view header, std::string_view data);

// A zip archive by libzip, compressed; encrypted where there is a password.
std::string Zip(const std::vector<std::pair<std::string, std::string>>& entries,
                const char* password = nullptr);

// Bytes that a test holds as base64 text.
std::string FromBase64(std::string_view text);

// The colour types of the PNG specification, section 11.2.2.
inline constexpr uint8_t kPngGray = 0;
inline constexpr uint8_t kPngRgb = 2;
inline constexpr uint8_t kPngPalette = 3;
inline constexpr uint8_t kPngGrayAlpha = 4;
inline constexpr uint8_t kPngRgba = 6;

using PngChunks = std::vector<std::pair<std::string, std::string>>;  // type, data

// A PNG with the chunks that it must have, and `others` after its header: `rows` are the bytes of
// each row, without the filter's, `height` of equal length.
std::string Png(uint32_t width, uint32_t height, uint8_t depth, uint8_t colour_type,
                std::string_view rows, const PngChunks& others = {});
// The same of any chunks.
std::string PngOfChunks(const PngChunks& chunks);
// What IHDR holds.
std::string PngHeader(uint32_t width, uint32_t height, uint8_t depth, uint8_t colour_type,
                      bool interlaced = false);
// As zlib deflates it, for IDAT, zTXt and the like.
std::string Deflated(std::string_view bytes);
std::string GrayPng(const std::vector<uint8_t>& pixels);  // of 28x28

}  // namespace digits

#endif  // DIGITS_TESTS_TRAINER_DATA_TEST_FILES_H_
