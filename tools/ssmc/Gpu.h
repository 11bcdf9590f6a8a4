//===- Gpu.h - kernels to machine code and launch plans ---------------------===//
#pragma once

#include "Options.h"

#include "ssm/Codegen/LaunchPlan.h"

#include "mlir/IR/BuiltinOps.h"

namespace ssm {

/// Whether entries of the module launch kernels.
bool launchesKernels(mlir::ModuleOp module);

/// Compiles the kernels of a module for the GPU that the options name, and makes the
/// plans of the entries that launch them. `reported` says whether a message was
/// printed.
llvm::Expected<GpuCode> compileForGpu(mlir::ModuleOp module, const Options &options,
                                      llvm::function_ref<bool()> reported);

} // namespace ssm
