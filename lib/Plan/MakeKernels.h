//===- MakeKernels.h - clusters become ssm.kernel operations ----------------===//
#pragma once

#include "FuseGraph.h"

namespace ssm {

/// Makes a kernel of each cluster. Glue is copied into every kernel that needs its
/// value, unless it is the one user of what another kernel made: then it is that
/// kernel's last operation.
void makeKernels(mlir::func::FuncOp function, FuseGraph &graph);

} // namespace ssm
