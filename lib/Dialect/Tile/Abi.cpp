//===- Abi.cpp - what a launch passes for a kernel's arguments -----===//
#include "ssm/Dialect/Tile/Abi.h"

#include "ssm/Dialect/Tile/Tile.h"

using namespace mlir;

namespace ssm::tile {

SmallVector<KernelParam> kernelParams(FunctionType kernel) {
  SmallVector<KernelParam> params;
  for (auto [i, type] : llvm::enumerate(kernel.getInputs())) {
    unsigned argument = i;
    if (isa<MapType>(type)) {
      params.push_back({KernelParam::Map, argument});
    } else if (auto global = dyn_cast<GlobalType>(type)) {
      params.push_back({KernelParam::Pointer, argument});
      for (unsigned dim = 0; dim < global.getRank(); ++dim)
        params.push_back({KernelParam::Size, argument, dim});
      for (unsigned dim = 0; dim < global.getRank(); ++dim)
        params.push_back({KernelParam::Stride, argument, dim});
    } else {
      params.push_back({type.isF32() ? KernelParam::Float : KernelParam::Integer, argument});
    }
  }
  return params;
}

} // namespace ssm::tile
