//===- Expand.h - composite operations by their parts -----------------------===//
#pragma once

#include "ssm/Dialect/Ssm/Ssm.h"

namespace ssm {

class Target;

/// Writes what a kernel has no operation for by what it has: softmax, logsumexp,
/// argmax and running combinations by reductions, maps and scans. Picks by an index
/// that may lie outside get a check of their own beside them, since a kernel cannot
/// fail.
void expandForKernels(mlir::func::FuncOp function);

/// Takes means that are subtracted from what they are of in f64, or in two steps of f32
/// (Centre.cpp).
void centreByParts(mlir::func::FuncOp function, bool wide);

/// Carries running sums in f64 (RunningSum.cpp).
void carryRunningSumsWide(mlir::func::FuncOp function);

/// Runs complex sums that use their elements rarely, and what a kernel makes of them, in
/// f64 (WideSums.cpp).
void runComplexSumsWide(mlir::func::FuncOp function);

/// Fourier transforms that keep few modes by products with their matrix (Fourier.cpp).
void multiplyFewModes(mlir::func::FuncOp function, const Target &target);

/// Marks convolutions that take less time by Fourier transforms (Convolutions.cpp).
void transformLongConvolutions(mlir::func::FuncOp function, const Target &target);

} // namespace ssm
