//===- RealFunctions.cpp - functions of reals -------------------------------===//
//
// In forms that neither overflow on the way nor cancel:
//
//   sigmoid(x)  = 1 / (1 + e) for x >= 0, e / (1 + e) else, where e = exp(-|x|)
//   softplus(x) = max(x, 0) + log1p(exp(-|x|))
//   gelu(x)     = x erfc(-x / sqrt(2)) / 2
//
//===----------------------------------------------------------------------===//
#include "Scalar.h"

using namespace mlir;

namespace ssm {

static Value sigmoid(Scalar &s, Value x) {
  Value one = s.constant(1, x), e = s.exp(s.neg(s.abs(x)));
  return s.div(s.select(s.isNegative(x), e, one), s.add(one, e));
}

static Value softplus(Scalar &s, Value x) {
  return s.add(s.max(x, s.constant(0, x)), s.log1p(s.exp(s.neg(s.abs(x)))));
}

static Value gelu(Scalar &s, Value x) {
  Value tail = s.call<math::ErfcOp>(s.mul(x, s.constant(-0.70710678118654752440, x)));
  return s.mul(s.mul(s.constant(0.5, x), x), tail);
}

/// (1 + tanh(y)) / 2 is sigmoid(2 y).
static Value geluTanh(Scalar &s, Value x) {
  Value cube = s.mul(s.mul(x, x), s.mul(x, s.constant(0.044715, x)));
  Value y = s.mul(s.constant(0.79788456080286535588, x), s.add(x, cube));
  return s.mul(x, sigmoid(s, s.add(y, y)));
}

/// -1, 1, or x itself for zeros and NaN.
static Value sign(Scalar &s, Value x) {
  Value positive = s.compare(arith::CmpFPredicate::OGT, x, s.constant(0, x));
  return s.select(positive, s.constant(1, x), s.select(s.isNegative(x), s.constant(-1, x), x));
}

Value emitReal(Scalar &s, MapFn fn, ValueRange operands) {
  Value x = operands[0], y = operands.back();
  switch (fn) {
  case MapFn::Add: return s.add(x, y);
  case MapFn::Sub: return s.sub(x, y);
  case MapFn::Mul: return s.mul(x, y);
  case MapFn::Div: return s.div(x, y);
  case MapFn::Pow: return math::PowFOp::create(s.b, x, y);
  case MapFn::Min: return s.min(x, y);
  case MapFn::Max: return s.max(x, y);
  case MapFn::FloorDiv: return s.floor(s.div(x, y));
  case MapFn::Mod: return s.sub(x, s.mul(y, s.floor(s.div(x, y))));
  case MapFn::Neg: return s.neg(x);
  case MapFn::Abs: return s.abs(x);
  case MapFn::Sign: return sign(s, x);
  case MapFn::Floor: return s.floor(x);
  case MapFn::Ceil: return s.call<math::CeilOp>(x);
  case MapFn::Exp: return s.exp(x);
  case MapFn::Expm1: return s.expm1(x);
  case MapFn::Log: return s.log(x);
  case MapFn::Log1p: return s.log1p(x);
  case MapFn::Sqrt: return s.sqrt(x);
  case MapFn::Rsqrt: return s.div(s.constant(1, x), s.sqrt(x));
  case MapFn::Sin: return s.sin(x);
  case MapFn::Cos: return s.cos(x);
  case MapFn::Tanh: return s.call<math::TanhOp>(x);
  case MapFn::Sigmoid: return sigmoid(s, x);
  case MapFn::Softplus: return softplus(s, x);
  case MapFn::Relu: return s.max(x, s.constant(0, x));
  case MapFn::Elu:
    return s.select(s.compare(arith::CmpFPredicate::OGT, x, s.constant(0, x)), x, s.expm1(x));
  case MapFn::Gelu: return gelu(s, x);
  case MapFn::GeluTanh: return geluTanh(s, x);
  case MapFn::Silu: return s.mul(x, sigmoid(s, x));
  case MapFn::Lt: return s.compare(arith::CmpFPredicate::OLT, x, y);
  case MapFn::Le: return s.compare(arith::CmpFPredicate::OLE, x, y);
  case MapFn::Gt: return s.compare(arith::CmpFPredicate::OGT, x, y);
  case MapFn::Ge: return s.compare(arith::CmpFPredicate::OGE, x, y);
  case MapFn::Eq: return s.compare(arith::CmpFPredicate::OEQ, x, y);
  case MapFn::Ne: return s.compare(arith::CmpFPredicate::UNE, x, y);
  case MapFn::Complex: return s.complex({x, y});
  default: return {};
  }
}

} // namespace ssm
