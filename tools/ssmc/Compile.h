//===- Compile.h - from a program to what was asked for ---------------------===//
#pragma once

#include "Options.h"
#include "Output.h"

#include "ssm/Frontend/Program.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace ssm {

/// Compiles one layer up to the stage that the options name and writes it out.
/// What is wrong with the program is reported through its diagnostics; what else
/// goes wrong is the error's sentence. Nothing is written where it fails.
llvm::Error compile(Program &program, const ast::Layer &layer, const Options &options);

/// The same for a file of the ssm dialect, as `--emit ssm` prints it.
llvm::Error compileMlir(const Options &options);

/// Text to the output or to standard output.
llvm::Error writeText(const Options &options, llvm::StringRef text);

} // namespace ssm
