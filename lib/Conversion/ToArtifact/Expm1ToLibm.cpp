//===- Expm1ToLibm.cpp - the pass ssm-expm1-to-libm -------------------------===//
#include "ssm/Conversion/ToArtifact.h"

#include "mlir/Conversion/MathToLibm/MathToLibm.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Transforms/DialectConversion.h"

using namespace mlir;

namespace ssm {

namespace {
struct Expm1ToLibm : PassWrapper<Expm1ToLibm, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(Expm1ToLibm)
  StringRef getArgument() const override { return "ssm-expm1-to-libm"; }
  StringRef getDescription() const override { return "Call libm for exp(x) - 1, which LLVM has no intrinsic for"; }
  void getDependentDialects(DialectRegistry &registry) const override { registry.insert<func::FuncDialect>(); }
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateMathToLibmConversionPatterns(patterns);
    ConversionTarget target(getContext());
    target.markUnknownOpDynamicallyLegal([](Operation *op) { return !isa<math::ExpM1Op>(op); });
    if (failed(applyPartialConversion(getOperation(), target, std::move(patterns))))
      return signalPassFailure();
  }
};
} // namespace

std::unique_ptr<Pass> createExpm1ToLibmPass() { return std::make_unique<Expm1ToLibm>(); }

} // namespace ssm
