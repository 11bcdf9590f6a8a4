//===- Numbers.cpp - functions of numbers -----------------------------------===//
//
//   cast(rsqrt(64.0 : f64)) : f32   ->   0.125
//
// In f64, rounded once to the type: no further from the exact value than at run time.
//
//===----------------------------------------------------------------------===//
#include "../Raise/Linearity.h"
#include "Patterns.h"

#include <cmath>

using namespace mlir;

namespace ssm {

NamedBuilder builderAt(PatternRewriter &rewriter, Operation *op) {
  NamedBuilder b(op->getParentOfType<func::FuncOp>());
  b.setListener(rewriter.getListener());
  b.setInsertionPoint(op);
  b.setLoc(op->getLoc());
  return b;
}

double countElements(ArrayRef<NamedDim> dims) {
  double count = 1;
  for (const NamedDim &dim : dims)
    count *= dim.isStatic() ? static_cast<double>(dim.size) : 1024.0;
  return count;
}

/// The value of a function of numbers, or nothing where it is not a plain real one.
static std::optional<double> evaluate(MapFn fn, ArrayRef<double> x) {
  switch (fn) {
  case MapFn::Add:
    return x[0] + x[1];
  case MapFn::Sub:
    return x[0] - x[1];
  case MapFn::Mul:
    return x[0] * x[1];
  case MapFn::Div:
    return x[0] / x[1];
  case MapFn::Pow:
    return std::pow(x[0], x[1]);
  case MapFn::Neg:
    return -x[0];
  case MapFn::Abs:
    return std::fabs(x[0]);
  case MapFn::Exp:
    return std::exp(x[0]);
  case MapFn::Log:
    return std::log(x[0]);
  case MapFn::Sqrt:
    return std::sqrt(x[0]);
  case MapFn::Rsqrt:
    return 1 / std::sqrt(x[0]);
  case MapFn::Sin:
    return std::sin(x[0]);
  case MapFn::Cos:
    return std::cos(x[0]);
  case MapFn::Cast:
    return x[0];
  default:
    return std::nullopt;
  }
}

namespace {

struct FoldNumbers : OpRewritePattern<MapOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MapOp op, PatternRewriter &rewriter) const override {
    Type element = getElement(op);
    if (!getDims(op).empty() || (!element.isF32() && !element.isF64()))
      return rewriter.notifyMatchFailure(op, "no real number");
    SmallVector<double> numbers;
    for (Value operand : op.getOperands()) {
      auto constant = operand.getDefiningOp<arith::ConstantOp>();
      std::optional<double> number = constant ? getScalar(operand) : std::nullopt;
      if (!number)
        return rewriter.notifyMatchFailure(op, "an operand is no number");
      numbers.push_back(*number);
    }
    std::optional<double> value = evaluate(op.getFn(), numbers);
    if (!value)
      return rewriter.notifyMatchFailure(op, "a function that is not evaluated here");
    NamedBuilder b = builderAt(rewriter, op);
    rewriter.replaceOp(op, makeScalar(b, element, element.isF32() ? static_cast<float>(*value) : *value));
    return success();
  }
};

} // namespace

void addNumberPatterns(RewritePatternSet &patterns) {
  patterns.add<FoldNumbers>(patterns.getContext());
}

} // namespace ssm
