//===- Anchors.h - what each operation is to a kernel -----------------------===//
//
// A kernel is made around anchors: operations that combine elements (products,
// reductions, recurrences). What works element by element, or only names, orders
// and picks elements, is glue: it is computed wherever its value is needed. What no
// kernel can hold stays outside, on the reference path.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ssm/Dialect/Ssm/Kernel.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringSet.h"

namespace ssm {

enum class FusionRole { Glue, Anchor, Outside };
FusionRole fusionRole(mlir::Operation *op);

/// The dimension along which an operation must meet its elements in order (a scan, a
/// running sum), or null.
mlir::StringAttr sequentialDim(mlir::Operation *op);
/// Whether it goes from the end.
bool isReverse(mlir::Operation *op);

/// The dimensions that work items may share out among them: those of its results, for
/// which an element needs only the operands' elements at the same index. What a result
/// that lacks one of them is made of, each item makes again.
NamedDims freeDims(mlir::Operation *op);

/// The dimensions that no item can do with a part of, whatever is asked for: what runs in
/// order, what the body of a scan combines, what a recurrence's read-outs sum.
llvm::SmallDenseSet<mlir::StringAttr> barredDims(mlir::Operation *op);

/// Whether a scan's step reads elsewhere than where it writes: its states lie in memory.
bool shiftsState(ScanOp scan);

/// The dimensions over which an operation combines elements.
llvm::SmallVector<mlir::StringAttr> combinedDims(mlir::Operation *op);

/// A product whose operands both have dimensions that the other lacks: of matrices, not of
/// a matrix and a vector or of vectors.
bool isMatrixProduct(mlir::Operation *op);

/// Whether a glue operation reads its operand elsewhere along the dimension than
/// where its result is asked for.
bool movesAlong(mlir::Operation *glue, llvm::StringRef dim);

/// Sizes at which plans are scored: what the function's table knows, and a guess for
/// what is open (long where something runs along it, else short).
class PlanningSizes {
public:
  explicit PlanningSizes(mlir::func::FuncOp function);
  int64_t operator[](llvm::StringRef dim) const;
  /// How many elements these dimensions have together.
  double count(llvm::ArrayRef<NamedDim> dims) const;
  /// An open dimension is taken for at least so long.
  void lengthen(llvm::StringRef dim, int64_t least) {
    if (!isKnown(dim))
      sizes[dim] = std::max((*this)[dim], least);
  }
  /// Known before the call.
  bool isKnown(llvm::StringRef dim) const { return known.contains(dim); }
  /// Something runs, folds or looks along it: a sequence, as a rule.
  bool runs(llvm::StringRef dim) const { return running.contains(dim); }

private:
  llvm::StringMap<int64_t> sizes;
  llvm::StringMap<bool> known;
  llvm::StringSet<> running;
};

} // namespace ssm
