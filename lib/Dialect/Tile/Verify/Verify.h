//===- Verify.h - the analyses of tile-verify-resources ---------------------===//
//
// One file an analysis; each reports all it finds and fails if there was anything.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ssm/Dialect/Tile/Tile.h"
#include "ssm/Target/Gpu.h"

namespace ssm::tile {

/// What the target lacks; tiles that do not divide among a role's warps; accesses through
/// conflicting banks; offsets that are no constants.
llvm::LogicalResult verifyScope(KernelOp kernel, const GpuTarget &target);
/// Products in flight: counts, landings, operands released too early, one use on every path.
llvm::LogicalResult verifyWgmma(KernelOp kernel);
/// Who arrives at each ring's barriers, how often, and that somebody does.
llvm::LogicalResult verifyRings(KernelOp kernel);
/// Slots are filled and released one after another, on every path.
llvm::LogicalResult verifyRingPaths(KernelOp kernel);
/// Slots that are handed on while warps, the tensor cores or the copy engine may still be at them.
llvm::LogicalResult verifySkew(KernelOp kernel);
/// Each turn that is taken is passed on.
llvm::LogicalResult verifyTurns(KernelOp kernel);
/// Registers, threads, named barriers and shared memory.
llvm::LogicalResult verifyBudget(KernelOp kernel, const GpuTarget &target);

/// The most registers a thread that a role's tiles take at once; scalars are not counted.
int64_t estimateRegisters(RoleOp role);

/// Warps that run an operation together: 4 in a warpgroup's role, else 1.
int64_t warpsOf(mlir::Operation *op);

} // namespace ssm::tile
