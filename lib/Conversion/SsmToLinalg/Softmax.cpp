//===- Softmax.cpp - softmax and logsumexp ----------------------------------===//
//
// Both subtract the largest element before the exponential. Where that is
// infinite they subtract nothing, which gives what is meant: a softmax over
// nothing but -inf is 0, its logsumexp -inf.
//
//===----------------------------------------------------------------------===//
#include "Functions.h"
#include "Lowering.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace ssm {

static Value zeroOf(ImplicitLocOpBuilder &b, Type element) {
  return arith::ConstantOp::create(b, b.getFloatAttr(element, 0.0));
}

/// The largest element, or 0 where that is infinite.
static Named finiteMax(Lowering &l, Named operand, ArrayRef<NamedDim> kept, ArrayRef<NamedDim> removed, Type element) {
  Location loc = l.b.getLoc();
  Named top = l.reduction(kept, removed, emitIdentity(l.b, loc, Monoid::Max, element), {operand},
                          [&](Loop &loop, Value acc) {
                            return emitCombine(loop.b, loc, Monoid::Max, acc, loop.elements[0]);
                          });
  return l.elementwise(kept, element, {top}, [&](Loop &loop) -> Value {
    Value m = loop.elements[0];
    auto infinity = APFloat::getInf(llvm::cast<FloatType>(element).getFloatSemantics());
    Value inf = arith::ConstantOp::create(loop.b, loop.b.getFloatAttr(element, infinity));
    Value infinite =
        arith::CmpFOp::create(loop.b, arith::CmpFPredicate::OEQ, math::AbsFOp::create(loop.b, m), inf);
    return arith::SelectOp::create(loop.b, infinite, zeroOf(loop.b, element), m);
  });
}

/// Sum of exp(x - top), in f64.
static Named sumOfExp(Lowering &l, Named operand, Named top, ArrayRef<NamedDim> removed) {
  Type wide = l.b.getF64Type();
  return l.reduction(top.dims, removed, zeroOf(l.b, wide), {operand, top}, [&](Loop &loop, Value acc) -> Value {
    Value difference = arith::SubFOp::create(loop.b, loop.elements[0], loop.elements[1]);
    Value e = math::ExpOp::create(loop.b, difference);
    return arith::AddFOp::create(loop.b, acc, emitCast(loop.b, loop.b.getLoc(), e, wide));
  });
}

Named logSumExp(Lowering &l, Named operand, ArrayRef<NamedDim> kept, ArrayRef<NamedDim> removed) {
  Type element = llvm::cast<RankedTensorType>(operand.tensor.getType()).getElementType(), wide = l.b.getF64Type();
  Location loc = l.b.getLoc();
  Named top = finiteMax(l, operand, kept, removed, element);
  Named sum = sumOfExp(l, operand, top, removed);
  return l.elementwise(kept, element, {sum, top}, [&](Loop &loop) -> Value {
    Value log = math::LogOp::create(loop.b, loop.elements[0]);
    Value total = arith::AddFOp::create(loop.b, log, emitCast(loop.b, loc, loop.elements[1], wide));
    return emitCast(loop.b, loc, total, element);
  });
}

LogicalResult lower(Lowering &l, SoftmaxOp op) {
  Named operand = l.named(op.getOperand());
  NamedDims kept, removed;
  for (const NamedDim &d : operand.dims) {
    bool over = llvm::is_contained(op.getDims().getAsValueRange<StringAttr>(), d.name.getValue());
    (over ? removed : kept).push_back(d);
  }
  Type element = getElement(op.getResult()), wide = l.b.getF64Type();
  Location loc = l.b.getLoc();
  Named top = finiteMax(l, operand, kept, removed, element);
  Named sum = sumOfExp(l, operand, top, removed);
  Named result = l.elementwise(operand.dims, element, {operand, top, sum}, [&](Loop &loop) -> Value {
    ImplicitLocOpBuilder &b = loop.b;
    Value e = math::ExpOp::create(b, arith::SubFOp::create(b, loop.elements[0], loop.elements[1]));
    Value quotient = arith::DivFOp::create(b, emitCast(b, loc, e, wide), loop.elements[2]);
    Value nothing = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, loop.elements[2], zeroOf(b, wide));
    return emitCast(b, loc, arith::SelectOp::create(b, nothing, zeroOf(b, wide), quotient), element);
  });
  l.set(op, result.tensor);
  return success();
}

} // namespace ssm
