#include "trainer/training/layer.h"

namespace digits {

absl::StatusOr<std::unique_ptr<Layer>> MakeLayer(const LayerShape& shape) {
  const size_t widest = 32;
  if (shape.outputs <= widest) return MakeNarrowLayer(shape);
  return MakeOnednnLayer(shape);
}

}  // namespace digits
