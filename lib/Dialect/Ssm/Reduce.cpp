//===- Reduce.cpp - reductions, softmax, running values, contractions -------===//
#include "Reorder.h"
#include "Verify.h"

using namespace mlir;

namespace ssm {

static bool isComplex(Value value) { return llvm::isa<ComplexType>(getElement(value)); }
static bool isReal(Value value) { return getElement(value).isF32() || getElement(value).isF64(); }

/// Whether a monoid has a meaning on these elements; reports where not.
static LogicalResult verifyMonoid(Operation *op, Monoid monoid, Value operand) {
  Type element = getElement(operand);
  bool number = element.isInteger(64) || element.isF32() || element.isF64() || isComplex(operand);
  if (!number)
    return op->emitOpError() << "combines i64, f32, f64 or complex elements, not " << element;
  if (isComplex(operand) && monoid != Monoid::Add && monoid != Monoid::Mul)
    return op->emitOpError() << "'" << stringifyMonoid(monoid) << "' has no meaning for complex elements";
  if (monoid == Monoid::LogSumExp && !isReal(operand))
    return op->emitOpError() << "'logsumexp' needs real elements, not " << element;
  return success();
}

void ReduceOp::build(OpBuilder &builder, OperationState &state, Monoid monoid, Value operand,
                     llvm::ArrayRef<llvm::StringRef> dims) {
  build(builder, state, getTensorType(withoutDims(ssm::getDims(operand), dims), getElement(operand)), monoid, operand,
        builder.getStrArrayAttr(dims));
}

LogicalResult ReduceOp::verify() {
  if (failed(verifyMonoid(*this, getMonoid(), getOperand())))
    return failure();
  FailureOr<NamedDims> left = removeDims(*this, ssm::getDims(getOperand()), ssm::ReduceOp::getDims());
  if (failed(left))
    return failure();
  return verifyResult(*this, getResult(), *left, getElement(getOperand()));
}

namespace {

/// reduce(reduce x over A) over B is one reduction over A and B, rounded once.
struct ReduceOnce : OpRewritePattern<ReduceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ReduceOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getOperand().getDefiningOp<ReduceOp>();
    if (!inner || inner.getMonoid() != op.getMonoid())
      return rewriter.notifyMatchFailure(op, "no reduction of one of the same monoid");
    if (!inner->hasOneUse())
      return rewriter.notifyMatchFailure(op, "the inner reduction has other uses");
    llvm::SmallVector<Attribute> dims(inner.getDims().getValue());
    llvm::append_range(dims, op.getDims());
    rewriter.replaceOpWithNewOp<ReduceOp>(op, op.getType(), op.getMonoid(), inner.getOperand(),
                                          rewriter.getArrayAttr(dims));
    return success();
  }
};

} // namespace

OpFoldResult ReduceOp::fold(FoldAdaptor) {
  return getDims().empty() && getOperand().getType() == getType() ? getOperand() : OpFoldResult();
}

void ReduceOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<ReduceOnce>(context);
}

LogicalResult ArgmaxOp::verify() {
  Type element = getElement(getOperand());
  if (!element.isInteger(64) && !element.isF32() && !element.isF64())
    return emitOpError() << "compares i64, f32 or f64 elements, not " << element;
  if (!hasDim(getOperand(), getDim()))
    return emitOpError() << "has no dimension '" << getDim() << "' in " << formatDims(ssm::getDims(getOperand()));
  return verifyResult(*this, getResult(), withoutDims(ssm::getDims(getOperand()), {getDim()}),
                      IntegerType::get(getContext(), 64));
}

void SoftmaxOp::build(OpBuilder &builder, OperationState &state, Value operand, llvm::ArrayRef<llvm::StringRef> dims) {
  build(builder, state, operand.getType(), operand, builder.getStrArrayAttr(dims));
}

LogicalResult SoftmaxOp::verify() {
  if (!isReal(getOperand()))
    return emitOpError() << "needs real elements that are computed with, not " << getElement(getOperand());
  if (failed(removeDims(*this, ssm::getDims(getOperand()), getDims())))
    return failure();
  return success();
}

void CumulateOp::build(OpBuilder &builder, OperationState &state, Monoid monoid, Value operand, llvm::StringRef dim) {
  build(builder, state, operand.getType(), monoid, operand, dim);
}

LogicalResult CumulateOp::verify() {
  if (failed(verifyMonoid(*this, getMonoid(), getOperand())))
    return failure();
  if (!hasDim(getOperand(), getDim()))
    return emitOpError() << "has no dimension '" << getDim() << "' in " << formatDims(ssm::getDims(getOperand()));
  return success();
}

void ContractOp::build(OpBuilder &builder, OperationState &state, ValueRange operands,
                       llvm::ArrayRef<llvm::StringRef> dims) {
  Type element = getElement(operands.front());
  if (element.isF16() || element.isBF16())
    element = builder.getF32Type();
  build(builder, state, getTensorType(withoutDims(uniteDims(operands), dims), element), operands,
        builder.getStrArrayAttr(dims));
}

LogicalResult ContractOp::verify() {
  if (getOperands().empty())
    return emitOpError() << "needs an operand";
  Type result = getElement(getResult());
  NamedDims all;
  for (Value operand : getOperands()) {
    Type element = getElement(operand);
    bool stored = result.isF32() && (element.isF16() || element.isBF16());
    if (element != result && !stored)
      return emitOpError() << "multiplies " << element << " into sums of " << result;
    if (std::optional<StringAttr> clash = uniteDims(all, ssm::getDims(operand)))
      return emitOpError() << "has operands of different sizes along '" << clash->getValue() << "'";
  }
  if (!result.isInteger(64) && !result.isF32() && !result.isF64() && !llvm::isa<ComplexType>(result))
    return emitOpError() << "cannot sum elements of type " << result;
  FailureOr<NamedDims> left = removeDims(*this, all, getDims());
  if (failed(left))
    return failure();
  return verifyResult(*this, getResult(), *left, result);
}

namespace {

/// A contraction multiplies and sums: with one operand it is a reduction, of two
/// without a summed dimension a product.
struct ContractOrNot : OpRewritePattern<ContractOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ContractOp op, PatternRewriter &rewriter) const override {
    for (Value operand : op.getOperands())
      if (getElement(operand) != getElement(op.getResult()))
        return rewriter.notifyMatchFailure(op, "widens an operand");
    if (op.getOperands().size() == 1) {
      rewriter.replaceOpWithNewOp<ReduceOp>(op, op.getType(), Monoid::Add, op.getOperands()[0], op.getDims());
      return success();
    }
    if (op.getOperands().size() != 2 || !op.getDims().empty())
      return rewriter.notifyMatchFailure(op, "multiplies and sums");
    rewriter.replaceOpWithNewOp<MapOp>(op, op.getType(), MapFn::Mul, op.getOperands());
    return success();
  }
};

} // namespace

void ContractOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<ContractOrNot, IgnoreOrder<ContractOp>>(context);
}

} // namespace ssm
