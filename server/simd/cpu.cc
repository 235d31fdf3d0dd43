#include "server/simd/cpu.h"

#include <algorithm>

namespace digits {
namespace {

Cpu& ChosenCpuSetting() {
  static Cpu cpu = BestCpu();
  return cpu;
}

}  // namespace

Cpu BestCpu() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("x86-64-v4")) return Cpu::kAvx512;
  if (__builtin_cpu_supports("x86-64-v3")) return Cpu::kAvx2;
#endif
  return Cpu::kPlain;
}

Cpu ChosenCpu() { return ChosenCpuSetting(); }

void UseKernelsFor(Cpu cpu) { ChosenCpuSetting() = std::min(cpu, BestCpu()); }

}  // namespace digits
