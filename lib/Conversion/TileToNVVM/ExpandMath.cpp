//===- ExpandMath.cpp - tile-expand-math ------------------------------------===//
//
// A kernel has no libm. Functions that may not be approximated by one instruction are
// written out: upstream's polynomials for what they cover, powers by logarithms.
//
//===----------------------------------------------------------------------===//
#include "ssm/Conversion/TileToNVVM.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace ssm {
namespace {

/// LLVM's back end for these GPUs has them all.
bool isNative(Operation *op) {
  return isa<math::AbsFOp, math::AbsIOp, math::CeilOp, math::CopySignOp, math::CountLeadingZerosOp, math::CtPopOp,
             math::FloorOp, math::FmaOp, math::RoundEvenOp, math::RoundOp, math::RsqrtOp, math::SqrtOp, math::TruncOp>(op);
}

struct TileExpandMath : PassWrapper<TileExpandMath, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TileExpandMath)
  StringRef getArgument() const final { return "tile-expand-math"; }
  StringRef getDescription() const final {
    return "Write out the functions of lowered kernels that GPUs have no instruction for";
  }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<arith::ArithDialect, math::MathDialect>();
  }

  void runOnOperation() final {
    SmallVector<Operation *> functions;
    getOperation()->walk([&](Operation *op) {
      if (isa_and_nonnull<math::MathDialect>(op->getDialect()) && !isNative(op) && op->getParentOfType<LLVM::LLVMFuncOp>())
        functions.push_back(op);
    });
    if (functions.empty())
      return;
    RewritePatternSet patterns(&getContext());
    math::populateExpansionPatterns(patterns, {"exp2f", "powf", "fpowi", "ipowi", "sinh", "cosh", "asinh", "acosh", "atanh"});
    populateMathPolynomialApproximationPatterns(patterns, [](StringRef) { return true; });
    (void)applyOpPatternsGreedily(functions, FrozenRewritePatternSet(std::move(patterns)),
                                  GreedyRewriteConfig().setStrictness(GreedyRewriteStrictness::ExistingAndNewOps));
    WalkResult left = getOperation()->walk([&](Operation *op) {
      if (!isa_and_nonnull<math::MathDialect>(op->getDialect()) || isNative(op) || !op->getParentOfType<LLVM::LLVMFuncOp>())
        return WalkResult::advance();
      op->emitError("has no form for this GPU");
      return WalkResult::interrupt();
    });
    if (left.wasInterrupted())
      signalPassFailure();
  }
};

} // namespace

std::unique_ptr<Pass> createTileExpandMathPass() { return std::make_unique<TileExpandMath>(); }

} // namespace ssm
