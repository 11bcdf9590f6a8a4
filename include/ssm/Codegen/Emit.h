//===- Emit.h - from the LLVM dialect to objects and artifacts --------------===//
//
// The last stages: a module in the LLVM dialect becomes LLVM IR, is optimised,
// becomes an object, and is linked with the shared part of all artifacts.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

#include <memory>
#include <string>

namespace ssm {

/// Translates, hides all but the entries (the external functions named in
/// `symbols`), and embeds the description and the code for GPUs. Fails with a
/// sentence that names what is missing.
llvm::Expected<std::unique_ptr<llvm::Module>> translateToLLVMIR(mlir::ModuleOp module, llvm::LLVMContext &context,
                                                                llvm::TargetMachine &machine,
                                                                llvm::ArrayRef<std::string> symbols,
                                                                llvm::StringRef description,
                                                                llvm::StringRef gpuCode = "");

/// LLVM's O2, with the machine's costs.
void optimise(llvm::Module &module, llvm::TargetMachine &machine);

/// The machine code as a relocatable object.
llvm::Error emitObject(llvm::Module &module, llvm::TargetMachine &machine, llvm::raw_pwrite_stream &os);

/// Links an object with the shared part of artifacts (`stub`, an object) to a
/// shared library that needs libc and libm only, and seals it.
llvm::Error linkArtifact(llvm::StringRef object, llvm::StringRef stub, llvm::StringRef soname, llvm::StringRef output);

/// Writes the checksum of a linked artifact into it.
llvm::Error sealArtifact(llvm::StringRef path);

} // namespace ssm
