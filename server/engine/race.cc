#include "server/engine/race.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "server/image/image.h"

namespace digits {
namespace {

using std::chrono::steady_clock;

constexpr size_t kMinRounds = 3;
constexpr size_t kMaxRounds = 51;
constexpr std::chrono::milliseconds kEnough{2};  // for a number of images

double Seconds(Workspace& workspace, std::span<const uint8_t> pixels) {
  const steady_clock::time_point start = steady_clock::now();
  workspace.Run(pixels);
  return std::chrono::duration<double>(steady_clock::now() - start).count();
}

double Median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// The one's time over the other's.
double TimeRatio(Workspace& one, Workspace& other, size_t images) {
  const std::vector<uint8_t> pixels(images * kImagePixels, 127);
  std::vector<double> ones;
  std::vector<double> others;
  const steady_clock::time_point end = steady_clock::now() + kEnough;
  while (ones.size() < kMinRounds || (ones.size() < kMaxRounds && steady_clock::now() < end)) {
    ones.push_back(Seconds(one, pixels));
    others.push_back(Seconds(other, pixels));
  }
  return Median(ones) / Median(others);
}

}  // namespace

bool IsFaster(const Plan& plan, const Plan& other) {
  const std::unique_ptr<Workspace> one = plan.MakeWorkspace();
  const std::unique_ptr<Workspace> two = other.MakeWorkspace();
  return TimeRatio(*one, *two, 1) * TimeRatio(*one, *two, kRaceImages) < 1;
}

}  // namespace digits
