//===- DimTable.h - every dimension of the module, with what is known -------===//
//
// A dimension is its name: `L`, `s4d.N` in a layer that is called, `4` for a
// literal. Its size is open, constant, or an expression of others.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ssm/Dialect/Ssm/Ssm.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace ssm {

class DimTable {
public:
  DimTable(mlir::MLIRContext *context, const llvm::StringMap<int64_t> &given) : context(context), given(given) {}

  /// Enters the dimension, open or of the size that was given for it when
  /// compiling. A name that is a number has that size.
  mlir::StringAttr add(llvm::StringRef name);
  /// A name that no other dimension has, of that size.
  mlir::StringAttr addFresh(llvm::StringRef name, SizeAttr size);

  bool contains(llvm::StringRef name) const { return entries.count(mlir::StringAttr::get(context, name)); }
  /// The size, or null where it is open.
  SizeAttr size(mlir::StringAttr dim) const { return entries.lookup(dim).size; }
  std::optional<int64_t> constantSize(mlir::StringAttr dim) const;
  /// As an operand of a size expression: the constant where it is one.
  SizeAttr reference(mlir::StringAttr dim) const;
  void setSize(mlir::StringAttr dim, SizeAttr size) { entries[dim].size = size; }
  /// The size that an open dimension takes if nothing that is given fixes it.
  void setDefault(mlir::StringAttr dim, SizeAttr size);
  /// It is a dimension of an argument, which fixes it.
  void setFixed(mlir::StringAttr dim) { entries[dim].fixed = true; }

  NamedDim named(mlir::StringAttr dim) const;
  NamedDims named(llvm::ArrayRef<mlir::StringAttr> dims) const;

  /// Gives open dimensions their defaults.
  void finish();
  /// The table with these dimensions and those on which their sizes rest, each
  /// behind what it is computed from.
  mlir::ArrayAttr table(llvm::ArrayRef<mlir::StringAttr> dims) const;
  /// All dimensions in the order of binding.
  llvm::SmallVector<mlir::StringAttr> all() const;

  /// Names given when compiling that have named something.
  llvm::StringSet<> used;

private:
  struct Entry {
    SizeAttr size, fallback;
    bool fixed = false;
  };
  bool restsOn(SizeAttr size, mlir::StringAttr dim) const;
  void collect(mlir::StringAttr dim, llvm::SmallVectorImpl<mlir::StringAttr> &order) const;

  mlir::MLIRContext *context;
  const llvm::StringMap<int64_t> &given;
  llvm::MapVector<mlir::StringAttr, Entry> entries;
};

} // namespace ssm
