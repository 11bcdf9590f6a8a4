//===- ComplexFunctions.cpp - maps of complex values ------------------------===//
//
// Pairs of f64, and of f32 by way of f64: then squares cannot overflow, and what
// cancels has bits to spare. Sums and products stay in their own type. References:
// Kahan, "Branch cuts for complex elementary functions" (1987); Smith, "Algorithm
// 116: complex division" (1962).
//
//===----------------------------------------------------------------------===//
#include "FunctionTable.h"

#include <limits>

using namespace mlir;

namespace ssm {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Pair operator+(const Pair &a, const Pair &b) { return {a.re + b.re, a.im + b.im}; }
Pair operator-(const Pair &a, const Pair &b) { return {a.re - b.re, a.im - b.im}; }
Pair operator-(const Pair &a) { return {-a.re, -a.im}; }
Pair operator*(const Pair &a, const Pair &b) {
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
Pair select(const Bool &c, const Pair &a, const Pair &b) { return {select(c, a.re, b.re), select(c, a.im, b.im)}; }
Pair one(const Pair &like) { return {like.re.number(1), like.re.number(0)}; }
Bool isZero(const Pair &a) { return (a.re == 0) & (a.im == 0); }

/// Smith's: scaled by the larger part of the divisor.
Pair operator/(const Pair &a, const Pair &b) {
  Bool wide = abs(b.re) >= abs(b.im);
  Real large = select(wide, b.re, b.im), small = select(wide, b.im, b.re);
  Real ratio = select(isZero(b), small, small / large), scale = large + small * ratio;
  Real re = select(wide, a.re + a.im * ratio, a.re * ratio + a.im);
  Real im = select(wide, a.im - a.re * ratio, a.im * ratio - a.re);
  return {re / scale, im / scale};
}

Real modulus(const Pair &z) {
  Real a = abs(z.re), b = abs(z.im), large = max(a, b), small = min(a, b);
  Real ratio = small / large, scaled = large * sqrt(1 + ratio * ratio);
  // Nothing to scale by, or an infinite part, which wins over NaN.
  Real plain = select(large == 0, large, scaled);
  return select((a == infinity) | (b == infinity), a.number(infinity), plain);
}

Pair exp(const Pair &z) {
  Real e = exp(z.re);
  Real im = select(z.im == 0, z.im, e * sin(z.im));
  Pair result{select(z.im == 0, e, e * cos(z.im)), im};
  Pair zero{e.number(0), e.number(0)};
  return select(z.re == -infinity, zero, result);
}

/// exp(z) - 1 without cancellation near 0.
Pair expm1(const Pair &z) {
  Real half = sin(0.5 * z.im);
  Real im = select(z.im == 0, z.im, exp(z.re) * sin(z.im));
  Pair result{expm1(z.re) * cos(z.im) - 2 * half * half, im};
  Pair minus{z.re.number(-1), z.re.number(0)};
  return select(z.re == -infinity, minus, result);
}

/// log|z|, by log1p where |z| is near 1.
Pair log(const Pair &z) {
  Real a = abs(z.re), b = abs(z.im), large = max(a, b), small = min(a, b);
  Real near = 0.5 * log1p((large - 1) * (large + 1) + small * small);
  Bool isNear = (large > 0.5) & (large < 2);
  return {select(isNear, near, log(modulus(z))), atan2(z.im, z.re)};
}

Pair log1p(const Pair &z) {
  Real square = z.re * (2 + z.re) + z.im * z.im; // |1 + z|^2 - 1
  Pair shifted{1 + z.re, z.im};
  return {select(abs(square) < 0.5, 0.5 * log1p(square), log(modulus(shifted))), atan2(z.im, shifted.re)};
}

Pair sqrt(const Pair &z) {
  Real t = sqrt(0.5 * (abs(z.re) + modulus(z)));
  Real other = select(t == 0, t, abs(z.im) / (2 * t));
  Pair right{t, copysign(other, z.im)}, left{other, copysign(t, z.im)};
  return select(z.re >= 0, right, left);
}

Pair sin(const Pair &z) { return {sin(z.re) * cosh(z.im), cos(z.re) * sinh(z.im)}; }
Pair cos(const Pair &z) { return {cos(z.re) * cosh(z.im), -(sin(z.re) * sinh(z.im))}; }

Pair tanh(const Pair &z) {
  // Beyond 20 it is 1 to all bits, and the squares below overflow later.
  Real bound = z.re.number(20), a = max(min(z.re, bound), -bound);
  Real s = sinh(a), c = cos(z.im), scale = s * s + c * c;
  Real far = 4 * sin(z.im) * c * exp(-2 * abs(z.re));
  Bool isFar = abs(z.re) > 20;
  return {select(isFar, copysign(a.number(1), z.re), s * cosh(a) / scale),
          select(isFar, far, sin(z.im) * c / scale)};
}

Pair sigmoid(const Pair &z) {
  Bool left = z.re < 0;
  Pair e = exp(select(left, z, -z)), scale = one(z) + e;
  return select(left, e, one(z)) / scale;
}

/// exp(w log z); powers of 0 are 1, 0 or NaN.
Pair pow(const Pair &z, const Pair &w) {
  Bool zero = isZero(z);
  Pair general = exp(w * log(select(zero, one(z), z)));
  Real none = z.re.number(std::numeric_limits<double>::quiet_NaN()), nought = z.re.number(0);
  Pair ofZero = select(isZero(w), one(z), Pair{select(w.re > 0, nought, none), nought});
  return select(zero, ofZero, general);
}

/// The same in f64, to spare bits.
Pair widen(Place &at, const Pair &z) {
  if (z.re.element().isF64() || at.single)
    return z;
  Type f64 = inShapeOf(z.re.type(), at.b.getF64Type());
  return {{at, at.op<arith::ExtFOp>(f64, z.re.v)}, {at, at.op<arith::ExtFOp>(f64, z.im.v)}};
}

} // namespace

SmallVector<Value, 2> emitComplexParts(Place &at, MapFn fn, ValueRange operands) {
  Type type = operands[0].getType();
  auto narrow = [&](const Real &part) {
    return part.element() == getElementTypeOrSelf(type) ? part.v : at.op<arith::TruncFOp>(type, part.v);
  };
  auto pack = [&](const Pair &z) -> SmallVector<Value, 2> { return {narrow(z.re), narrow(z.im)}; };
  Pair x{{at, operands[0]}, {at, operands[1]}}, y{{at, operands[operands.size() - 2]}, {at, operands.back()}};
  switch (fn) {
  case MapFn::Add:
    return pack(x + y);
  case MapFn::Sub:
    return pack(x - y);
  case MapFn::Mul:
    return pack(x * y);
  case MapFn::Neg:
    return pack(-x);
  case MapFn::Conj:
    return pack({x.re, -x.im});
  case MapFn::Re:
    return {x.re.v};
  case MapFn::Im:
    return {x.im.v};
  case MapFn::Eq:
    return {((x.re == y.re) & (x.im == y.im)).v};
  case MapFn::Ne: {
    Bool re = compare(arith::CmpFPredicate::UNE, x.re, y.re), im = compare(arith::CmpFPredicate::UNE, x.im, y.im);
    return {(re | im).v};
  }
  default:
    break;
  }
  Pair u = widen(at, x), v = widen(at, y);
  switch (fn) {
  case MapFn::Div:
    return pack(u / v);
  case MapFn::Pow:
    return pack(pow(u, v));
  case MapFn::Abs:
    return {narrow(modulus(u))};
  case MapFn::Exp:
    return pack(exp(u));
  case MapFn::Expm1:
    return pack(expm1(u));
  case MapFn::Log:
    return pack(log(u));
  case MapFn::Log1p:
    return pack(log1p(u));
  case MapFn::Sqrt:
    return pack(sqrt(u));
  case MapFn::Rsqrt:
    return pack(one(u) / sqrt(u));
  case MapFn::Sin:
    return pack(sin(u));
  case MapFn::Cos:
    return pack(cos(u));
  case MapFn::Tanh:
    return pack(tanh(u));
  case MapFn::Sigmoid:
    return pack(sigmoid(u));
  case MapFn::Silu:
    return pack(u * sigmoid(u));
  default:
    return {};
  }
}

Value emitComplex(Place &at, MapFn fn, ValueRange operands) {
  SmallVector<Value> parts;
  for (Value operand : operands) {
    parts.push_back(at.op<complex::ReOp>(operand));
    parts.push_back(at.op<complex::ImOp>(operand));
  }
  SmallVector<Value, 2> result = emitComplexParts(at, fn, parts);
  if (result.empty())
    return {};
  return result.size() == 1 ? result[0] : at.op<complex::CreateOp>(operands[0].getType(), result[0], result[1]);
}

} // namespace ssm
