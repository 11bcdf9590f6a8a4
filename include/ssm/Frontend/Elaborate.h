//===- Elaborate.h - from a syntax tree to the ssm dialect ------------------===//
//
// Resolves names, infers element kinds and dimensions, inlines the layers that
// are called, and writes one module: `@forward`, and `@"init.NAME"` for every
// parameter and state. What is wrong with the program is reported through the
// program's diagnostics, with a null module as the result.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ssm/Frontend/Program.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringMap.h"

namespace ssm {

struct ElaborateOptions {
  /// Sizes fixed when compiling, by the dimension's or constant's name; those of
  /// called layers are `CALLEE.NAME`.
  llvm::StringMap<int64_t> dims;
};

/// Loads the dialects that it needs into the context. Not verified: the caller's
/// pass manager does that.
mlir::OwningOpRef<mlir::ModuleOp> elaborate(Program &program, const ast::Layer &layer,
                                            const ElaborateOptions &options, mlir::MLIRContext &context);

} // namespace ssm
