//===- MakeKernels.h - clusters become ssm.kernel operations ----------------===//
#pragma once

#include "FuseGraph.h"

namespace ssm {

/// Makes a kernel of each cluster. Glue is copied into every kernel that needs its
/// value, unless it is the one user of what another kernel made: then it is that
/// kernel's last operation.
void makeKernels(mlir::func::FuncOp function, FuseGraph &graph);

/// A kernel of these nodes at the function's end, which nothing uses: to see how it could
/// be planned. Null where nothing needs what they make.
KernelOp makeTrialKernel(mlir::func::FuncOp function, FuseGraph &graph, llvm::ArrayRef<mlir::Operation *> nodes);

/// A copy by a kernel for each result that none makes (OwnResults.cpp).
void giveResultsKernels(mlir::func::FuncOp function);

} // namespace ssm
