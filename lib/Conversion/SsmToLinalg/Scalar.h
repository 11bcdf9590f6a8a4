//===- Scalar.h - scalar code, written as a formula -------------------------===//
//
// What the functions of Functions.h are built of. A builder that knows its place
// makes operations from operands:
//
//   Scalar s(b, loc);
//   s.div(s.constant(1, x), s.add(s.constant(1, x), s.exp(s.neg(x))))
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ssm/Dialect/Ssm/Ssm.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace ssm {

using Value = mlir::Value;

/// A complex number's parts.
struct Parts {
  Value re, im;
};

/// Reals, but for the last group.
class Scalar {
public:
  Scalar(mlir::OpBuilder &builder, mlir::Location loc) : b(loc, builder) {}

  mlir::ImplicitLocOpBuilder b;

  /// Of the type that `like` has.
  Value constant(double value, Value like) {
    return mlir::arith::ConstantOp::create(b, b.getFloatAttr(like.getType(), value));
  }
  Value infinity(Value like, bool negative = false) {
    auto type = llvm::cast<mlir::FloatType>(like.getType());
    return mlir::arith::ConstantOp::create(
        b, b.getFloatAttr(type, llvm::APFloat::getInf(type.getFloatSemantics(), negative)));
  }

  Value add(Value x, Value y) { return mlir::arith::AddFOp::create(b, x, y); }
  Value sub(Value x, Value y) { return mlir::arith::SubFOp::create(b, x, y); }
  Value mul(Value x, Value y) { return mlir::arith::MulFOp::create(b, x, y); }
  Value div(Value x, Value y) { return mlir::arith::DivFOp::create(b, x, y); }
  Value neg(Value x) { return mlir::arith::NegFOp::create(b, x); }
  /// Both hand on NaN.
  Value max(Value x, Value y) { return mlir::arith::MaximumFOp::create(b, x, y); }
  Value min(Value x, Value y) { return mlir::arith::MinimumFOp::create(b, x, y); }
  template <typename Op> Value call(Value x) { return Op::create(b, x); }
  Value abs(Value x) { return call<mlir::math::AbsFOp>(x); }
  Value exp(Value x) { return call<mlir::math::ExpOp>(x); }
  Value expm1(Value x) { return call<mlir::math::ExpM1Op>(x); }
  Value log(Value x) { return call<mlir::math::LogOp>(x); }
  Value log1p(Value x) { return call<mlir::math::Log1pOp>(x); }
  Value sqrt(Value x) { return call<mlir::math::SqrtOp>(x); }
  Value floor(Value x) { return call<mlir::math::FloorOp>(x); }
  Value sin(Value x) { return call<mlir::math::SinOp>(x); }
  Value cos(Value x) { return call<mlir::math::CosOp>(x); }
  Value compare(mlir::arith::CmpFPredicate predicate, Value x, Value y) {
    return mlir::arith::CmpFOp::create(b, predicate, x, y);
  }
  Value isZero(Value x) { return compare(mlir::arith::CmpFPredicate::OEQ, x, constant(0, x)); }
  Value isNegative(Value x) { return compare(mlir::arith::CmpFPredicate::OLT, x, constant(0, x)); }
  Value select(Value condition, Value x, Value y) { return mlir::arith::SelectOp::create(b, condition, x, y); }

  Parts parts(Value z) { return {mlir::complex::ReOp::create(b, z), mlir::complex::ImOp::create(b, z)}; }
  Value complex(Parts z) {
    return mlir::complex::CreateOp::create(b, mlir::ComplexType::get(z.re.getType()), z.re, z.im);
  }
};

Value emitInteger(Scalar &s, MapFn fn, mlir::ValueRange operands);
Value emitReal(Scalar &s, MapFn fn, mlir::ValueRange operands);
/// The operands are complex; the result is complex, or real for `abs`, `re`, `im`,
/// or i1 for comparisons.
Value emitComplex(Scalar &s, MapFn fn, mlir::ValueRange operands);

Parts multiply(Scalar &s, Parts x, Parts y);

} // namespace ssm
