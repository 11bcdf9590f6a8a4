//===- Reduce.cpp - reductions, softmax, running values, contractions -------===//
#include "ssm/Dialect/Ssm/Ssm.h"
#include "Verify.h"

using namespace mlir;

namespace ssm {

static bool isComplex(Value value) { return llvm::isa<ComplexType>(getElement(value)); }
static bool isReal(Value value) { return llvm::isa<FloatType>(getElement(value)); }

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

void ReduceOp::getCanonicalizationPatterns(RewritePatternSet &, MLIRContext *) {}

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
    return emitOpError() << "needs real elements, not " << getElement(getOperand());
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

void ContractOp::getCanonicalizationPatterns(RewritePatternSet &, MLIRContext *) {}

} // namespace ssm
