//===- LoopCost.h - how much work an iteration is ---------------------------===//
#pragma once

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace ssm {

/// The number of iterations of a loop from `lower` to `upper`, as index, folded
/// where it can be.
mlir::Value tripCount(mlir::ImplicitLocOpBuilder &b, mlir::Value lower, mlir::Value upper, mlir::Value step);

/// Roughly the scalar operations of one iteration, as i64: a count over the body,
/// times the trips of the loops inside. Made where `b` stands, before the loop;
/// where the trips inside are known only in the loop it guesses them.
mlir::Value iterationCost(mlir::ImplicitLocOpBuilder &b, mlir::scf::ParallelOp loop);

} // namespace ssm
