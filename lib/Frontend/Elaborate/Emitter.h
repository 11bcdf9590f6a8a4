//===- Emitter.h - values of a layer and the operations on them -------------===//
//
// Writes ssm operations at one place of the module. It knows kinds and dimensions
// and nothing of syntax; its callers have checked what a user can get wrong.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "DimTable.h"
#include "Kinds.h"

namespace ssm {

/// A value with its kind: a tensor in the kind's compute type, or a structured
/// matrix. Null after an error.
struct Val {
  mlir::Value v;
  Kind kind = Kind::Bool;
  /// The state whose value at the start of the call this is, or empty.
  llvm::StringRef state;

  explicit operator bool() const { return static_cast<bool>(v); }
  bool isMatrix() const { return llvm::isa<MatrixType>(v.getType()); }
  MatrixType matrix() const { return llvm::cast<MatrixType>(v.getType()); }
  NamedDims dims() const { return getDims(v); }
};

class Emitter {
public:
  Emitter(mlir::MLIRContext *context, DimTable &dims)
      : b(mlir::UnknownLoc::get(context), context), dims(dims) {}

  mlir::ImplicitLocOpBuilder b;
  DimTable &dims;

  // Leaves.
  Val integer(int64_t value);
  Val real(double value); // a free one
  Val boolean(bool value);
  Val size(mlir::StringAttr dim);
  Val pos(mlir::StringAttr dim);

  // Pointwise; `map` wants operands of one kind.
  Val convert(Val value, Kind kind);
  Val map(MapFn fn, llvm::ArrayRef<Val> operands);
  /// Of operands brought to the kind.
  Val mapIn(Kind kind, MapFn fn, llvm::ArrayRef<Val> operands);
  Val select(Val condition, Val yes, Val no);
  /// A tensor of the storage type, read into its kind.
  Val load(mlir::Value stored, llvm::StringRef element);
  /// Rounded to the storage type (no more than that).
  mlir::Value round(Val value, llvm::StringRef element);

  // Dimensions.
  /// Broadcast and in that order.
  mlir::Value align(mlir::Value value, llvm::ArrayRef<NamedDim> to);
  Val align(Val value, llvm::ArrayRef<NamedDim> to) { return {align(value.v, to), value.kind, {}}; }
  /// Broadcast along the dimensions that it lacks; its own stay in front.
  Val widen(Val value, llvm::ArrayRef<NamedDim> more);
  Val rename(Val value, llvm::ArrayRef<mlir::StringAttr> from, llvm::ArrayRef<mlir::StringAttr> to);
  Val gather(Val value, llvm::ArrayRef<mlir::StringAttr> at, llvm::ArrayRef<Val> indices);

  // Sums.
  Val reduce(Monoid monoid, Val value, llvm::ArrayRef<mlir::StringAttr> over);
  Val contract(llvm::ArrayRef<Val> factors, llvm::ArrayRef<mlir::StringAttr> over);

  // Structured matrices.
  Val materialize(Val matrix);
  /// The same matrix of parts in another element type.
  Val convertMatrix(Val matrix, Kind kind);
  Val apply(Val matrix, Val operand);
  /// All dimensions of a matrix in order of first appearance, which is its operands' unless
  /// it is said to be another.
  NamedDims matrixDims(mlir::Value matrix);
  void orderMatrix(mlir::Value matrix, NamedDims order) { matrixOrders[matrix] = std::move(order); }
  /// Of a matrix too.
  NamedDims dimsOf(const Val &value) { return value.isMatrix() ? matrixDims(value.v) : value.dims(); }

private:
  Val constant(mlir::Attribute value, Kind kind);
  mlir::Value rebuild(mlir::Value matrix, mlir::Type element, Kind kind);

  llvm::DenseMap<mlir::Value, NamedDims> matrixOrders;
};

} // namespace ssm
