//===- Target.h - the CPU that is compiled for ------------------------------===//
#pragma once

#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

#include <memory>

namespace ssm {

/// A machine for position-independent code; `cpu` is `native` or one of LLVM's
/// names (`x86-64-v3`, `znver4`). An unknown name is an error that says which
/// are near.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createTargetMachine(llvm::StringRef cpu);

} // namespace ssm
