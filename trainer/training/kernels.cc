#include "trainer/training/kernels.h"

#include <algorithm>

#include "server/simd/kernel.h"
#include "trainer/training/buffer.h"

namespace digits {
namespace {

// One processor register of kSize floats.
template <size_t kSize>
struct VectorOf {
  using Type
      __attribute__((vector_size(kSize * sizeof(float)), aligned(alignof(float)), may_alias)) =
          float;
};

template <size_t n>
struct Constant {};

// The kernels for registers of kSize floats. What takes kBlocks works on so many neighbouring
// registers of a row, whose sums then stay in registers.
template <size_t kSize>
struct Kernels {
  using Vector = typename VectorOf<kSize>::Type;

  static DIGITS_INLINE const Vector* Load(const float* p) {
    return reinterpret_cast<const Vector*>(p);
  }
  static DIGITS_INLINE Vector* Load(float* p) { return reinterpret_cast<Vector*>(p); }

  // Cuts a row into blocks: f(Constant<kBlocks>, offset of the first).
  template <typename F>
  static DIGITS_INLINE void ForBlocks(size_t width, F f) {
    size_t offset = 0;
    for (; offset + 4 * kSize <= width; offset += 4 * kSize) f(Constant<4>(), offset);
    for (; offset + 2 * kSize <= width; offset += 2 * kSize) f(Constant<2>(), offset);
    for (; offset < width; offset += kSize) f(Constant<1>(), offset);
  }

  static DIGITS_INLINE void Prefetch(SparseRow row) {
    const char* const begin = reinterpret_cast<const char*>(row.data());
    for (size_t byte = 0; byte < row.size_bytes(); byte += 64) __builtin_prefetch(begin + byte);
  }

  // One row; few blocks take several chains of additions, so that none waits for the one before.
  template <size_t kBlocks>
  static DIGITS_INLINE void ForwardSparseRow(SparseRow row, const float* values,
                                             const float* weights, const float* bias, size_t width,
                                             float* output) {
    constexpr size_t kChains = 4 / kBlocks;
    Vector sum[kChains][kBlocks] = {};
    for (size_t b = 0; b < kBlocks; ++b) sum[0][b] = Load(bias)[b];
    const SparsePixel* pixel = row.data();
    const SparsePixel* const end = pixel + row.size();
    for (; end - pixel >= static_cast<ptrdiff_t>(kChains); pixel += kChains) {
      for (size_t c = 0; c < kChains; ++c) {
        const Vector* column = Load(weights + pixel[c].column * width);
        for (size_t b = 0; b < kBlocks; ++b) sum[c][b] += values[pixel[c].level] * column[b];
      }
    }
    for (; pixel != end; ++pixel) {
      const Vector* column = Load(weights + pixel->column * width);
      for (size_t b = 0; b < kBlocks; ++b) sum[0][b] += values[pixel->level] * column[b];
    }
    for (size_t c = 1; c < kChains; ++c) {
      for (size_t b = 0; b < kBlocks; ++b) sum[0][b] += sum[c][b];
    }
    for (size_t b = 0; b < kBlocks; ++b) Load(output)[b] = sum[0][b];
  }

  static DIGITS_INLINE void ForwardSparse(SparseRows input, const float* weights, const float* bias,
                                          size_t width, float* output) {
    ForBlocks(
        width, [&]<size_t kBlocks>(Constant<kBlocks>, size_t offset)
                   __attribute__((always_inline)) {
                     for (size_t r = 0; r < input.rows.size(); ++r) {
                       if (r + 1 < input.rows.size()) Prefetch(input.rows[r + 1]);
                       ForwardSparseRow<kBlocks>(input.rows[r], input.values, weights + offset,
                                                 bias + offset, width, output + r * width + offset);
                     }
                   });
  }

  template <size_t kRows, size_t kBlocks>
  static DIGITS_INLINE void ForwardDenseRows(DenseRows input, size_t inputs, const float* weights,
                                             const float* bias, size_t width, float* output) {
    Vector sum[kRows][kBlocks];
    for (size_t r = 0; r < kRows; ++r) {
      for (size_t b = 0; b < kBlocks; ++b) sum[r][b] = Load(bias)[b];
    }
    for (size_t i = 0; i < inputs; ++i) {
      const Vector* column = Load(weights + i * width);
      for (size_t r = 0; r < kRows; ++r) {
        for (size_t b = 0; b < kBlocks; ++b) {
          sum[r][b] += input.data[r * input.stride + i] * column[b];
        }
      }
    }
    for (size_t r = 0; r < kRows; ++r) {
      for (size_t b = 0; b < kBlocks; ++b) Load(output + r * width)[b] = sum[r][b];
    }
  }

  static DIGITS_INLINE void ForwardDense(DenseRows input, size_t rows, size_t inputs,
                                         const float* weights, const float* bias, size_t width,
                                         float* output) {
    ForBlocks(
        width, [&]<size_t kBlocks>(Constant<kBlocks>, size_t offset)
                   __attribute__((always_inline)) {
                     constexpr size_t kRows = kBlocks == 4 ? 2 : 4;
                     size_t r = 0;
                     for (; r + kRows <= rows; r += kRows) {
                       ForwardDenseRows<kRows, kBlocks>(
                           {input.data + r * input.stride, input.stride}, inputs, weights + offset,
                           bias + offset, width, output + r * width + offset);
                     }
                     for (; r < rows; ++r) {
                       ForwardDenseRows<1, kBlocks>({input.data + r * input.stride, input.stride},
                                                    inputs, weights + offset, bias + offset, width,
                                                    output + r * width + offset);
                     }
                   });
  }

