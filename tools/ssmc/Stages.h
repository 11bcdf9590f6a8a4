//===- Stages.h - a module of the ssm dialect to what was asked for ---------===//
#pragma once

#include "Options.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/Error.h"

namespace ssm {

/// What is wrong has been printed already; only the exit code is left to set.
class Reported : public llvm::ErrorInfo<Reported> {
public:
  static char ID;
  void log(llvm::raw_ostream &os) const override { os << "reported"; }
  std::error_code convertToErrorCode() const override { return std::make_error_code(std::errc::invalid_argument); }
};

/// Takes the module through the pipelines and LLVM as far as the options say and
/// writes the result. `reported` says whether a message of a pass was printed.
llvm::Error runStages(mlir::ModuleOp module, const Options &options, llvm::function_ref<bool()> reported);

/// Prints, with --time, how long something took: it lives as long.
class StageTimer {
public:
  StageTimer(const Options &options, llvm::StringRef name);
  ~StageTimer();

private:
  bool show;
  std::string name;
  double start;
};

} // namespace ssm
