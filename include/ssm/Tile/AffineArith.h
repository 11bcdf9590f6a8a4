//===- AffineArith.h - affine expressions as integer arithmetic -------------===//
#pragma once

#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace ssm {

/// The expression on integers of `type` (index or i32): division and remainder by a
/// power of two are a shift and a mask, by anything else round down. What is constant
/// is folded.
mlir::Value expandAffine(mlir::ImplicitLocOpBuilder &b, mlir::AffineExpr expression, mlir::ValueRange dims,
                         mlir::ValueRange symbols, mlir::Type type);

/// a + c and a c: of constants a constant, by a power of two a shift.
mlir::Value addIntegers(mlir::ImplicitLocOpBuilder &b, mlir::Value a, mlir::Value c);
mlir::Value multiplyIntegers(mlir::ImplicitLocOpBuilder &b, mlir::Value a, mlir::Value c);
/// a less the multiple of `by` below it.
mlir::Value remainder(mlir::ImplicitLocOpBuilder &b, mlir::Value a, mlir::Value by);
/// a / by, rounded down, and up.
mlir::Value floorDivide(mlir::ImplicitLocOpBuilder &b, mlir::Value a, mlir::Value by);
mlir::Value ceilDivide(mlir::ImplicitLocOpBuilder &b, mlir::Value a, mlir::Value by);

} // namespace ssm
