//===- Schedule.h - which operations of a block share a pass ----------------===//
//
// Operations get levels: one that meets its operands element by element has their
// level, one that needs a finished tile the next. Those of one level and one domain
// share a pass. A value that several passes use, or one that needs it whole, is
// stored; all others are computed where they are used.
//
//   %s = product ...                     level 1
//   %t = mulf %s, %k                     level 2, [M, L]: stored, two passes use it
//   %m = combine max(%t) over ["M"]      level 2, [M, L]: the same pass
//   %p = exp(%t - spread %m)             level 3, [M, L]: the next
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ssm/Dialect/Tile/Tile.h"

namespace ssm::tile {

/// Operations that are emitted together.
struct Group {
  enum Kind { Scalar, Whole, Pass } kind;
  unsigned level;
  unsigned position; // in the block, of the first
  NamedDims domain;  // of a pass
  llvm::SmallVector<mlir::StringAttr> reduced;
  /// Stored values' operations, writes, reductions; or the one operation.
  llvm::SmallVector<mlir::Operation *> roots;
};

struct Schedule {
  std::vector<Group> groups; // in the order of emission
  llvm::DenseSet<mlir::Value> stored;
  /// The groups in which an operation is evaluated: its own, or its users'.
  llvm::DenseMap<mlir::Operation *, llvm::SmallSetVector<unsigned, 4>> evaluatedIn;
  llvm::DenseMap<mlir::Operation *, unsigned> groupOf; // of roots
};

/// Computed again wherever it is used: constants, positions, masks of them.
bool isCheap(mlir::Value tile);
/// Computed element by element from its operands.
bool isPointwise(mlir::Operation *op);
/// Changes names or places: its operand has another domain.
bool changesDomain(mlir::Operation *op);

/// The product loads the operand from the view that it is read of.
bool isReadInPlace(ProductOp op, mlir::Value operand);

Schedule makeSchedule(mlir::Block &block);

} // namespace ssm::tile
