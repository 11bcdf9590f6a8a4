//===- Target.h - the CPU that is compiled for ------------------------------===//
#pragma once

#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

#include <memory>
#include <string>
#include <vector>

namespace ssm {

/// A machine for position-independent code; `cpu` is `native` or one of LLVM's
/// names (`x86-64-v3`, `znver4`). An unknown name is an error that says which
/// are near.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createTargetMachine(llvm::StringRef cpu);

/// The instruction sets beyond the architecture's base that code for this machine
/// may use and that runtime/core/Cpu.cpp can look for, in LLVM's names.
std::vector<std::string> instructionSets(const llvm::TargetMachine &machine);

/// Whether it has instructions that widen and narrow f16; where not, LLVM calls the C
/// library for each element.
bool convertsF16(const llvm::TargetMachine &machine);

} // namespace ssm
