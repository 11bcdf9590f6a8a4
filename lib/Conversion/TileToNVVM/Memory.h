//===- Memory.h - a tile's elements in shared and global memory -------------===//
//
// Both objects split an element's address into what the thread adds and what is
// constant, so that a tile's accesses share a few addresses and differ in the
// constants inside the instructions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Lowering.h"

#include <map>

namespace ssm::tile::gpu {

/// index * stride as i64; the stride 1 is left out.
mlir::Value elementOffset(mlir::Value index, mlir::Value stride, Lowering &l);

/// Which dimension of memory each dimension of a tile lies along.
struct Alignment {
  llvm::SmallVector<int64_t> dimOf; // of the tile's dimensions
  int64_t row = -1, column = -1;    // of the layout's; -1: it has none
  /// Constant index along memory's dimension `dim`.
  int64_t constant(int64_t dim, const Spot &spot, mlir::RankedTensorType tile) const;

  static llvm::FailureOr<Alignment> make(mlir::RankedTensorType tile, llvm::ArrayRef<int64_t> extents, bool transpose,
                                         mlir::Operation *op);
};

/// Addresses in a shared buffer. For a swizzled one, bits 4 to 6 of the thread's
/// address meet the constant's by exclusive or, as the swizzle is linear in them.
class SharedTile {
public:
  static llvm::FailureOr<SharedTile> make(mlir::Value buffer, llvm::ArrayRef<mlir::OpFoldResult> offsets,
                                          llvm::ArrayRef<int64_t> extents, mlir::RankedTensorType tile,
                                          const Placement &placement, bool transpose, mlir::Operation *op, Lowering &l);
  Address at(const Spot &spot);
  /// The columns that a thread holds in a row lie side by side.
  bool columnsAreContiguous() const;
  SmemType type;
  Alignment alignment;

private:
  explicit SharedTile(Lowering &l) : l(&l) {}
  Address addressOf(mlir::Value row, int64_t constantRow, mlir::Value column, int64_t constantColumn, int64_t past);

  Lowering *l;
  mlir::RankedTensorType tile;
  mlir::Value base, row, column; // the thread's, with dynamic offsets
  int64_t rowOffset = 0, columnOffset = 0, leading = 0;
  bool columnsAreDynamic = false;
  std::map<std::pair<int64_t, int64_t>, mlir::Value> bases; // by exclusive or, and by column where dynamic
};

/// Addresses in global memory, and whether an element lies inside.
class GlobalTile {
public:
  static llvm::FailureOr<GlobalTile> make(mlir::Value view, llvm::ArrayRef<mlir::OpFoldResult> offsets,
                                          llvm::ArrayRef<int64_t> extents, mlir::RankedTensorType tile,
                                          const Placement &placement, bool transpose, mlir::Operation *op, Lowering &l);
  Address at(const Spot &spot);
  mlir::Value inside(const Spot &spot);
  GlobalType type;
  Alignment alignment;

private:
  explicit GlobalTile(Lowering &l) : l(&l) {}

  Lowering *l;
  mlir::RankedTensorType tile;
  mlir::Value base, uniform; // uniform: what must hold along dimensions of one element
  bool eitherSide = false; // indices may be negative
  llvm::SmallVector<mlir::Value> strides, limits, sizes, indices;
  std::map<llvm::SmallVector<int64_t>, mlir::Value> bases;
  std::map<std::pair<int64_t, int64_t>, mlir::Value> checks;
};

} // namespace ssm::tile::gpu