  static DIGITS_INLINE void WeightGradientSparse(SparseRows input, const float* output_gradient,
                                                 size_t width, float* weight_gradient) {
    ForBlocks(
        width, [&]<size_t kBlocks>(Constant<kBlocks>, size_t offset)
                   __attribute__((always_inline)) {
                     for (size_t r = 0; r < input.rows.size(); ++r) {
                       Vector gradient[kBlocks];
                       for (size_t b = 0; b < kBlocks; ++b) {
                         gradient[b] = Load(output_gradient + r * width + offset)[b];
                       }
                       for (const SparsePixel& pixel : input.rows[r]) {
                         Vector* column = Load(weight_gradient + pixel.column * width + offset);
                         for (size_t b = 0; b < kBlocks; ++b)
                           column[b] += input.values[pixel.level] * gradient[b];
                       }
                     }
                   });
  }

  // kInputs neighbouring inputs, summed over all rows.
  template <size_t kInputs, size_t kBlocks>
  static DIGITS_INLINE void WeightGradientInputs(DenseRows input, size_t rows,
                                                 const float* output_gradient, size_t width,
                                                 float* weight_gradient) {
    Vector sum[kInputs][kBlocks];
    for (size_t i = 0; i < kInputs; ++i) {
      for (size_t b = 0; b < kBlocks; ++b) sum[i][b] = Load(weight_gradient + i * width)[b];
    }
    for (size_t r = 0; r < rows; ++r) {
      const Vector* gradient = Load(output_gradient + r * width);
      for (size_t i = 0; i < kInputs; ++i) {
        for (size_t b = 0; b < kBlocks; ++b) {
          sum[i][b] += input.data[r * input.stride + i] * gradient[b];
        }
      }
    }
    for (size_t i = 0; i < kInputs; ++i) {
      for (size_t b = 0; b < kBlocks; ++b) Load(weight_gradient + i * width)[b] = sum[i][b];
    }
  }

  static DIGITS_INLINE void WeightGradientDense(DenseRows input, size_t rows, size_t inputs,
                                                const float* output_gradient, size_t width,
                                                float* weight_gradient) {
    ForBlocks(
        width, [&]<size_t kBlocks>(Constant<kBlocks>, size_t offset)
                   __attribute__((always_inline)) {
                     constexpr size_t kInputs = kBlocks == 4 ? 2 : 4;
                     size_t i = 0;
                     for (; i + kInputs <= inputs; i += kInputs) {
                       WeightGradientInputs<kInputs, kBlocks>({input.data + i, input.stride}, rows,
                                                              output_gradient + offset, width,
                                                              weight_gradient + i * width + offset);
                     }
                     for (; i < inputs; ++i) {
                       WeightGradientInputs<1, kBlocks>({input.data + i, input.stride}, rows,
                                                        output_gradient + offset, width,
                                                        weight_gradient + i * width + offset);
                     }
                   });
  }

  static DIGITS_INLINE void BiasGradient(const float* output_gradient, size_t rows, size_t width,
                                         float* bias_gradient) {
    for (size_t r = 0; r < rows; ++r) {
      for (size_t offset = 0; offset < width; offset += kSize) {
        *Load(bias_gradient + offset) += *Load(output_gradient + r * width + offset);
      }
    }
  }

  static DIGITS_INLINE void Relu(float* values, size_t size) {
    for (size_t i = 0; i < size; i += kSize) {
      const Vector value = *Load(values + i);
      *Load(values + i) = value < 0 ? Vector{} : value;
    }
  }

  static DIGITS_INLINE void ReluGradient(const float* values, float* gradients, size_t size) {
    for (size_t i = 0; i < size; i += kSize) {
      *Load(gradients + i) = *Load(values + i) > 0 ? *Load(gradients + i) : Vector{};
    }
  }

  static DIGITS_INLINE void Descend(float* parameters, const float* gradients, size_t size,
                                    float learning_rate) {
    for (size_t i = 0; i < size; i += kSize) {
      *Load(parameters + i) -= learning_rate * *Load(gradients + i);
    }
  }
};

}  // namespace

DIGITS_KERNEL(ForwardSparse,
              (SparseRows input, const float* weights, const float* bias, size_t width,
               float* output),
              (input, weights, bias, width, output))

DIGITS_KERNEL(ForwardDense,
              (DenseRows input, size_t rows, size_t inputs, const float* weights, const float* bias,
               size_t width, float* output),
              (input, rows, inputs, weights, bias, width, output))

DIGITS_KERNEL(WeightGradientSparse,
              (SparseRows input, const float* output_gradient, size_t width,
               float* weight_gradient),
              (input, output_gradient, width, weight_gradient))

DIGITS_KERNEL(WeightGradientDense,
              (DenseRows input, size_t rows, size_t inputs, const float* output_gradient,
               size_t width, float* weight_gradient),
              (input, rows, inputs, output_gradient, width, weight_gradient))

DIGITS_KERNEL(BiasGradient,
              (const float* output_gradient, size_t rows, size_t width, float* bias_gradient),
              (output_gradient, rows, width, bias_gradient))

DIGITS_KERNEL(Relu, (float* values, size_t size), (values, size))

DIGITS_KERNEL(ReluGradient, (const float* values, float* gradients, size_t size),
              (values, gradients, size))

DIGITS_KERNEL(Descend,
              (float* parameters, const float* gradients, size_t size, float learning_rate),
              (parameters, gradients, size, learning_rate))

}  // namespace digits
