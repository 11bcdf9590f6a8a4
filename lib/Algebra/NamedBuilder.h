//===- NamedBuilder.h - short names for building by dimension name ----------===//
//
// Makes operations of the dialect whose result types follow from their operands
// and from a function's table of dimensions, and enters new dimensions there.
//
//   NamedBuilder b(function);
//   Value blocks = b.split(x, "I", {"W.n", "W.i"});
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ssm/Dialect/Ssm/Ssm.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

#include "llvm/ADT/MapVector.h"

namespace ssm {

class NamedBuilder : public mlir::ImplicitLocOpBuilder {
public:
  using Names = llvm::ArrayRef<llvm::StringRef>;

  explicit NamedBuilder(mlir::func::FuncOp function);

  // Dimensions.
  /// The dimension of that name, of static size where the function knows it.
  NamedDim dim(llvm::StringRef name) const;
  /// Enters a dimension of this size, under this name or one like it.
  mlir::StringAttr freshDim(const llvm::Twine &name, SizeAttr size);
  /// A second dimension as long as that one.
  mlir::StringAttr freshCopy(llvm::StringRef name);

  // Scalars and positions.
  mlir::Value integer(int64_t value);
  mlir::Value zero(mlir::Type element);
  mlir::Value size(llvm::StringRef name);
  mlir::Value pos(llvm::StringRef name);

  // Operations.
  mlir::Value map(MapFn fn, mlir::ValueRange operands) { return MapOp::create(*this, fn, operands); }
  mlir::Value map(MapFn fn, mlir::Value a, int64_t b) { return map(fn, {a, integer(b)}); }
  mlir::Value contract(mlir::ValueRange operands, Names dims) { return ContractOp::create(*this, operands, dims); }
  mlir::Value reduce(Monoid monoid, mlir::Value x, Names dims) { return ReduceOp::create(*this, monoid, x, dims); }
  mlir::Value gather(mlir::Value x, llvm::StringRef dim, mlir::Value index) {
    return GatherOp::create(*this, x, dim, index);
  }
  mlir::Value rename(mlir::Value x, Names from, Names to);
  mlir::Value split(mlir::Value x, llvm::StringRef dim, Names into);
  mlir::Value join(mlir::Value x, Names dims, llvm::StringRef into);
  mlir::Value scatterAdd(mlir::Value x, llvm::StringRef dim, mlir::Value index, llvm::StringRef into);
  mlir::Value align(mlir::Value x, mlir::RankedTensorType type);

private:
  mlir::func::FuncOp function;
  llvm::MapVector<mlir::StringAttr, DimAttr> table;
};

} // namespace ssm
