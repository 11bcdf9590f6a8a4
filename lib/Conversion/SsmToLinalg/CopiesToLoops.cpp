//===- CopiesToLoops.cpp - the pass ssm-copies-to-loops ---------------------===//
//
// A memref.copy between dense buffers becomes a memcpy, one of slices a call into
// MLIR's own runtime, which an artifact does not have. This makes loops of those.
//
//===----------------------------------------------------------------------===//
#include "ssm/Conversion/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace ssm {

static bool isDense(Value buffer) { return llvm::cast<MemRefType>(buffer.getType()).getLayout().isIdentity(); }

namespace {
struct CopiesToLoops : PassWrapper<CopiesToLoops, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(CopiesToLoops)
  StringRef getArgument() const override { return "ssm-copies-to-loops"; }
  StringRef getDescription() const override { return "Copy slices of buffers element by element"; }
  void getDependentDialects(DialectRegistry &registry) const override { registry.insert<linalg::LinalgDialect>(); }
  void runOnOperation() override {
    getOperation().walk([](memref::CopyOp copy) {
      if (isDense(copy.getSource()) && isDense(copy.getTarget()))
        return;
      OpBuilder b(copy);
      linalg::CopyOp::create(b, copy.getLoc(), ValueRange{copy.getSource()}, ValueRange{copy.getTarget()});
      copy.erase();
    });
  }
};
} // namespace

std::unique_ptr<Pass> createCopiesToLoopsPass() { return std::make_unique<CopiesToLoops>(); }

} // namespace ssm
