//===- Squares.cpp - distances by products ----------------------------------===//
//
//   sum[D] (a - b) ** 2  ->  sum[D] a ** 2 + sum[D] b ** 2 - 2 sum[D] a * b
//
// where a and b each have a dimension that the other lacks: the difference is never
// written, and what is left is a product of matrices. The terms are larger than their
// difference, so a and b must be stored in 16 bits: their products are exact in f32, and
// what is lost is less than storing them lost. Rounding may leave a distance slightly
// negative; it is cut at zero where a function follows that minds.
//
//===----------------------------------------------------------------------===//
#include "../Raise/Linearity.h"
#include "Patterns.h"

using namespace mlir;

namespace ssm {

static bool hasMore(Value a, Value b) {
  return llvm::any_of(getDims(a), [&](const NamedDim &dim) { return !hasDim(b, dim.name.getValue()); });
}

/// Digits of f32 are left over in what was stored in fewer.
static bool isStoredNarrow(Value value) {
  while (auto map = value.getDefiningOp<MapOp>()) {
    if (map.getFn() != MapFn::Cast)
      return false;
    value = map.getOperands()[0];
    if (getElement(value).isBF16() || getElement(value).isF16())
      return true;
  }
  return false;
}

/// Whether a value below zero would be seen: a root, a logarithm or a power of it, or
/// a use that is not known.
static bool mindsSign(Value value, unsigned depth = 0) {
  for (Operation *user : value.getUsers()) {
    auto map = llvm::dyn_cast<MapOp>(user);
    if (isa<SoftmaxOp>(user))
      continue;
    if (!map || depth > 8)
      return true;
    switch (map.getFn()) {
    case MapFn::Exp:
      continue;
    case MapFn::Add:
    case MapFn::Sub:
    case MapFn::Mul:
    case MapFn::Neg:
    case MapFn::Cast:
      break;
    case MapFn::Div:
      if (map.getOperands()[1] == value)
        return true;
      break;
    default:
      return true;
    }
    // A logarithm of exponentials takes any number.
    for (Operation *next : map->getUsers())
      if (auto reduce = llvm::dyn_cast<ReduceOp>(next); !reduce || reduce.getMonoid() != Monoid::LogSumExp)
        if (mindsSign(map.getResult(), depth + 1))
          return true;
  }
  return false;
}

namespace {

struct SquaredDifference : OpRewritePattern<ContractOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ContractOp op, PatternRewriter &rewriter) const override {
    if (op.getOperands().size() != 2 || op.getOperands()[0] != op.getOperands()[1])
      return rewriter.notifyMatchFailure(op, "no sum of squares");
    auto difference = op.getOperands()[0].getDefiningOp<MapOp>();
    if (!difference || difference.getFn() != MapFn::Sub)
      return rewriter.notifyMatchFailure(op, "what is squared is no difference");
    Type element = getElement(op);
    if (!element.isF32() && !element.isF64())
      return rewriter.notifyMatchFailure(op, "no real numbers");
    Value x = difference.getOperands()[0], y = difference.getOperands()[1];
    for (StringRef name : op.getDims().getAsValueRange<StringAttr>())
      if (!hasDim(x, name) || !hasDim(y, name))
        return rewriter.notifyMatchFailure(op, "a side lacks a dimension that is summed");
    if (!isStoredNarrow(x) || !isStoredNarrow(y))
      return rewriter.notifyMatchFailure(op, "what is squared is as exact as its sum, which would lose what is near");
    if (!hasMore(x, y) || !hasMore(y, x))
      return rewriter.notifyMatchFailure(op, "a side has all dimensions of the other, so that nothing is gained");
    NamedBuilder b = builderAt(rewriter, op);
    SmallVector<StringRef> dims(op.getDims().getAsValueRange<StringAttr>());
    Value cross = b.map(MapFn::Mul, {b.contract({x, y}, dims), makeScalar(b, element, 2)});
    Value norms = b.map(MapFn::Add, {b.contract({x, x}, dims), b.contract({y, y}, dims)});
    Value distance = b.map(MapFn::Sub, {norms, cross});
    if (mindsSign(op.getResult()))
      distance = b.map(MapFn::Max, {distance, makeScalar(b, element, 0)});
    rewriter.replaceOp(op, b.align(distance, op.getType()));
    return success();
  }
};

} // namespace

void addSquaresPatterns(RewritePatternSet &patterns) { patterns.add<SquaredDifference>(patterns.getContext()); }

} // namespace ssm
