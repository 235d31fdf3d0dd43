#include "trainer/training/weight_average.h"

#include <algorithm>

#include "trainer/training/elementwise_kernels.h"
#include "trainer/training/parallel.h"

namespace digits {

WeightAverage::WeightAverage(std::span<const ParameterGroup> groups, double decay)
    : groups_(groups.begin(), groups.end()), decay_(decay) {
  for (const ParameterGroup& group : groups_) {
    averages_.emplace_back(group.values.begin(), group.values.end());
  }
}

void WeightAverage::Update(uint64_t step) {
  const auto t = static_cast<double>(step);
  const auto share = static_cast<float>(1 - std::min(decay_, (1 + t) / (10 + t)));
  for (size_t g = 0; g < groups_.size(); ++g) {
    ForRanges(averages_[g].size(), [&](size_t begin, size_t end) {
      MoveTowards(averages_[g].data() + begin, groups_[g].values.data() + begin, end - begin,
                  share);
    });
  }
}

void WeightAverage::Swap() {
  for (size_t g = 0; g < groups_.size(); ++g) {
    std::swap_ranges(averages_[g].begin(), averages_[g].end(), groups_[g].values.begin());
  }
}

}  // namespace digits
