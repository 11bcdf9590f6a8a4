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
// The same for tensors filled with a number, which sums start from: two results that
// begin as one would each be written over the other's.
//
//===----------------------------------------------------------------------===//
#include "ssm/Conversion/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace ssm {

namespace {
struct SeparateEmptyTensors : PassWrapper<SeparateEmptyTensors, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(SeparateEmptyTensors)
  StringRef getArgument() const override { return "ssm-separate-empty-tensors"; }
  StringRef getDescription() const override { return "Give each use of an empty or filled tensor one of its own"; }

  /// A tensor whose elements depend on no other tensor's.
  static bool startsAnew(Operation *op) {
    if (isa<tensor::EmptyOp>(op))
      return true;
    auto fill = llvm::dyn_cast<linalg::LinalgOp>(op);
    return fill && op->getNumResults() == 1 && fill.getNumLoops() == fill.getNumParallelLoops() &&
           llvm::none_of(fill.getDpsInputs(), [](Value input) { return isa<RankedTensorType>(input.getType()); }) &&
           fill.getDpsInits()[0].getDefiningOp<tensor::EmptyOp>();
  }

  void runOnOperation() override {
    // A fill comes after the empty tensor that it fills: its copies have to be there first.
    SmallVector<Operation *> shared;
    getOperation().walk([&](Operation *op) {
      if (startsAnew(op))
        shared.push_back(op);
    });
    for (Operation *op : llvm::reverse(shared)) {
      for (OpOperand &use : llvm::make_early_inc_range(op->getUses())) {
        // What is only read may be shared.
        auto writer = llvm::dyn_cast<DestinationStyleOpInterface>(use.getOwner());
        bool written = (writer && writer.isDpsInit(&use)) || isa<LoopLikeOpInterface>(use.getOwner());
        if (!isa<tensor::EmptyOp>(op) && !written)
          continue;
        OpBuilder b(use.getOwner());
        use.set(b.clone(*op)->getResult(0));
      }
      if (op->use_empty())
        op->erase();
    }
  }
};
} // namespace

std::unique_ptr<Pass> createSeparateEmptyTensorsPass() { return std::make_unique<SeparateEmptyTensors>(); }

} // namespace ssm
