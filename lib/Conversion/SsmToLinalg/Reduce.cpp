//===- Reduce.cpp - reductions and contractions -----------------------------===//
//
// Sums and products of f32 run in f64 on this path, which is the yardstick; they
// are rounded once at the end.
//
//===----------------------------------------------------------------------===//
#include "Functions.h"
#include "Lowering.h"

using namespace mlir;

namespace ssm {

Type accumulationType(Type element) {
  if (auto complex = llvm::dyn_cast<ComplexType>(element))
    return ComplexType::get(accumulationType(complex.getElementType()));
  return llvm::isa<FloatType>(element) ? Float64Type::get(element.getContext()) : element;
}

static Named cast(Lowering &l, Named operand, Type element) {
  if (llvm::cast<RankedTensorType>(operand.tensor.getType()).getElementType() == element)
    return operand;
  return l.elementwise(operand.dims, element, {operand}, [&](Loop &loop) {
    return emitCast(loop.b, loop.b.getLoc(), loop.elements[0], element);
  });
}

LogicalResult lower(Lowering &l, ReduceOp op) {
  Named operand = l.named(op.getOperand());
  NamedDims kept = l.dimsOf(op.getType()), removed;
  for (auto name : op.getDims().getAsRange<StringAttr>())
    removed.push_back(l.dim(name));
  Type element = getElement(op.getResult());
  Monoid monoid = op.getMonoid();
  if (monoid == Monoid::LogSumExp) {
    l.set(op, logSumExp(l, operand, kept, removed).tensor);
    return success();
  }
  bool sums = monoid == Monoid::Add || monoid == Monoid::Mul;
  Type wide = sums ? accumulationType(element) : element;
  Location loc = l.b.getLoc();
  Named result = l.reduction(kept, removed, emitIdentity(l.b, loc, monoid, wide), {operand},
                             [&](Loop &loop, Value acc) {
                               Value x = emitCast(loop.b, loc, loop.elements[0], wide);
                               return emitCombine(loop.b, loc, monoid, acc, x);
                             });
  l.set(op, cast(l, result, element).tensor);
  return success();
}

LogicalResult lower(Lowering &l, ContractOp op) {
  SmallVector<Named> operands;
  for (Value operand : op.getOperands())
    operands.push_back(l.named(operand));
  NamedDims kept = l.dimsOf(op.getType()), removed;
  for (auto name : op.getDims().getAsRange<StringAttr>())
    removed.push_back(l.dim(name));
  Type element = getElement(op.getResult()), wide = accumulationType(element);
  Location loc = l.b.getLoc();
  Named result = l.reduction(kept, removed, emitIdentity(l.b, loc, Monoid::Add, wide), operands,
                             [&](Loop &loop, Value acc) {
                               Value product;
                               for (Value x : loop.elements) {
                                 Value factor = emitCast(loop.b, loc, x, wide);
                                 product = product ? emitCombine(loop.b, loc, Monoid::Mul, product, factor) : factor;
                               }
                               return emitCombine(loop.b, loc, Monoid::Add, acc, product);
                             });
  l.set(op, cast(l, result, element).tensor);
  return success();
}

} // namespace ssm
