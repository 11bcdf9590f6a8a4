//===- ExpandStructures.h - products with structured matrices by parts ------===//
//
// A structure's rule says how its matrix W [rows, columns] acts, in operations on
// the stored parts alone:
//
//   apply            x along columns  ->  W x along rows
//   applyTransposed  y along rows     ->  W^T y along columns
//   materialize      W along rows and columns
//
// Vectors and parts may have any further dimensions; those broadcast by name.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "NamedBuilder.h"

#include "llvm/ADT/StringMap.h"

namespace ssm {

/// The parts of one matrix, under names that the vector does not have.
struct StructureView {
  llvm::SmallVector<mlir::Value, 3> parts;
  llvm::StringRef rows, columns;
  /// The name of each dimension of the parts by its key in the structure's layout.
  llvm::StringMap<mlir::StringAttr> names;

  mlir::Value part(unsigned i = 0) const { return parts[i]; }
  llvm::StringRef dim(llvm::StringRef key) const { return names.lookup(key); }
  mlir::Type element() const { return getElement(parts[0]); }
};

struct StructureRule {
  using Act = mlir::Value (*)(NamedBuilder &, const StructureView &, mlir::Value);
  using Write = mlir::Value (*)(NamedBuilder &, const StructureView &);
  Act apply, applyTransposed;
  Write materialize;
};

extern const StructureRule kDiagonalRule, kLowRankRule, kBlockDiagonalRule, kMonarchRule; // ExpandBlocks.cpp
extern const StructureRule kFlatButterflyRule, kBlockSparseRule;                          // ExpandSparse.cpp
extern const StructureRule kButterflyRule;                                                // ExpandButterfly.cpp
extern const StructureRule kToeplitzRule, kCirculantRule;                                 // ExpandToeplitz.cpp

} // namespace ssm
