//===- Report.h - MLIR's diagnostics in the frontend's form -----------------===//
#pragma once

#include "ssm/Frontend/Program.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"

namespace ssm {

/// While it lives, what passes report about operations is printed as the
/// frontend prints its own messages: file, line, column, the line and a caret.
class Report {
public:
  Report(mlir::MLIRContext &context, Program &program);

private:
  void handle(mlir::Diagnostic &diagnostic);
  /// The place in the program's text, invalid where a location has none.
  llvm::SMLoc find(mlir::Location location);

  Program &program;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace ssm
