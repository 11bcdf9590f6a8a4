//===- ssm-opt.cpp - the pass driver ----------------------------------------===//
//
// mlir-opt for this project: reads IR, runs passes or a named pipeline, prints.
//
//===----------------------------------------------------------------------===//
#include "ssm/Dialect/Ssm/Ssm.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<ssm::SsmDialect, mlir::arith::ArithDialect, mlir::complex::ComplexDialect, mlir::func::FuncDialect>();
  mlir::registerCanonicalizerPass();
  mlir::registerCSEPass();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "ssm pass driver\n", registry));
}
