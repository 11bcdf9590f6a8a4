//===- ComplexFunctions.cpp - functions of complex numbers ------------------===//
//
// Sums, products and exp run in the element type. The others have steps that
// overflow or cancel in f32 and run in f64 there; in f64 they are arranged so that
// neither happens:
//
//   expm1(a + ib) = expm1(a) cos b - 2 sin(b / 2)^2 + i exp(a) sin b
//   tanh(a + ib)  = (k s c + i t) / (1 + k s^2), t = tan b, k = 1 + t^2, s = sinh a, c = cosh a
//
//===----------------------------------------------------------------------===//
#include "Scalar.h"

using namespace mlir;

namespace ssm {
namespace {

class Complex {
public:
  explicit Complex(Scalar &s) : s(s) {}

  Parts add(Parts x, Parts y) { return {s.add(x.re, y.re), s.add(x.im, y.im)}; }
  Parts neg(Parts x) { return {s.neg(x.re), s.neg(x.im)}; }
  Parts select(Value c, Parts x, Parts y) { return {s.select(c, x.re, y.re), s.select(c, x.im, y.im)}; }
  Parts real(double value, Parts like) { return {s.constant(value, like.re), s.constant(0, like.re)}; }

  /// Smith's: divided through by the larger part.
  Parts div(Parts x, Parts y) {
    Value steep = s.compare(arith::CmpFPredicate::OLT, s.abs(y.re), s.abs(y.im));
    Value large = s.select(steep, y.im, y.re), small = s.select(steep, y.re, y.im);
    Value ratio = s.div(small, large), scale = s.add(large, s.mul(small, ratio));
    // (a + ib) / (c + id): over c it is (a + b r) + i (b - a r), over d (a r + b) + i (b r - a).
    Value p = s.mul(x.re, ratio), q = s.mul(x.im, ratio);
    Value re = s.select(steep, s.add(p, x.im), s.add(x.re, q));
    Value im = s.select(steep, s.sub(q, x.re), s.sub(x.im, p));
    return {s.div(re, scale), s.div(im, scale)};
  }

  /// |z|, scaled by the larger part.
  Value abs(Parts z) {
    Value a = s.abs(z.re), b = s.abs(z.im), large = s.max(a, b), small = s.min(a, b);
    Value ratio = s.div(small, large);
    Value length = s.mul(large, s.sqrt(s.add(s.constant(1, a), s.mul(ratio, ratio))));
    Value infinite = s.compare(arith::CmpFPredicate::OEQ, large, s.infinity(a));
    return s.select(arith::OrIOp::create(s.b, s.isZero(large), infinite), large, length);
  }

  Parts exp(Parts z) {
    Value size = s.exp(z.re), im = s.mul(size, s.sin(z.im));
    // exp(inf) is inf, not inf + i NaN.
    return {s.mul(size, s.cos(z.im)), s.select(s.isZero(z.im), z.im, im)};
  }

  Parts expm1(Parts z) {
    Value half = s.sin(s.mul(s.constant(0.5, z.im), z.im));
    Value bend = s.mul(s.constant(2, half), s.mul(half, half));
    Value im = s.mul(s.exp(z.re), s.sin(z.im));
    return {s.sub(s.mul(s.expm1(z.re), s.cos(z.im)), bend), s.select(s.isZero(z.im), z.im, im)};
  }

  /// log |z|, near 1 from |z|^2 - 1 = (a - 1)(a + 1) + b^2, a the larger part.
  Value logAbs(Parts z) {
    Value a = s.abs(z.re), b = s.abs(z.im), large = s.max(a, b), small = s.min(a, b);
    Value one = s.constant(1, a), half = s.constant(0.5, a);
    Value excess = s.add(s.mul(s.sub(large, one), s.add(large, one)), s.mul(small, small));
    Value near = s.mul(half, s.log1p(excess));
    Value isNear = arith::AndIOp::create(s.b, s.compare(arith::CmpFPredicate::OGT, large, half),
                                         s.compare(arith::CmpFPredicate::OLT, large, s.constant(2, a)));
    return s.select(isNear, near, s.log(abs(z)));
  }

  Value argument(Value re, Value im) { return math::Atan2Op::create(s.b, im, re); }
  Parts log(Parts z) { return {logAbs(z), argument(z.re, z.im)}; }

  /// log |1 + z|: near 1 from |1 + z|^2 - 1 = a (2 + a) + b^2.
  Parts log1p(Parts z) {
    Value one = s.constant(1, z.re), shifted = s.add(one, z.re);
    Value excess = s.add(s.mul(z.re, s.add(s.constant(2, z.re), z.re)), s.mul(z.im, z.im));
    Value near = s.mul(s.constant(0.5, z.re), s.log1p(excess));
    Value isNear = s.compare(arith::CmpFPredicate::OLT, s.max(s.abs(z.re), s.abs(z.im)), s.constant(0.5, z.re));
    return {s.select(isNear, near, logAbs({shifted, z.im})), argument(shifted, z.im)};
  }

  Parts sqrt(Parts z) {
    Value half = s.constant(0.5, z.re), size = abs(z);
    Value root = s.sqrt(s.mul(half, s.add(s.abs(z.re), size)));
    Value other = s.div(s.mul(half, z.im), root);
    Value left = s.isNegative(z.re);
    Value re = s.select(left, s.abs(other), root);
    Value im = s.select(left, math::CopySignOp::create(s.b, root, z.im), other);
    Value zero = s.isZero(size);
    return {s.select(zero, size, re), s.select(zero, z.im, im)};
  }

