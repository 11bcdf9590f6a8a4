//===- Casts.cpp - conversions between element types ------------------------===//
//
// bf16 and f16 are read and written by arithmetic on their bits: the compiler's
// own truncations call a library that an artifact does not have. f64 is first
// rounded to odd, so that one rounding to nearest is all there is (Boldo and
// Melquiond, "When double rounding is odd", 2005).
//
//===----------------------------------------------------------------------===//
#include "FunctionTable.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace ssm {

namespace {

/// Bits of 32 or 16, as expressions, in the shape of a value.
class Bits {
public:
  Bits(Place &at, Value like)
      : at(at), i32(inShapeOf(like.getType(), at.b.getI32Type())), i16(inShapeOf(like.getType(), at.b.getI16Type())),
        f32(inShapeOf(like.getType(), at.b.getF32Type())) {}

  Value number(int64_t value) { return at.integer(static_cast<int32_t>(value), i32); }
  Value of(Value x) { return at.op<arith::BitcastOp>(i32, x); }
  Value asFloat(Value bits) { return at.op<arith::BitcastOp>(f32, bits); }
  Value both(Value a, int64_t mask) { return at.op<arith::AndIOp>(a, number(mask)); }
  Value either(Value a, Value b) { return at.op<arith::OrIOp>(a, b); }
  Value plus(Value a, Value b) { return at.op<arith::AddIOp>(a, b); }
  Value minus(Value a, Value b) { return at.op<arith::SubIOp>(a, b); }
  Value left(Value a, int64_t by) { return at.op<arith::ShLIOp>(a, number(by)); }
  Value right(Value a, int64_t by) { return at.op<arith::ShRUIOp>(a, number(by)); }
  Value above(Value a, int64_t b) { return at.op<arith::CmpIOp>(arith::CmpIPredicate::ugt, a, number(b)); }
  Value equal(Value a, int64_t b) { return at.op<arith::CmpIOp>(arith::CmpIPredicate::eq, a, number(b)); }
  Value select(Value c, Value a, Value b) { return at.op<arith::SelectOp>(c, a, b); }
  Value store(Value bits, Type type) {
    return at.op<arith::BitcastOp>(inShapeOf(i16, type), at.op<arith::TruncIOp>(i16, bits));
  }
  Value load(Value stored) {
    return at.op<arith::ExtUIOp>(i32, at.op<arith::BitcastOp>(i16, stored));
  }

private:
  Place &at;
  Type i32, i16, f32;
};

/// f64 to f32: the neighbour with an odd last bit where it is between two.
Value roundToOdd(Place &at, Value x) {
  Bits b(at, x);
  Value nearest = at.op<arith::TruncFOp>(inShapeOf(x.getType(), at.b.getF32Type()), x);
  Real back(at, at.op<arith::ExtFOp>(x.getType(), nearest)), wide(at, x);
  Value bits = b.of(nearest);
  Value inexact = compare(arith::CmpFPredicate::ONE, back, wide).v; // false for NaN
  Value even = b.equal(b.both(bits, 1), 0);
  Value beyond = (abs(back) > abs(wide)).v;
  Value moved = b.select(beyond, b.minus(bits, b.number(1)), b.plus(bits, b.number(1)));
  return b.asFloat(b.select(at.op<arith::AndIOp>(inexact, even), moved, bits));
}

Value toBf16(Place &at, Value x) {
  Bits b(at, x);
  Value bits = b.of(x), high = b.right(bits, 16);
  Value rounded = b.right(b.plus(bits, b.plus(b.number(0x7fff), b.both(high, 1))), 16);
  Value nan = b.above(b.both(bits, 0x7fffffff), 0x7f800000);
  return b.store(b.select(nan, b.either(high, b.number(0x40)), rounded), at.b.getBF16Type());
}

Value fromBf16(Place &at, Value x) {
  Bits b(at, x);
  return b.asFloat(b.left(b.load(x), 16));
}

Value toF16(Place &at, Value x) {
  Bits b(at, x);
  Value bits = b.of(x), magnitude = b.both(bits, 0x7fffffff), sign = b.both(b.right(bits, 16), 0x8000);
  // Normal numbers: another bias, rounded to even where 13 bits go.
  Value odd = b.both(b.right(magnitude, 13), 1);
  Value normal = b.right(b.plus(magnitude, b.plus(b.number(int64_t(15 - 127) * (1 << 23) + 0xfff), odd)), 13);
  // Subnormal ones: the addition of 1/2 leaves them, rounded, in the last bits.
  Value half = at.real(0.5, x.getType());
  Value small = b.minus(b.of(at.op<arith::AddFOp>(b.asFloat(magnitude), half)), b.of(half));
  Value result = b.select(b.above(magnitude, 0x387fffff), normal, small);
  result = b.select(b.above(magnitude, 0x477fffff), b.number(0x7c00), result); // from 2^16 on
  Value payload = b.either(b.number(0x7e00), b.both(b.right(magnitude, 13), 0x3ff));
  result = b.select(b.above(magnitude, 0x7f800000), payload, result);
  return b.store(b.either(result, sign), at.b.getF16Type());
}

Value fromF16(Place &at, Value x) {
  Bits b(at, x);
  Value bits = b.load(x), shifted = b.left(b.both(bits, 0x7fff), 13);
  // The product moves the bias and makes subnormal numbers normal.
  Value scaled = b.of(at.op<arith::MulFOp>(b.asFloat(shifted), at.real(0x1p112, inShapeOf(x.getType(), at.b.getF32Type()))));
  Value special = b.equal(b.both(bits, 0x7c00), 0x7c00);
  Value magnitude = b.select(special, b.either(shifted, b.number(0x7f800000)), scaled);
  return b.asFloat(b.either(magnitude, b.left(b.both(bits, 0x8000), 16)));
}

/// i64 whose bits beyond those of f64 are gathered in one: what comes of it when
/// rounded to few bits is then the same.
Value gatherLastBits(Place &at, Value value) {
  if (!getElementTypeOrSelf(value.getType()).isInteger(64))
    return value;
  auto number = [&](int64_t x) { return at.integer(x, value.getType()); };
  Value last = at.op<arith::AndIOp>(value, number(0x7ff)), rest = at.op<arith::SubIOp>(value, last);
  Value none = at.op<arith::CmpIOp>(arith::CmpIPredicate::eq, last, number(0));
  Value gathered = at.op<arith::OrIOp>(rest, at.op<arith::SelectOp>(none, number(0), number(0x400)));
  // |value| < 2^53, as one unsigned comparison, is held as it is.
  Value moved = at.op<arith::AddIOp>(value, number(int64_t(1) << 53));
  Value held = at.op<arith::CmpIOp>(arith::CmpIPredicate::ult, moved, number(int64_t(1) << 54));
  return at.op<arith::SelectOp>(held, value, gathered);
}

bool isSmall(Type type) { return type.isBF16() || type.isF16(); }

/// Truncated, saturated; NaN gives 0.
Value realToInteger(Place &at, Value value, unsigned width) {
  Type f64 = inShapeOf(value.getType(), at.b.getF64Type()), type = inShapeOf(value.getType(), at.b.getIntegerType(width));
  Real x(at, value.getType() == f64 ? value : at.op<arith::ExtFOp>(f64, value));
  double limit = std::ldexp(1.0, width - 1);
  // -2^31 - 0.5 still truncates to -2^31; -2^63 has no such neighbour.
  Bool low = width == 64 ? x < -limit : x <= -limit - 1, high = x >= limit;
  Real zero = x.number(0);
  Real inside = select(low | high | isNan(x), zero, x);
  Value whole = at.op<arith::FPToSIOp>(type, inside.v);
  int64_t most = width == 64 ? std::numeric_limits<int64_t>::max() : std::numeric_limits<int32_t>::max();
  whole = at.op<arith::SelectOp>(high.v, at.integer(most, type), whole);
  return at.op<arith::SelectOp>(low.v, at.integer(-most - 1, type), whole);
}

Value integerToInteger(Place &at, Value value, unsigned to) {
  unsigned from = getElementTypeOrSelf(value.getType()).getIntOrFloatBitWidth();
  Type type = inShapeOf(value.getType(), at.b.getIntegerType(to));
  if (to == 1)
    return at.op<arith::CmpIOp>(arith::CmpIPredicate::ne, value, at.integer(0, value.getType()));
  if (from < to)
    return from == 1 ? at.op<arith::ExtUIOp>(type, value) : at.op<arith::ExtSIOp>(type, value);
  return at.op<arith::TruncIOp>(type, value);
}

Value realToReal(Place &at, Value value, Type to) {
  Type from = getElementTypeOrSelf(value.getType());
  if (from.isBF16())
    value = fromBf16(at, value);
  else if (from.isF16())
    value = fromF16(at, value);
  from = getElementTypeOrSelf(value.getType());
  if (isSmall(to)) {
    if (from.isF64())
      value = roundToOdd(at, value);
    return to.isBF16() ? toBf16(at, value) : toF16(at, value);
  }
  if (from == to)
    return value;
  Type type = inShapeOf(value.getType(), to);
  return to.isF64() ? at.op<arith::ExtFOp>(type, value) : at.op<arith::TruncFOp>(type, value);
}

} // namespace

