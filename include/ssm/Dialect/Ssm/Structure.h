//===- Structure.h - the table of matrix structures -------------------------===//
//
// For each structure: the arguments in `<...>`, the parts that are stored, their
// dimensions as expressions of the matrix's sizes, what must hold of those, and
// the fan-in of each part. The frontend declares parameters from it, the verifier
// and the expansion of structured products read it. Example:
//
//   param W: monarch<8> f32[O, I]   =>   W.first  [W.k, W.q, W.p]
//                                        W.second [W.q, W.s, W.k]
//   with W.k = 8, W.p = W.q = div(I, 8), W.s = div(mul(O, 8), I)
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ssm/Dialect/Ssm/Ssm.h"

namespace ssm {

/// A dimension of a part. `div` and `log2` in the size are exact, so that putting
/// it in the function's table of dimensions makes the runtime check it.
struct StructureDim {
  llvm::StringRef key;   // "k"; "O" and "I" are the matrix's rows and columns
  mlir::StringAttr name; // "W.k"; the rows' and columns' own names
  SizeAttr size;
};

struct StructurePart {
  llvm::StringRef name; // "first"
  /// Where a block stands: whole numbers, stored as i32 and computed as i64. All
  /// other parts hold the matrix's elements.
  bool isIndex = false;
  llvm::SmallVector<StructureDim, 4> dims;
  /// kaiming's fan-in is the quotient of the two (real); null for an index.
  SizeAttr fanIn, fanInDivisor;
};

struct StructureLayout {
  llvm::SmallVector<StructurePart, 3> parts;
  /// The matrix is square: rows and columns have one size.
  bool isSquare = false;
};

/// Names of the structure's arguments in order: {"block", "factors"}. What
/// `StructuredOp::parameters` holds, in the same order.
llvm::ArrayRef<llvm::StringRef> getStructureArguments(Structure structure);

/// What is wrong with these arguments (of the right number), or "".
std::string checkStructureArguments(Structure structure, llvm::ArrayRef<int64_t> arguments);

/// Names of the parts in order.
llvm::ArrayRef<llvm::StringRef> getStructureParts(Structure structure);

/// A matrix's rows or columns: the dimension's name, and its size (a constant, or
/// SizeAttr::ofDim of the name).
struct MatrixSide {
  mlir::StringAttr name;
  SizeAttr size;
};

/// The parts of `param NAME: STRUCTURE<arguments>[rows, columns]`. New dimensions
/// are called NAME.KEY; in terms of the rows' and columns' sizes.
StructureLayout getStructureLayout(Structure structure, llvm::ArrayRef<int64_t> arguments, llvm::StringRef name,
                                   MatrixSide rows, MatrixSide columns);

/// The names that a `structured` operation's parts have for the layout's keys, by
/// place: a part's last dimensions are the structure's, those before are a batch
/// of matrices. Fails where the parts do not fit and says why.
llvm::FailureOr<llvm::StringMap<NamedDim>> bindStructure(StructuredOp op, std::string &why);

} // namespace ssm