  Parts sin(Parts z) {
    return {s.mul(s.sin(z.re), s.call<math::CoshOp>(z.im)), s.mul(s.cos(z.re), s.call<math::SinhOp>(z.im))};
  }
  Parts cos(Parts z) {
    return {s.mul(s.cos(z.re), s.call<math::CoshOp>(z.im)), s.neg(s.mul(s.sin(z.re), s.call<math::SinhOp>(z.im)))};
  }

  Parts tanh(Parts z) {
    Value one = s.constant(1, z.re), far = s.constant(20, z.re);
    Value isFar = s.compare(arith::CmpFPredicate::OGT, s.abs(z.re), far);
    Value a = s.select(isFar, s.constant(0, z.re), z.re);
    Value sine = s.sin(z.im), cosine = s.cos(z.im), t = s.div(sine, cosine), k = s.add(one, s.mul(t, t));
    Value sinh = s.call<math::SinhOp>(a), cosh = s.call<math::CoshOp>(a);
    Value below = s.add(one, s.mul(k, s.mul(sinh, sinh)));
    Value re = s.div(s.mul(k, s.mul(sinh, cosh)), below), im = s.div(t, below);
    Value fade = s.exp(s.mul(s.constant(-2, z.re), s.abs(z.re)));
    Value farIm = s.mul(s.constant(4, z.re), s.mul(s.mul(sine, cosine), fade));
    return {s.select(isFar, math::CopySignOp::create(s.b, one, z.re), re), s.select(isFar, farIm, im)};
  }

  /// As that of reals, by the sign of the real part.
  Parts sigmoid(Parts z) {
    Value left = s.isNegative(z.re);
    Parts one = real(1, z), e = exp(select(left, z, neg(z)));
    return div(select(left, e, one), add(one, e));
  }

  Parts pow(Parts z, Parts w) {
    Parts power = exp(multiply(s, w, log(z)));
    Value base = arith::AndIOp::create(s.b, s.isZero(z.re), s.isZero(z.im));
    Value exponent = arith::AndIOp::create(s.b, s.isZero(w.re), s.isZero(w.im));
    power = select(base, real(0, z), power);
    return select(exponent, real(1, z), power);
  }

private:
  Scalar &s;
};

} // namespace

Parts multiply(Scalar &s, Parts x, Parts y) {
  return {s.sub(s.mul(x.re, y.re), s.mul(x.im, y.im)), s.add(s.mul(x.re, y.im), s.mul(x.im, y.re))};
}

static bool runsWide(MapFn fn) {
  switch (fn) {
  case MapFn::Add:
  case MapFn::Sub:
  case MapFn::Mul:
  case MapFn::Neg:
  case MapFn::Exp:
  case MapFn::Re:
  case MapFn::Im:
  case MapFn::Conj:
  case MapFn::Eq:
  case MapFn::Ne: return false;
  default: return true;
  }
}

Value emitComplex(Scalar &s, MapFn fn, ValueRange operands) {
  Parts x = s.parts(operands[0]), y = s.parts(operands.back());
  Type narrow = x.re.getType(), wide = s.b.getF64Type();
  bool widened = runsWide(fn) && narrow != wide;
  auto widen = [&](Parts z) -> Parts {
    return {arith::ExtFOp::create(s.b, wide, z.re), arith::ExtFOp::create(s.b, wide, z.im)};
  };
  if (widened) {
    x = widen(x);
    y = operands.size() > 1 ? widen(y) : x;
  }
  auto round = [&](Value v) -> Value { return widened ? arith::TruncFOp::create(s.b, narrow, v).getResult() : v; };
  auto give = [&](Parts z) { return s.complex({round(z.re), round(z.im)}); };

  Complex c(s);
  switch (fn) {
  case MapFn::Add: return give(c.add(x, y));
  case MapFn::Sub: return give({s.sub(x.re, y.re), s.sub(x.im, y.im)});
  case MapFn::Mul: return give(multiply(s, x, y));
  case MapFn::Div: return give(c.div(x, y));
  case MapFn::Pow: return give(c.pow(x, y));
  case MapFn::Neg: return give(c.neg(x));
  case MapFn::Abs: return round(c.abs(x));
  case MapFn::Exp: return give(c.exp(x));
  case MapFn::Expm1: return give(c.expm1(x));
  case MapFn::Log: return give(c.log(x));
  case MapFn::Log1p: return give(c.log1p(x));
  case MapFn::Sqrt: return give(c.sqrt(x));
  case MapFn::Rsqrt: return give(c.div(c.real(1, x), c.sqrt(x)));
  case MapFn::Sin: return give(c.sin(x));
  case MapFn::Cos: return give(c.cos(x));
  case MapFn::Tanh: return give(c.tanh(x));
  case MapFn::Sigmoid: return give(c.sigmoid(x));
  case MapFn::Silu: return give(multiply(s, x, c.sigmoid(x)));
  case MapFn::Eq:
    return arith::AndIOp::create(s.b, s.compare(arith::CmpFPredicate::OEQ, x.re, y.re),
                                 s.compare(arith::CmpFPredicate::OEQ, x.im, y.im));
  case MapFn::Ne:
    return arith::OrIOp::create(s.b, s.compare(arith::CmpFPredicate::UNE, x.re, y.re),
                                s.compare(arith::CmpFPredicate::UNE, x.im, y.im));
  case MapFn::Re: return x.re;
  case MapFn::Im: return x.im;
  case MapFn::Conj: return s.complex({x.re, s.neg(x.im)});
  default: return {};
  }
}

} // namespace ssm
