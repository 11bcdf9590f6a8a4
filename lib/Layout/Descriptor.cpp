//===- Descriptor.cpp - the tensor cores' view of shared memory -------------===//
#include "ssm/Layout/Shared.h"

using namespace ssm::tile;

namespace ssm::layout {

static int64_t swizzleField(int64_t swizzle) { return swizzle == 128 ? 1 : swizzle == 64 ? 2 : 3; }

Descriptor describe(SmemType type, bool contiguousK, int64_t depth, int64_t extent) {
  int64_t swizzle = type.getSwizzle(), bytes = type.getElementBits() / 8, panel = type.getPanelBytes() / 16;
  int64_t columns = type.getPanelColumns(), stepK = 32 / bytes;
  Descriptor d;
  d.high = swizzle / 2 | swizzleField(swizzle) << 30; // eight rows of a panel are 8 * swizzle bytes
  if (!contiguousK)
    d.leading = panel;
  for (int64_t k = 0; k < depth; k += stepK)
    d.steps.push_back(contiguousK ? k / columns * panel + k % columns * bytes / 16 : k * swizzle / 16);
  for (int64_t row = 0; row < extent; row += 64)
    d.blocks.push_back(contiguousK ? row * swizzle / 16 : row / columns * panel + row % columns * bytes / 16);
  return d;
}

int64_t coreMatrixUnit(const Descriptor &descriptor, int64_t swizzle, bool contiguousK, int64_t step, int64_t outer, int64_t k,
                       int64_t elementBytes) {
  int64_t groups = descriptor.high & 0x3fff, chunk = 16 / elementBytes, panel = swizzle / elementBytes;
  int64_t start = descriptor.steps[step];
  // A row of the pattern is `swizzle` bytes: eight of them are a group, groups follow at the stride offset.
  int64_t along = contiguousK ? k : outer, across = contiguousK ? outer : k;
  int64_t unit = start + across / 8 * groups + across % 8 * (swizzle / 16);
  unit += contiguousK ? along / chunk : along / panel * descriptor.leading + along % panel / chunk;
  return swizzled(unit * 16, swizzle) / 16;
}

} // namespace ssm::layout