Value emitCast(OpBuilder &builder, Location loc, Value value, Type element) {
  Place at{builder, loc};
  Type from = getElementTypeOrSelf(value.getType());
  element = getElementTypeOrSelf(element);
  if (from == element)
    return value;
  auto cast = [&](Value part, Type type) { return emitCast(builder, loc, part, type); };
  if (auto source = llvm::dyn_cast<ComplexType>(from)) {
    Value re = at.op<complex::ReOp>(value), im = at.op<complex::ImOp>(value);
    if (auto target = llvm::dyn_cast<ComplexType>(element))
      return at.op<complex::CreateOp>(target, cast(re, target.getElementType()), cast(im, target.getElementType()));
    return at.op<arith::OrIOp>(cast(re, element), cast(im, element)); // to i1
  }
  if (auto target = llvm::dyn_cast<ComplexType>(element)) {
    Type part = target.getElementType();
    return at.op<complex::CreateOp>(target, cast(value, part), at.real(0, part));
  }
  bool fromInteger = llvm::isa<IntegerType>(from), toInteger = llvm::isa<IntegerType>(element);
  if (fromInteger && toInteger)
    return integerToInteger(at, value, element.getIntOrFloatBitWidth());
  if (fromInteger) {
    // Small types go by f64.
    Type wide = isSmall(element) ? at.b.getF64Type() : element;
    if (from.isInteger(8))
      value = integerToInteger(at, value, 1);
    if (isSmall(element))
      value = gatherLastBits(at, value);
    Type type = inShapeOf(value.getType(), wide);
    bool isBool = getElementTypeOrSelf(value.getType()).isInteger(1);
    Value real = isBool ? at.op<arith::UIToFPOp>(type, value) : at.op<arith::SIToFPOp>(type, value);
    return realToReal(at, real, element);
  }
  if (!toInteger)
    return realToReal(at, value, element);
  if (isSmall(from))
    value = realToReal(at, value, at.b.getF32Type());
  unsigned width = element.getIntOrFloatBitWidth();
  if (width == 1 || width == 8) {
    Real x(at, value);
    return cast(compare(arith::CmpFPredicate::UNE, x, x.number(0)).v, element);
  }
  return realToInteger(at, value, width);
}

} // namespace ssm
