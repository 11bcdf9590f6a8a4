//===- Contract.cpp - sums of products --------------------------------------===//
//
//   sum[D] of a * b                                 -> contract(a, b) over D
//   contract(a * b, c), the product wider than both -> contract(a, b, c)
//   contract(-a, b)                                 -> -contract(a, b)
//   contract(e / r, v), r a reduction over what is summed -> contract(e, v) / r
//   contract(p - q, v), p or q a softmax over what is summed -> contract(p, v) - contract(q, v)
//   contract(c * p, v), p a softmax, c free of what is summed -> c * contract(p, v)
//
//===----------------------------------------------------------------------===//
#include "Patterns.h"

using namespace mlir;

namespace ssm {

static bool isNumber(Type element) {
  return element.isF32() || element.isF64() || llvm::isa<ComplexType>(element);
}

static MapOp product(Value value) {
  auto map = value.getDefiningOp<MapOp>();
  return map && map.getFn() == MapFn::Mul ? map : MapOp();
}

static SmallVector<StringRef> namesOf(ArrayAttr dims) { return SmallVector<StringRef>(dims.getAsValueRange<StringAttr>()); }

/// Whether a value comes, through pointwise operations, from a reduction over one of
/// the dimensions.
static bool comesFromReduction(Value value, ArrayRef<StringRef> dims, unsigned depth = 0) {
  Operation *op = value.getDefiningOp();
  auto over = [&](ArrayAttr names) {
    return llvm::any_of(names.getAsValueRange<StringAttr>(), [&](StringRef name) { return llvm::is_contained(dims, name); });
  };
  if (auto reduce = llvm::dyn_cast_or_null<ReduceOp>(op))
    return over(reduce.getDims());
  if (auto contract = llvm::dyn_cast_or_null<ContractOp>(op))
    return over(contract.getDims());
  if (!llvm::isa_and_nonnull<MapOp, AlignOp>(op) || depth > 8)
    return false;
  return llvm::any_of(op->getOperands(), [&](Value operand) { return comesFromReduction(operand, dims, depth + 1); });
}

static bool lacks(Value value, ArrayRef<StringRef> dims) {
  return llvm::none_of(dims, [&](StringRef name) { return hasDim(value, name); });
}

namespace {

struct SumOfProduct : OpRewritePattern<ReduceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReduceOp op, PatternRewriter &rewriter) const override {
    if (op.getMonoid() != Monoid::Add || !isNumber(getElement(op)))
      return rewriter.notifyMatchFailure(op, "no sum of real or complex numbers");
    MapOp factors = product(op.getOperand());
    if (!factors)
      return rewriter.notifyMatchFailure(op, "no sum of a product");
    if (!factors->hasOneUse())
      return rewriter.notifyMatchFailure(op, "the product is used elsewhere too");
    NamedBuilder b = builderAt(rewriter, op);
    Value sum = b.contract(factors.getOperands(), namesOf(op.getDims()));
    rewriter.replaceOp(op, b.align(sum, op.getType()));
    return success();
  }
};

struct FlattenProduct : OpRewritePattern<ContractOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ContractOp op, PatternRewriter &rewriter) const override {
    SmallVector<Value> operands;
    bool changed = false;
    for (Value operand : op.getOperands()) {
      MapOp factors = product(operand);
      auto narrower = [&](Value factor) { return getDims(factor).size() < getDims(operand).size(); };
      if (factors && factors->hasOneUse() && llvm::all_of(factors.getOperands(), narrower)) {
        operands.append(factors.getOperands().begin(), factors.getOperands().end());
        changed = true;
      } else {
        operands.push_back(operand);
      }
    }
    if (!changed)
      return rewriter.notifyMatchFailure(op, "no factor is a product wider than its own factors");
    NamedBuilder b = builderAt(rewriter, op);
    rewriter.replaceOp(op, b.align(b.contract(operands, namesOf(op.getDims())), op.getType()));
    return success();
  }
};

struct NegativeFactor : OpRewritePattern<ContractOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ContractOp op, PatternRewriter &rewriter) const override {
    SmallVector<Value> operands(op.getOperands());
    for (Value &operand : operands) {
      auto map = operand.getDefiningOp<MapOp>();
      if (!map || map.getFn() != MapFn::Neg || !map->hasOneUse())
        continue;
      operand = map.getOperands()[0];
      NamedBuilder b = builderAt(rewriter, op);
      Value sum = b.map(MapFn::Neg, b.contract(operands, namesOf(op.getDims())));
      rewriter.replaceOp(op, b.align(sum, op.getType()));
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no factor is negated");
  }
};

