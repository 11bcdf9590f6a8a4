//===- PlanFile.h - plans that a person wrote -------------------------------===//
#pragma once

#include "ssm/Dialect/Ssm/Kernel.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"

namespace ssm {

/// A plan and the line it stands in.
struct PlanEntry {
  PlanAttr plan;
  unsigned line;
};

/// Reads `KERNEL = <form = ..., own = [...], ...>`, an entry a line; `#` begins a comment
/// where it stands first. Kernels are called as --explain and the remarks call them.
llvm::Expected<llvm::StringMap<PlanEntry>> readPlanFile(llvm::StringRef text, llvm::StringRef name,
                                                        mlir::MLIRContext *context);

} // namespace ssm
