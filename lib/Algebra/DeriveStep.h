//===- DeriveStep.h - what the parts of ssm-derive-step share ---------------===//
//
//   StepChecks.cpp      refuses what looks ahead along the stepped dimension
//   DerivedStates.cpp   carries what looks back in further states of @forward
//   StepEntry.cpp       writes @step, the amended @forward for one position
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ssm/Dialect/Ssm/Ssm.h"

namespace ssm {

/// Reports every operation that has no meaning for one position at a time.
llvm::LogicalResult checkSteppable(mlir::func::FuncOp forward, llvm::StringRef dim);

/// Adds the derived states to @forward, with their initialisers.
void deriveStates(mlir::func::FuncOp forward, llvm::StringRef dim);

/// Adds @step behind @forward.
void makeStepEntry(mlir::func::FuncOp forward, llvm::StringRef dim);

/// The scans along the dimension whose carry advances a state: the result of the
/// function that is a state is that carry's final value.
llvm::DenseSet<mlir::Value> advancingFinals(mlir::func::FuncOp forward, llvm::StringRef dim);

} // namespace ssm
