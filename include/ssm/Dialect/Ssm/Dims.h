//===- Dims.h - tensors with named dimensions -------------------------------===//
//
// The one place that knows how names sit in a tensor type. A scalar is a tensor
// of rank 0 without an encoding; every other tensor of the dialect carries
// `#ssm.dims<...>`. Sizes are static where known.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/ValueRange.h"

namespace ssm {

/// A dimension of a tensor: its name and its static size or kDynamic.
struct NamedDim {
  mlir::StringAttr name;
  int64_t size = mlir::ShapedType::kDynamic;

  bool isStatic() const { return !mlir::ShapedType::isDynamic(size); }
  bool operator==(const NamedDim &other) const { return name == other.name && size == other.size; }
};
using NamedDims = llvm::SmallVector<NamedDim, 6>;

/// A ranked tensor of rank 0 without encoding, or one with `#ssm.dims`.
bool isNamedTensor(mlir::Type type);

/// The dimensions of a named tensor (or of a value of that type), in order.
NamedDims getDims(mlir::Type type);
NamedDims getDims(mlir::Value value);

/// The type with these dimensions, in this order.
mlir::RankedTensorType getTensorType(llvm::ArrayRef<NamedDim> dims, mlir::Type element);

/// The element type of a named tensor.
mlir::Type getElement(mlir::Value value);

/// Place of a name among dims, or nullopt.
std::optional<unsigned> findDim(llvm::ArrayRef<NamedDim> dims, llvm::StringRef name);
bool hasDim(mlir::Value value, llvm::StringRef name);

/// Union in order of first appearance; a static size wins over a dynamic one.
/// Returns the name where two static sizes differ.
std::optional<mlir::StringAttr> uniteDims(NamedDims &into, llvm::ArrayRef<NamedDim> more);
NamedDims uniteDims(mlir::ValueRange values);

/// Without the named ones.
NamedDims withoutDims(llvm::ArrayRef<NamedDim> dims, llvm::ArrayRef<llvm::StringRef> names);

/// Same set of names with compatible sizes, in any order.
bool sameDims(llvm::ArrayRef<NamedDim> a, llvm::ArrayRef<NamedDim> b);

/// "[B, H, N]", for messages.
std::string formatDims(llvm::ArrayRef<NamedDim> dims);

} // namespace ssm
