//===- Normalize.cpp - the pass ssm-normalize -------------------------------===//
#include "Patterns.h"
#include "ssm/Algebra/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace ssm {

namespace {

struct NormalizePass : PassWrapper<NormalizePass, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(NormalizePass)
  StringRef getArgument() const override { return "ssm-normalize"; }
  StringRef getDescription() const override { return "Canonical algebra: one way of writing what has several"; }

  void runOnOperation() override {
    hoistFromScans(getOperation());
    RewritePatternSet patterns(&getContext());
    for (RegisteredOperationName op : getContext().getRegisteredOperations())
      if (isa_and_nonnull<SsmDialect>(&op.getDialect()))
        op.getCanonicalizationPatterns(patterns, &getContext());
    addNumberPatterns(patterns);
    addContractPatterns(patterns);
    addMaximumPatterns(patterns);
    addSquaresPatterns(patterns);
    addReassociatePatterns(patterns);
    GreedyRewriteConfig config;
    config.enableFolding(true);
    (void)applyPatternsGreedily(getOperation(), std::move(patterns), config);
  }
};

} // namespace

std::unique_ptr<Pass> createNormalizePass() { return std::make_unique<NormalizePass>(); }

} // namespace ssm
