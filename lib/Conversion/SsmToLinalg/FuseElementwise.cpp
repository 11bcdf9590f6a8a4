//===- FuseElementwise.cpp - the pass ssm-fuse-elementwise ------------------===//
//
// Upstream's fusion of elementwise linalg operations, with a rule of its own for
// what is worth it: a producer goes into its one consumer where the consumer has
// no more loops than the producer, or where what it computes is cheap.
//
//===----------------------------------------------------------------------===//
#include "ssm/Conversion/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

/// A few operations, none of them a function of libm, a read or a branch.
static bool isCheap(linalg::GenericOp producer) {
  unsigned operations = 0;
  for (Operation &op : producer.getBody()->without_terminator()) {
    if (isa<math::MathDialect>(op.getDialect()) || op.getNumRegions() || isa<tensor::ExtractOp>(op))
      return false;
    if (!isa<arith::ConstantOp>(op))
      ++operations;
  }
  return operations <= 4;
}

static bool isWorthwhile(OpOperand *fused) {
  auto producer = fused->get().getDefiningOp<linalg::GenericOp>();
  auto consumer = dyn_cast<linalg::GenericOp>(fused->getOwner());
  if (!producer || !consumer || !fused->get().hasOneUse())
    return false;
  // A loop around the consumer alone would compute the producer again each time.
  if (producer->getBlock() != consumer->getBlock())
    return false;
  return consumer.getNumLoops() <= producer.getNumLoops() || isCheap(producer);
}

namespace ssm {

namespace {
/// What was fused into its use stays behind where its body may report an error:
/// the copy in the use reports it too.
struct EraseUnused : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(linalg::GenericOp op, PatternRewriter &rewriter) const override {
    if (!op.hasPureTensorSemantics() || !op->use_empty())
      return failure();
    rewriter.eraseOp(op);
    return success();
  }
};

struct FuseElementwise : PassWrapper<FuseElementwise, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(FuseElementwise)
  StringRef getArgument() const override { return "ssm-fuse-elementwise"; }
  StringRef getDescription() const override {
    return "Fuse elementwise linalg operations where that computes nothing costly twice";
  }
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, isWorthwhile);
    patterns.add<EraseUnused>(&getContext(), /*benefit=*/2);
    linalg::populateEraseUnusedOperandsAndResultsPatterns(patterns);
    linalg::GenericOp::getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
  }
};
} // namespace

std::unique_ptr<Pass> createFuseElementwisePass() { return std::make_unique<FuseElementwise>(); }

} // namespace ssm
