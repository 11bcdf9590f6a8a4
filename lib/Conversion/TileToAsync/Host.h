//===- Host.h - an entry as launches ----------------------------------------===//
#pragma once

#include "Kernel.h"

#include "ssm/Dialect/Ssm/Kernel.h"

#include "llvm/ADT/StringMap.h"

namespace ssm::tile {

/// The kernels of a function with programs, in their order: the versions of each.
using KernelsOf = llvm::StringMap<llvm::SmallVector<Versions, 1>>;

/// Replaces the launches of an entry by `tile.launch` and what is bound to it; a
/// diagnostic where something else than kernels would have to run.
mlir::LogicalResult makeLaunches(mlir::func::FuncOp entry, const KernelsOf &kernels);

} // namespace ssm::tile
