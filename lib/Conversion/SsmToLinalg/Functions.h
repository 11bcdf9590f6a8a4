//===- Functions.h - scalar code for what maps and monoids mean -------------===//
//
// Emits one application to scalars: the bodies of the loops that Lowering.h makes.
// Elements are i1, i64, f32, f64, complex<f32>, complex<f64>; casts and selects
// also take the storage types bf16, f16, i32. Operands that are tensors of one shape
// give a tensor, element by element (whole powers and complex elements excepted).
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ssm/Dialect/Ssm/Ssm.h"

namespace ssm {

/// fn(operands...), of the given element type.
mlir::Value emitMap(mlir::OpBuilder &b, mlir::Location loc, MapFn fn, mlir::ValueRange operands, mlir::Type element);

/// Rounds to nearest even; reals to integers truncate and saturate, NaN gives 0;
/// to i1 tests for non-zero; i8 is a stored bool. A cast to the type that the value
/// has is the value.
mlir::Value emitCast(mlir::OpBuilder &b, mlir::Location loc, mlir::Value value, mlir::Type element);

/// What a reduction starts from.
mlir::Value emitIdentity(mlir::OpBuilder &b, mlir::Location loc, Monoid monoid, mlir::Type element);

/// One more element; max and min hand on NaN.
mlir::Value emitCombine(mlir::OpBuilder &b, mlir::Location loc, Monoid monoid, mlir::Value accumulator,
                        mlir::Value element);

} // namespace ssm
