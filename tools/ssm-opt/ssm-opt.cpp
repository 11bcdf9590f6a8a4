//===- ssm-opt.cpp - the pass driver ----------------------------------------===//
#include "../HideOptions.h"

#include "ssm/Pipelines/Pipelines.h"

#include "mlir/Tools/mlir-opt/MlirOptMain.h"

static constexpr llvm::StringLiteral overview = R"(runs passes and pipelines on MLIR text and prints the result

  ssmc s4d.ssm --emit ssm | ssm-opt --ssm-to-linalg-pipeline
                                     what becomes of a layer
  ssm-opt s4d.mlir                   checks a file and prints it in its canonical form
  ssm-opt s4d.mlir --canonicalize --cse
                                     passes, in the order given
  ssm-opt s4d.mlir --ssm-pipeline --ssm-to-linalg-pipeline --ssm-to-llvm-pipeline
                                     all that ssmc does before LLVM
  ssm-opt s4d.mlir --ssm-to-linalg-pipeline --mlir-print-ir-after-all
                                     the module after each pass

The input is FILE.mlir, or standard input; -o FILE writes to a file.)";

int main(int argc, char **argv) {
  ssm::hideLibraryOptions();
  mlir::DialectRegistry registry;
  ssm::registerDialects(registry);
  ssm::registerPasses();
  ssm::registerPipelines();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, overview, registry));
}
