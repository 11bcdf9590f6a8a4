//===- Frame.h - which dimension lies where in a kernel ---------------------===//
//
// One dimension of a program lies along the threads of an item (the lane), the
// others are register blocks: so every tile has a layout by the names of its
// dimensions alone, and elementwise operations need no exchange.
//
//   tensor<8x512xf32, #ssm.dims<L, D>>, lane D   ->  tensor<8x512xf32, #tile.lanes<128, 4>>
//   tensor<512xf32, #ssm.dims<D>>                ->  tensor<1x512xf32, #tile.lanes<128, 4>>
//   tensor<8xf32, #ssm.dims<L>>                  ->  tensor<8xf32, #tile.row<#tile.lanes<128, 4>>>
//
// An item is a warp where its rows are short, else a warpgroup.
//
// A program with a product of matrices has the accumulator's frame instead: one
// dimension is its rows, one its columns, and vectors along either are a `row` or a
// `col` of it. Several warpgroups share the rows, 64 or more each.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ssm/Dialect/Tile/Tile.h"

namespace ssm::tile {

class Frame {
public:
  /// What suits a program; a diagnostic where no dimension can be the lane. Rows of open
  /// size that are not known to be `aligned` are held an element of memory a thread.
  static mlir::FailureOr<Frame> make(ProgramOp program, bool aligned);

  bool isLane(mlir::StringAttr dim) const { return dim == lane; }
  /// The place of a dimension among the register blocks, or -1.
  int64_t blockOf(mlir::StringAttr dim) const;
  bool hasLane(mlir::Type tile) const;
  /// Elements along the lane with those that fill up the threads.
  int64_t padded(int64_t size) const { return llvm::divideCeil(size, threads * vector) * threads * vector; }

  /// The register tile of a tile with names. Without a lane 16-bit elements are held
  /// as f32, and what has no dimensions at all is a row of one.
  mlir::RankedTensorType typeOf(mlir::Type tile) const;
  mlir::RankedTensorType typeOf(llvm::ArrayRef<NamedDim> dims, mlir::Type element) const;

  mlir::StringAttr lane; ///< null where nothing lies along the threads
  llvm::SmallVector<mlir::StringAttr> blocks;
  int64_t threads = 32, vector = 1; ///< of an item; contiguous elements of a thread
  /// Items of a CTA: it has 128 threads.
  int64_t itemsOfCta() const { return 128 / threads; }

  // The accumulator's frame.
  mlir::StringAttr rows, columns; ///< null in the other
  int64_t groups = 1, columnUnit = 16;
  int64_t piece = 0; ///< columns that are worked on at a time, where that is less than all
  bool isProduct() const { return rows != nullptr; }
  int64_t rowsOfGroup(int64_t size) const { return llvm::divideCeil(size, 64 * groups) * 64; }
  int64_t columnsOf(int64_t size) const { return llvm::divideCeil(size, columnUnit) * columnUnit; }
};

/// The running combination that a recurrence amounts to; `factors` is set for h = a h + x.
struct RunningForm {
  Combine kind;
  mlir::Value input, factors; ///< of the body; input null for a carry that stays
};
/// One for each carry, or a reason why the recurrence is none.
std::optional<llvm::SmallVector<RunningForm>> asRunning(RecurOp op, std::string &why);

} // namespace ssm::tile
