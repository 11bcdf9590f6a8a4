//===- FunctionTable.h - maps by the kind of their operands -----------------===//
//
// What Functions.cpp dispatches to; null where the map has no meaning there, which
// the verifier of `ssm.map` has refused.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Functions.h"
#include "Scalar.h"

namespace ssm {

mlir::Value emitReal(Place &at, MapFn fn, mlir::ValueRange operands);
/// Of i64, and of i1.
mlir::Value emitInteger(Place &at, MapFn fn, mlir::ValueRange operands);
mlir::Value emitComplex(Place &at, MapFn fn, mlir::ValueRange operands);
/// The same on real and imaginary parts, two values an operand; one for what is real.
llvm::SmallVector<mlir::Value, 2> emitComplexParts(Place &at, MapFn fn, mlir::ValueRange parts);

/// 1 / (1 + exp(-x)).
Real sigmoid(const Real &x);

} // namespace ssm
