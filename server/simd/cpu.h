// Which kind of x86-64 kernels are taken for.
#ifndef DIGITS_SERVER_SIMD_CPU_H_
#define DIGITS_SERVER_SIMD_CPU_H_

namespace digits {

// In this order of speed: any; x86-64-v3; x86-64-v4.
enum class Cpu { kPlain, kAvx2, kAvx512 };

// The fastest kind that the processor is of.
Cpu BestCpu();

// BestCpu() unless UseKernelsFor() said otherwise.
Cpu ChosenCpu();

// Takes kernels for a slower kind from now on, for tests. Not while kernels run.
void UseKernelsFor(Cpu cpu);

}  // namespace digits

#endif  // DIGITS_SERVER_SIMD_CPU_H_