/// A divisor that waits for the whole of what is summed divides the sum: the sum need
/// then not wait for it.
struct LateDivisor : OpRewritePattern<ContractOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ContractOp op, PatternRewriter &rewriter) const override {
    SmallVector<StringRef> dims = namesOf(op.getDims());
    SmallVector<Value> operands(op.getOperands());
    for (Value &operand : operands) {
      auto map = operand.getDefiningOp<MapOp>();
      if (!map || map.getFn() != MapFn::Div || !map->hasOneUse())
        continue;
      Value divisor = map.getOperands()[1];
      if (!lacks(divisor, dims) || !comesFromReduction(divisor, dims))
        continue;
      operand = map.getOperands()[0];
      NamedBuilder b = builderAt(rewriter, op);
      Value quotient = b.map(MapFn::Div, {b.contract(operands, dims), divisor});
      if (!sameDims(getDims(quotient), getDims(op)))
        return rewriter.notifyMatchFailure(op, "the divisor alone has a dimension");
      rewriter.replaceOp(op, b.align(quotient, op.getType()));
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no factor is divided by a reduction over what is summed");
  }
};

/// A softmax times something.
SoftmaxOp weightedSoftmax(Value value) {
  while (auto map = value.getDefiningOp<MapOp>()) {
    if (map.getFn() == MapFn::Neg) {
      value = map.getOperands()[0];
      continue;
    }
    if (map.getFn() != MapFn::Mul)
      return {};
    for (Value factor : map.getOperands())
      if (SoftmaxOp softmax = weightedSoftmax(factor))
        return softmax;
    return {};
  }
  return value.getDefiningOp<SoftmaxOp>();
}

/// Whether it is a softmax over one of the dimensions, times something.
bool hasSoftmaxOver(Value value, ArrayRef<StringRef> dims) {
  SoftmaxOp softmax = weightedSoftmax(value);
  return softmax && llvm::any_of(namesOf(softmax.getDims()), [&](StringRef dim) { return llvm::is_contained(dims, dim); });
}

/// A difference of scores under a softmax each (differential attention, Ye et al. 2024): each alone can be summed in
/// one pass with its maximum, their difference would have to be kept whole.
struct SumOfSoftmaxes : OpRewritePattern<ContractOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ContractOp op, PatternRewriter &rewriter) const override {
    SmallVector<StringRef> dims = namesOf(op.getDims());
    for (auto [i, operand] : llvm::enumerate(op.getOperands())) {
      auto map = operand.getDefiningOp<MapOp>();
      if (!map || (map.getFn() != MapFn::Add && map.getFn() != MapFn::Sub) || !map->hasOneUse())
        continue;
      bool waits = llvm::any_of(map.getOperands(), [&](Value side) { return hasSoftmaxOver(side, dims); });
      auto isSummed = [&](Value side, StringRef dim) {
        return hasDim(side, dim) || llvm::any_of(op.getOperands(), [&](Value v) { return v != operand && hasDim(v, dim); });
      };
      if (!waits || !llvm::all_of(map.getOperands(), [&](Value side) {
            return llvm::all_of(dims, [&](StringRef dim) { return isSummed(side, dim); });
          }))
        continue;
      NamedBuilder b = builderAt(rewriter, op);
      SmallVector<Value> sums;
      for (Value side : map.getOperands()) {
        SmallVector<Value> factors(op.getOperands());
        factors[i] = side;
        sums.push_back(b.contract(factors, dims));
      }
      rewriter.replaceOp(op, b.align(b.map(map.getFn(), sums), op.getType()));
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no factor is a sum with a softmax over what is summed");
  }
};

/// A weight that is the same for all that is summed multiplies the sum: the softmax is then alone in it.
struct WeightOfSoftmax : OpRewritePattern<ContractOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ContractOp op, PatternRewriter &rewriter) const override {
    SmallVector<StringRef> dims = namesOf(op.getDims());
    SmallVector<Value> operands(op.getOperands());
    for (Value &operand : operands) {
      MapOp factors = product(operand);
      if (!factors || !factors->hasOneUse())
        continue;
      for (unsigned i : {0u, 1u}) {
        Value softmax = factors.getOperands()[i], weight = factors.getOperands()[1 - i];
        if (!hasSoftmaxOver(softmax, dims) || !lacks(weight, dims))
          continue;
        operand = softmax;
        NamedBuilder b = builderAt(rewriter, op);
        Value weighted = b.map(MapFn::Mul, {b.contract(operands, dims), weight});
        rewriter.replaceOp(op, b.align(weighted, op.getType()));
        return success();
      }
    }
    return rewriter.notifyMatchFailure(op, "no factor is a softmax times what is free of what is summed");
  }
};

} // namespace

void addContractPatterns(RewritePatternSet &patterns) {
  patterns.add<SumOfProduct, FlattenProduct, NegativeFactor, LateDivisor, SumOfSoftmaxes, WeightOfSoftmax>(patterns.getContext());
}

} // namespace ssm
