// How one kernel is compiled for several kinds of x86-64, and the right one called.
//
// A file of kernels has, in its unnamed namespace, a template Kernels<kSize> whose static functions
// are written for registers of kSize floats, or as loops for the compiler to vectorise, and marked
// DIGITS_INLINE; DIGITS_KERNEL makes each of them a function of the same name.
#ifndef DIGITS_SERVER_SIMD_KERNEL_H_
#define DIGITS_SERVER_SIMD_KERNEL_H_

#include "server/simd/cpu.h"

#define DIGITS_INLINE inline __attribute__((always_inline))

// Defines a kernel for each kind of processor, and the function that calls the right one. (The
// compiler's own function multi-versioning does that before the sanitizers are ready for it.)
#if defined(__x86_64__)
#define DIGITS_KERNEL(name, parameters, arguments)                                \
  __attribute__((target("arch=x86-64-v4"))) static void name##Avx512 parameters { \
    Kernels<16>::name arguments;                                                  \
  }                                                                               \
  __attribute__((target("arch=x86-64-v3"))) static void name##Avx2 parameters {   \
    Kernels<8>::name arguments;                                                   \
  }                                                                               \
  void name parameters {                                                          \
    switch (ChosenCpu()) {                                                        \
      case Cpu::kAvx512:                                                          \
        return name##Avx512 arguments;                                            \
      case Cpu::kAvx2:                                                            \
        return name##Avx2 arguments;                                              \
      case Cpu::kPlain:                                                           \
        return Kernels<4>::name arguments;                                        \
    }                                                                             \
  }
#else
#define DIGITS_KERNEL(name, parameters, arguments) \
  void name parameters { Kernels<4>::name arguments; }
#endif

#endif  // DIGITS_SERVER_SIMD_KERNEL_H_
