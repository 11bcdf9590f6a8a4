//===- Explain.h - the compiler's decisions, for a person -------------------===//
#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/raw_ostream.h"

#include <string>
#include <vector>

namespace ssm {

/// While it lives it gathers what passes remark on; `print` then says what became one
/// kernel, what did not and why, and for each kernel its plan beside the ones that
/// lost, what it moves and computes, and the bound.
class Explanation {
public:
  explicit Explanation(mlir::MLIRContext *context);

  void print(mlir::ModuleOp module, llvm::raw_ostream &os) const;

private:
  mlir::LogicalResult note(mlir::Diagnostic &diagnostic);

  std::vector<std::string> remarks; // about what was recognised and what was not fused
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace ssm
