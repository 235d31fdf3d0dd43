#include "tests/trainer/data/encoders.h"

#include <png.h>

#include <cstdio>  // which jpeglib.h needs
#include <cstdlib>
#include <vector>
// After what it needs.
#include <jpeglib.h>

namespace digits {

// The libraries end the program where they fail, as is well in a test.

std::string InterlacedPng(uint32_t width, uint32_t height, std::span<const uint8_t> pixels) {
  std::string bytes;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  const auto write = [](png_structp to, png_bytep data, size_t count) {
    static_cast<std::string*>(png_get_io_ptr(to))->append(reinterpret_cast<char*>(data), count);
  };
  png_set_write_fn(png, &bytes, write, nullptr);
  png_set_IHDR(png, info, width, height, 8, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_ADAM7,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  std::vector<png_bytep> rows;
  for (size_t y = 0; y < height; ++y) {
    rows.push_back(const_cast<png_bytep>(pixels.data() + y * width));
  }
  png_set_rows(png, info, rows.data());
  png_write_png(png, info, PNG_TRANSFORM_IDENTITY, nullptr);
  png_destroy_write_struct(&png, &info);
  return bytes;
}

std::string Jpeg(JpegKind kind, uint32_t width, uint32_t height, uint8_t gray) {
  const bool inks = kind == JpegKind::kCmyk || kind == JpegKind::kYcck;
  jpeg_compress_struct jpeg = {};
  jpeg_error_mgr errors = {};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* memory = nullptr;
  unsigned long size = 0;  // as libjpeg has it
  jpeg_mem_dest(&jpeg, &memory, &size);
  jpeg.image_width = width;
  jpeg.image_height = height;
  jpeg.input_components = inks ? 4 : 1;
  jpeg.in_color_space = inks ? JCS_CMYK : JCS_GRAYSCALE;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, 95, TRUE);
  if (kind == JpegKind::kYcck) jpeg_set_colorspace(&jpeg, JCS_YCCK);
  if (kind == JpegKind::kProgressive) jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  std::vector<uint8_t> row(size_t{width} * (inks ? 4 : 1), gray);
  JSAMPROW rows = row.data();
  for (uint32_t y = 0; y < height; ++y) jpeg_write_scanlines(&jpeg, &rows, 1);
  jpeg_finish_compress(&jpeg);
  std::string bytes(reinterpret_cast<char*>(memory), size);
  jpeg_destroy_compress(&jpeg);
  std::free(memory);
  return bytes;
}

}  // namespace digits
