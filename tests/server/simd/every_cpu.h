// Tests of kernels, for each kind of processor that this one is.
#ifndef DIGITS_TESTS_SERVER_SIMD_EVERY_CPU_H_
#define DIGITS_TESTS_SERVER_SIMD_EVERY_CPU_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "server/simd/cpu.h"

namespace digits {

class EveryCpuTest : public testing::TestWithParam<Cpu> {
 protected:
  void SetUp() override { UseKernelsFor(GetParam()); }
  void TearDown() override { UseKernelsFor(BestCpu()); }
};

inline std::vector<Cpu> EveryCpu() {
  std::vector<Cpu> cpus = {Cpu::kPlain, Cpu::kAvx2, Cpu::kAvx512};
  cpus.resize(static_cast<size_t>(BestCpu()) + 1);
  return cpus;
}

inline std::string CpuName(Cpu cpu) {
  return std::vector<std::string>{"Plain", "Avx2", "Avx512"}.at(static_cast<size_t>(cpu));
}

inline std::string CpuNameOfTest(const testing::TestParamInfo<Cpu>& info) {
  return CpuName(info.param);
}

}  // namespace digits

#endif  // DIGITS_TESTS_SERVER_SIMD_EVERY_CPU_H_
