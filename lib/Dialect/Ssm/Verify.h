//===- Verify.h - what the verifiers share ----------------------------------===//
#pragma once

#include "ssm/Dialect/Ssm/Ssm.h"

namespace ssm {

/// dims without the named ones; reports a name that dims lack or that comes twice.
llvm::FailureOr<NamedDims> removeDims(mlir::Operation *op, llvm::ArrayRef<NamedDim> dims, mlir::ArrayAttr names);

/// The result has these dimensions (in any order) and this element type.
llvm::LogicalResult verifyResult(mlir::Operation *op, mlir::Value result, llvm::ArrayRef<NamedDim> dims,
                                 mlir::Type element);

} // namespace ssm
