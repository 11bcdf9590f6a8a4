//===- Maximum.cpp - softmax and its kin, however they are written ----------===//
//
//   softmax[M] (x - c), c free of M       -> softmax[M] x
//   exp(x - logsumexp[M] x)               -> softmax[M] x
//
//===----------------------------------------------------------------------===//
#include "Patterns.h"

using namespace mlir;

namespace ssm {

static bool lacks(Value value, ArrayAttr dims) {
  return llvm::none_of(dims.getAsValueRange<StringAttr>(), [&](StringRef name) { return hasDim(value, name); });
}

namespace {

struct ShiftedSoftmax : OpRewritePattern<SoftmaxOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SoftmaxOp op, PatternRewriter &rewriter) const override {
    auto map = op.getOperand().getDefiningOp<MapOp>();
    if (!map || map.getFn() != MapFn::Sub)
      return rewriter.notifyMatchFailure(op, "nothing is subtracted");
    Value x = map.getOperands()[0], shift = map.getOperands()[1];
    auto maximum = shift.getDefiningOp<ReduceOp>();
    // Another shift might be infinite; a maximum is only where all is.
    if (!maximum || maximum.getMonoid() != Monoid::Max || maximum.getOperand() != x)
      return rewriter.notifyMatchFailure(op, "what is subtracted is no maximum of the same values");
    if (!lacks(shift, op.getDims()))
      return rewriter.notifyMatchFailure(op, "what is subtracted varies along the softmax");
    NamedBuilder b = builderAt(rewriter, op);
    Value soft = SoftmaxOp::create(b, x.getType(), x, op.getDims());
    rewriter.replaceOp(op, b.align(soft, op.getType()));
    return success();
  }
};

struct ExpOfNormalised : OpRewritePattern<MapOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MapOp op, PatternRewriter &rewriter) const override {
    auto difference = op.getFn() == MapFn::Exp ? op.getOperands()[0].getDefiningOp<MapOp>() : MapOp();
    if (!difference || difference.getFn() != MapFn::Sub)
      return rewriter.notifyMatchFailure(op, "no exponential of a difference");
    Value x = difference.getOperands()[0];
    auto total = difference.getOperands()[1].getDefiningOp<ReduceOp>();
    if (!total || total.getMonoid() != Monoid::LogSumExp || total.getOperand() != x)
      return rewriter.notifyMatchFailure(op, "what is subtracted is no logsumexp of the same values");
    NamedBuilder b = builderAt(rewriter, op);
    Value soft = SoftmaxOp::create(b, x.getType(), x, total.getDims());
    rewriter.replaceOp(op, b.align(soft, op.getType()));
    return success();
  }
};

} // namespace

void addMaximumPatterns(RewritePatternSet &patterns) {
  patterns.add<ShiftedSoftmax, ExpOfNormalised>(patterns.getContext());
}

} // namespace ssm
