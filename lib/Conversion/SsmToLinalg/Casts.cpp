//===- Casts.cpp - between element types ------------------------------------===//
//
// To bf16 the bits are rounded here, which is the same on every machine and needs
// no library. Narrow floats are reached from f64 through f32, rounded to odd on
// the way, so that the second rounding does not meet a tie that was none.
//
//===----------------------------------------------------------------------===//
#include "Functions.h"
#include "Scalar.h"

#include <cmath>

using namespace mlir;

namespace ssm {
namespace {

class Caster {
public:
  explicit Caster(Scalar &s) : s(s), b(s.b) {}

  Value toBool(Value value) {
    if (llvm::isa<ComplexType>(value.getType())) {
      Parts z = s.parts(value);
      return arith::OrIOp::create(b, toBool(z.re), toBool(z.im));
    }
    if (llvm::isa<FloatType>(value.getType())) {
      value = toFloat(value, b.getF64Type());
      return s.compare(arith::CmpFPredicate::UNE, value, s.constant(0, value));
    }
    Value zero = arith::ConstantIntOp::create(b, value.getType(), 0);
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, value, zero);
  }

  Value toInteger(Value value, Type type) {
    unsigned width = type.getIntOrFloatBitWidth();
    if (llvm::isa<FloatType>(value.getType()))
      return truncate(toFloat(value, b.getF64Type()), type);
    unsigned from = value.getType().getIntOrFloatBitWidth();
    if (from == width)
      return value;
    if (from > width)
      return arith::TruncIOp::create(b, type, value);
    return from == 1 ? arith::ExtUIOp::create(b, type, value).getResult() : arith::ExtSIOp::create(b, type, value);
  }

  Value toFloat(Value value, Type type) {
    if (value.getType() == type)
      return value;
    if (llvm::isa<IntegerType>(value.getType())) {
      // Narrow floats from f64, which holds what they can tell apart.
      Type first = type.isF32() || type.isF64() ? type : b.getF64Type();
      Value number = value.getType().isInteger(1) ? arith::UIToFPOp::create(b, first, value).getResult()
                                                  : arith::SIToFPOp::create(b, first, value);
      return toFloat(number, type);
    }
    unsigned from = value.getType().getIntOrFloatBitWidth(), to = type.getIntOrFloatBitWidth();
    if (value.getType().isBF16())
      return toFloat(fromBF16(value), type);
    if (from < to)
      return arith::ExtFOp::create(b, type, value);
    if (from == 16) // f16 to bf16
      return toFloat(arith::ExtFOp::create(b, b.getF32Type(), value), type);
    if (from == 64 && to == 16)
      value = toOddF32(value);
    if (type.isBF16())
      return toBF16(value);
    return arith::TruncFOp::create(b, type, value);
  }

private:
  Value integer(Type type, int64_t value) { return arith::ConstantIntOp::create(b, type, value); }

  Value fromBF16(Value value) {
    Type i16 = b.getI16Type(), i32 = b.getI32Type();
    Value bits = arith::ExtUIOp::create(b, i32, arith::BitcastOp::create(b, i16, value));
    return arith::BitcastOp::create(b, b.getF32Type(), arith::ShLIOp::create(b, bits, integer(i32, 16)));
  }

  /// Half of the last place is added, less one where the place below is even.
  Value toBF16(Value value) {
    Type i16 = b.getI16Type(), i32 = b.getI32Type();
    Value bits = arith::BitcastOp::create(b, i32, value), places = integer(i32, 16);
    Value last = arith::AndIOp::create(b, arith::ShRUIOp::create(b, bits, places), integer(i32, 1));
    Value rounded = arith::AddIOp::create(b, bits, arith::AddIOp::create(b, last, integer(i32, 0x7fff)));
    Value quiet = arith::OrIOp::create(b, bits, integer(i32, 0x400000));
    Value isNan = s.compare(arith::CmpFPredicate::UNO, value, value);
    Value high = arith::ShRUIOp::create(b, s.select(isNan, quiet, rounded), places);
    return arith::BitcastOp::create(b, b.getBF16Type(), arith::TruncIOp::create(b, i16, high));
  }

  /// Towards zero, and with the last bit set where that is not exact.
  Value toOddF32(Value value) {
    Type i32 = b.getI32Type();
    Value near = arith::TruncFOp::create(b, b.getF32Type(), value);
    Value back = arith::ExtFOp::create(b, value.getType(), near);
    Value bits = arith::BitcastOp::create(b, i32, near), one = integer(i32, 1);
    Value beyond = s.compare(arith::CmpFPredicate::OGT, s.abs(back), s.abs(value));
    Value inwards = s.select(beyond, arith::SubIOp::create(b, bits, one), bits);
    Value inexact = s.compare(arith::CmpFPredicate::ONE, back, value);
    Value odd = s.select(inexact, arith::OrIOp::create(b, inwards, one), bits);
    return arith::BitcastOp::create(b, b.getF32Type(), odd);
  }

  /// Towards zero; what does not fit becomes the nearest that does, NaN 0.
  Value truncate(Value value, Type type) {
    unsigned width = type.getIntOrFloatBitWidth();
    Value limit = s.constant(std::ldexp(1.0, width - 1), value);
    Value above = s.compare(arith::CmpFPredicate::OGE, value, limit);
    Value below = s.compare(arith::CmpFPredicate::OLE, value, s.neg(limit));
    Value fits = s.compare(arith::CmpFPredicate::OLT, s.abs(value), limit);
    Value number = arith::FPToSIOp::create(b, type, s.select(fits, value, s.constant(0, value)));
    Value most = integer(type, llvm::APInt::getSignedMaxValue(width).getSExtValue());
    Value least = integer(type, llvm::APInt::getSignedMinValue(width).getSExtValue());
    return s.select(above, most, s.select(below, least, number));
  }

  Scalar &s;
  ImplicitLocOpBuilder &b;
};

} // namespace

Value emitCast(OpBuilder &builder, Location loc, Value value, Type element) {
  if (value.getType() == element)
    return value;
  Scalar s(builder, loc);
  Caster cast(s);
  if (auto complex = llvm::dyn_cast<ComplexType>(element)) {
    Type part = complex.getElementType();
    if (llvm::isa<ComplexType>(value.getType())) {
      Parts z = s.parts(value);
      return s.complex({cast.toFloat(z.re, part), cast.toFloat(z.im, part)});
    }
    Value re = cast.toFloat(value, part);
    return s.complex({re, s.constant(0, re)});
  }
  if (element.isInteger(1))
    return cast.toBool(value);
  if (llvm::isa<IntegerType>(element))
    return cast.toInteger(value, element);
  return cast.toFloat(value, element);
}

} // namespace ssm
