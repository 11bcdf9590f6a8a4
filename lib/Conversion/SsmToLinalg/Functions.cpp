//===- Functions.cpp - maps and monoids on scalars --------------------------===//
#include "Functions.h"
#include "Scalar.h"

using namespace mlir;

namespace ssm {

Value emitMap(OpBuilder &b, Location loc, MapFn fn, ValueRange operands, Type element) {
  if (fn == MapFn::Cast)
    return emitCast(b, loc, operands[0], element);
  Scalar s(b, loc);
  if (fn == MapFn::Select)
    return s.select(operands[0], operands[1], operands[2]);
  Type type = operands[0].getType();
  if (llvm::isa<ComplexType>(type))
    return emitComplex(s, fn, operands);
  return llvm::isa<FloatType>(type) ? emitReal(s, fn, operands) : emitInteger(s, fn, operands);
}

Value emitIdentity(OpBuilder &b, Location loc, Monoid monoid, Type element) {
  if (auto complex = llvm::dyn_cast<ComplexType>(element)) {
    Scalar s(b, loc);
    Type part = complex.getElementType();
    Value re = emitIdentity(b, loc, monoid, part);
    return s.complex({re, s.constant(0, re)});
  }
  bool least = monoid == Monoid::Min; // starts from the largest
  if (auto real = llvm::dyn_cast<FloatType>(element)) {
    if (monoid == Monoid::Add || monoid == Monoid::Mul)
      return arith::ConstantOp::create(b, loc, b.getFloatAttr(real, monoid == Monoid::Mul));
    APFloat infinity = APFloat::getInf(real.getFloatSemantics(), /*Negative=*/!least);
    return arith::ConstantOp::create(b, loc, b.getFloatAttr(real, infinity));
  }
  unsigned width = element.getIntOrFloatBitWidth();
  APInt start(width, monoid == Monoid::Mul);
  if (monoid == Monoid::Max || monoid == Monoid::Min)
    start = least ? APInt::getSignedMaxValue(width) : APInt::getSignedMinValue(width);
  return arith::ConstantOp::create(b, loc, b.getIntegerAttr(element, start));
}

/// log(exp(x) + exp(y)), exact where either is infinite.
static Value logAddExp(Scalar &s, Value x, Value y) {
  Value top = s.max(x, y), distance = s.abs(s.sub(x, y));
  Value sum = s.add(top, s.log1p(s.exp(s.neg(distance))));
  Value infinite = s.compare(arith::CmpFPredicate::OEQ, s.abs(top), s.infinity(top));
  return s.select(infinite, top, sum);
}

Value emitCombine(OpBuilder &b, Location loc, Monoid monoid, Value accumulator, Value element) {
  Type type = accumulator.getType();
  switch (monoid) {
  case Monoid::Add: return emitMap(b, loc, MapFn::Add, {accumulator, element}, type);
  case Monoid::Mul: return emitMap(b, loc, MapFn::Mul, {accumulator, element}, type);
  case Monoid::Max: return emitMap(b, loc, MapFn::Max, {accumulator, element}, type);
  case Monoid::Min: return emitMap(b, loc, MapFn::Min, {accumulator, element}, type);
  case Monoid::LogSumExp: break;
  }
  Scalar s(b, loc);
  return logAddExp(s, accumulator, element);
}

} // namespace ssm
