//===- Prepare.h - a program in the form that the lowering takes ------------===//
#pragma once

#include "ssm/Conversion/TileToVector.h"
#include "ssm/Dialect/Tile/Tile.h"

namespace ssm::tile {

/// Rewrites, within the dialect, what the lowering has no code of its own for:
///
/// - the operand of a product that gives the result's last dimension has it last
///   too (a `tile.spread` puts it there, once, where the operand is made);
/// - 16-bit operands of products are laid out in pairs where the machine has dot
///   products of those, else widened;
/// - `tile.running` becomes `tile.recur`;
/// - a `tile.recur` whose carries do not fit in registers becomes a `tile.loop`
///   over scratch;
/// - what a loop around a product leaves as it is of the product's operands is made
///   before the loop (LayOutOnce.cpp);
/// - tiles are multiplied by the inverse of what all of their elements are divided by
///   (DivideOnce.cpp).
void prepare(ProgramOp program, const TileToVectorOptions &options);

void layOutOnce(ProgramOp program, const TileToVectorOptions &options);
void divideOnce(ProgramOp program);

/// How a recurrence runs in registers.
struct RecurShape {
  llvm::SmallVector<mlir::StringAttr> outer;      // loops around it; the lanes' dimension is the last, if any
  mlir::StringAttr lane;                          // null: scalars
  llvm::SmallVector<NamedDim> held;               // dimensions that lie in registers
  int64_t vectors = 0;                            // that the carries take
};
/// Nothing, with the reason, where it must go over memory.
std::optional<RecurShape> shapeOf(RecurOp op, const TileToVectorOptions &options, std::string &why);

} // namespace ssm::tile
