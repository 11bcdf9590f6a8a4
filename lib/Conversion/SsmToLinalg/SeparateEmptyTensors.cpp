//===- SeparateEmptyTensors.cpp - the pass ssm-separate-empty-tensors -------===//
//
// Two empty tensors of one size are the same value, and cse makes them one.
// Bufferization takes their contents for undefined, so it sees no conflict in
// giving two results that are alive at once the one buffer. Here each use gets an
// empty tensor of its own, just before it:
//
//   %e = tensor.empty(%n)                      %e1, %e2 = tensor.empty(%n)
//   scf.for ... iter_args(%a = %e, %b = %e)    scf.for ... iter_args(%a = %e1, %b = %e2)
//
//===----------------------------------------------------------------------===//
#include "ssm/Conversion/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace ssm {

namespace {
struct SeparateEmptyTensors : PassWrapper<SeparateEmptyTensors, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(SeparateEmptyTensors)
  StringRef getArgument() const override { return "ssm-separate-empty-tensors"; }
  StringRef getDescription() const override { return "Give each use of an empty tensor one of its own"; }
  void runOnOperation() override {
    SmallVector<tensor::EmptyOp> shared;
    getOperation().walk([&](tensor::EmptyOp op) { shared.push_back(op); });
    for (tensor::EmptyOp op : shared) {
      for (OpOperand &use : llvm::make_early_inc_range(op->getUses())) {
        OpBuilder b(use.getOwner());
        use.set(b.clone(*op)->getResult(0));
      }
      op.erase();
    }
  }
};
} // namespace

std::unique_ptr<Pass> createSeparateEmptyTensorsPass() { return std::make_unique<SeparateEmptyTensors>(); }

} // namespace ssm
