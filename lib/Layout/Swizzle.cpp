//===- Swizzle.cpp - where a swizzled buffer holds an element ---------------===//
#include "ssm/Layout/Shared.h"

using namespace ssm::tile;

namespace ssm::layout {

int64_t swizzled(int64_t offset, int64_t swizzleBytes) {
  if (!swizzleBytes)
    return offset;
  int64_t chunks = swizzleBytes / 16;
  return offset ^ ((offset >> 7 & (chunks - 1)) << 4);
}

int64_t byteOffset(SmemType type, llvm::ArrayRef<int64_t> index) {
  int64_t bytes = type.getElementBits() / 8, rank = type.getRank();
  int64_t column = rank ? index.back() : 0, row = rank > 1 ? index[rank - 2] : 0, tile = 0;
  for (int64_t dim = 0; dim < rank - 2; ++dim)
    tile = tile * type.getShape()[dim] + index[dim];
  int64_t panel = type.getPanelColumns(), rowBytes = panel * bytes;
  int64_t offset = tile * type.getTileBytes() + column / panel * type.getPanelBytes() + row * rowBytes + column % panel * bytes;
  return swizzled(offset, type.getSwizzle());
}

} // namespace ssm::layout
