//===- Scalar.h - scalar arithmetic as expressions --------------------------===//
//
// `Real` wraps a float and its builder, so that a formula reads as one:
//
//   Real e = exp(-abs(x));
//   return select(x >= 0, 1 / (1 + e), e / (1 + e));
//
// A number in a formula takes the other operand's type. `Pair` is a complex value.
// All of it works on tensors of equal shape, element by element, as on scalars.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/TypeUtilities.h"

namespace ssm {

/// The element type in the shape of another type: itself beside a scalar, a tensor
/// beside a tensor.
inline mlir::Type inShapeOf(mlir::Type like, mlir::Type element) {
  if (auto shaped = llvm::dyn_cast<mlir::ShapedType>(like))
    return shaped.clone(element);
  return element;
}

/// Where scalar code goes.
struct Place {
  mlir::OpBuilder &b;
  mlir::Location loc;
  bool single = false; ///< complex functions of f32 stay in it: f64 is dear

  template <typename Op, typename... Args> mlir::Value op(Args &&...args) {
    return Op::create(b, loc, std::forward<Args>(args)...);
  }
  mlir::Value integer(int64_t value, mlir::Type type) {
    return constant(b.getIntegerAttr(mlir::getElementTypeOrSelf(type), value), type);
  }
  mlir::Value real(double value, mlir::Type type) {
    return constant(b.getFloatAttr(mlir::getElementTypeOrSelf(type), value), type);
  }
  mlir::Value constant(mlir::TypedAttr value, mlir::Type type) {
    if (auto shaped = llvm::dyn_cast<mlir::ShapedType>(type))
      return op<mlir::arith::ConstantOp>(mlir::DenseElementsAttr::get(shaped, value));
    return op<mlir::arith::ConstantOp>(value);
  }
};

struct Real {
  Place &at;
  mlir::Value v;

  Real(Place &at, mlir::Value v) : at(at), v(v) {}
  Real(const Real &other) = default;
  mlir::Type type() const { return v.getType(); }
  mlir::Type element() const { return mlir::getElementTypeOrSelf(v.getType()); }
  Real number(double value) const { return {at, at.real(value, type())}; }
  template <typename Op> Real apply() const { return {at, at.op<Op>(v)}; }
  template <typename Op> Real with(const Real &other) const { return {at, at.op<Op>(v, other.v)}; }
};

/// A condition.
struct Bool {
  Place &at;
  mlir::Value v;
};

#define SSM_REAL_OPERATOR(SYMBOL, OP)                                                                                  \
  inline Real operator SYMBOL(const Real &a, const Real &b) { return a.with<mlir::arith::OP>(b); }                     \
  inline Real operator SYMBOL(double a, const Real &b) { return b.number(a) SYMBOL b; }                                \
  inline Real operator SYMBOL(const Real &a, double b) { return a SYMBOL a.number(b); }
SSM_REAL_OPERATOR(+, AddFOp)
SSM_REAL_OPERATOR(-, SubFOp)
SSM_REAL_OPERATOR(*, MulFOp)
SSM_REAL_OPERATOR(/, DivFOp)
#undef SSM_REAL_OPERATOR
inline Real operator-(const Real &a) { return a.apply<mlir::arith::NegFOp>(); }

inline Bool compare(mlir::arith::CmpFPredicate predicate, const Real &a, const Real &b) {
  return {a.at, a.at.op<mlir::arith::CmpFOp>(predicate, a.v, b.v)};
}
#define SSM_REAL_COMPARISON(SYMBOL, PREDICATE)                                                                         \
  inline Bool operator SYMBOL(const Real &a, const Real &b) {                                                          \
    return compare(mlir::arith::CmpFPredicate::PREDICATE, a, b);                                                       \
  }                                                                                                                    \
  inline Bool operator SYMBOL(const Real &a, double b) { return a SYMBOL a.number(b); }
SSM_REAL_COMPARISON(<, OLT)
SSM_REAL_COMPARISON(<=, OLE)
SSM_REAL_COMPARISON(>, OGT)
SSM_REAL_COMPARISON(>=, OGE)
SSM_REAL_COMPARISON(==, OEQ)
#undef SSM_REAL_COMPARISON
inline Bool operator&(const Bool &a, const Bool &b) { return {a.at, a.at.op<mlir::arith::AndIOp>(a.v, b.v)}; }
inline Bool operator|(const Bool &a, const Bool &b) { return {a.at, a.at.op<mlir::arith::OrIOp>(a.v, b.v)}; }
inline Bool isNan(const Real &a) { return compare(mlir::arith::CmpFPredicate::UNO, a, a); }

inline Real select(const Bool &c, const Real &a, const Real &b) {
  return {a.at, a.at.op<mlir::arith::SelectOp>(c.v, a.v, b.v)};
}

inline Real abs(const Real &a) { return a.apply<mlir::math::AbsFOp>(); }
inline Real exp(const Real &a) { return a.apply<mlir::math::ExpOp>(); }
inline Real expm1(const Real &a) { return a.apply<mlir::math::ExpM1Op>(); }
inline Real log(const Real &a) { return a.apply<mlir::math::LogOp>(); }
inline Real log1p(const Real &a) { return a.apply<mlir::math::Log1pOp>(); }
inline Real sqrt(const Real &a) { return a.apply<mlir::math::SqrtOp>(); }
inline Real sin(const Real &a) { return a.apply<mlir::math::SinOp>(); }
inline Real cos(const Real &a) { return a.apply<mlir::math::CosOp>(); }
inline Real sinh(const Real &a) { return a.apply<mlir::math::SinhOp>(); }
inline Real cosh(const Real &a) { return a.apply<mlir::math::CoshOp>(); }
inline Real tanh(const Real &a) { return a.apply<mlir::math::TanhOp>(); }
inline Real erfc(const Real &a) { return a.apply<mlir::math::ErfcOp>(); }
inline Real floor(const Real &a) { return a.apply<mlir::math::FloorOp>(); }
inline Real ceil(const Real &a) { return a.apply<mlir::math::CeilOp>(); }
inline Real pow(const Real &a, const Real &b) { return a.with<mlir::math::PowFOp>(b); }
inline Real atan2(const Real &a, const Real &b) { return a.with<mlir::math::Atan2Op>(b); }
inline Real copysign(const Real &a, const Real &b) { return a.with<mlir::math::CopySignOp>(b); }
/// These hand on NaN.
inline Real max(const Real &a, const Real &b) { return a.with<mlir::arith::MaximumFOp>(b); }
inline Real min(const Real &a, const Real &b) { return a.with<mlir::arith::MinimumFOp>(b); }

struct Pair {
  Real re, im;
};

} // namespace ssm
