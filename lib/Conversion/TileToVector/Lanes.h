//===- Lanes.h - arithmetic on vectors as expressions -----------------------===//
//
// `F` wraps a vector of floats, `I` one of integers of the same width, so that a
// formula reads as one: `F y = fma(r, p, one)`. A number takes the other's type.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace ssm::tile::lanes {

struct I;
struct F {
  mlir::ImplicitLocOpBuilder &b;
  mlir::Value v;

  mlir::VectorType type() const { return llvm::cast<mlir::VectorType>(v.getType()); }
  bool isDouble() const { return type().getElementType().isF64(); }
  F number(double x) const {
    auto value = mlir::FloatAttr::get(type().getElementType(), x);
    return {b, mlir::arith::ConstantOp::create(b, mlir::DenseElementsAttr::get(type(), llvm::ArrayRef<mlir::Attribute>(value)))};
  }
  F(mlir::ImplicitLocOpBuilder &b, mlir::Value v) : b(b), v(v) {}
};
struct I {
  mlir::ImplicitLocOpBuilder &b;
  mlir::Value v;
  I number(int64_t x) const {
    auto type = llvm::cast<mlir::VectorType>(v.getType());
    auto value = mlir::IntegerAttr::get(type.getElementType(), x);
    return {b, mlir::arith::ConstantOp::create(b, mlir::DenseElementsAttr::get(type, llvm::ArrayRef<mlir::Attribute>(value)))};
  }
};
struct M {
  mlir::ImplicitLocOpBuilder &b;
  mlir::Value v;
};

#define SSM_LANES_OPERATOR(TYPE, NUMBER, SYMBOL, OP)                                                                   \
  inline TYPE operator SYMBOL(const TYPE &x, const TYPE &y) { return {x.b, mlir::arith::OP::create(x.b, x.v, y.v)}; }  \
  inline TYPE operator SYMBOL(NUMBER x, const TYPE &y) { return y.number(x) SYMBOL y; }                                \
  inline TYPE operator SYMBOL(const TYPE &x, NUMBER y) { return x SYMBOL x.number(y); }
SSM_LANES_OPERATOR(F, double, +, AddFOp)
SSM_LANES_OPERATOR(F, double, -, SubFOp)
SSM_LANES_OPERATOR(F, double, *, MulFOp)
SSM_LANES_OPERATOR(F, double, /, DivFOp)
SSM_LANES_OPERATOR(I, int64_t, +, AddIOp)
SSM_LANES_OPERATOR(I, int64_t, -, SubIOp)
SSM_LANES_OPERATOR(I, int64_t, &, AndIOp)
SSM_LANES_OPERATOR(I, int64_t, |, OrIOp)
SSM_LANES_OPERATOR(I, int64_t, ^, XOrIOp)
SSM_LANES_OPERATOR(I, int64_t, <<, ShLIOp)
SSM_LANES_OPERATOR(I, int64_t, >>, ShRSIOp)
#undef SSM_LANES_OPERATOR

inline F operator-(const F &x) { return {x.b, mlir::arith::NegFOp::create(x.b, x.v)}; }
inline F abs(const F &x) { return {x.b, mlir::math::AbsFOp::create(x.b, x.v)}; }
inline F fma(const F &x, const F &y, const F &z) { return {x.b, mlir::math::FmaOp::create(x.b, x.v, y.v, z.v)}; }
inline F copysign(const F &x, const F &sign) { return {x.b, mlir::math::CopySignOp::create(x.b, x.v, sign.v)}; }
inline M compare(mlir::arith::CmpFPredicate predicate, const F &x, const F &y) {
  return {x.b, mlir::arith::CmpFOp::create(x.b, predicate, x.v, y.v)};
}
/// Ordered: false for NaN.
inline M operator<(const F &x, double y) { return compare(mlir::arith::CmpFPredicate::OLT, x, x.number(y)); }
inline M operator>(const F &x, double y) { return compare(mlir::arith::CmpFPredicate::OGT, x, x.number(y)); }
inline M operator==(const F &x, double y) { return compare(mlir::arith::CmpFPredicate::OEQ, x, x.number(y)); }
inline M operator==(const I &x, int64_t y) {
  return {x.b, mlir::arith::CmpIOp::create(x.b, mlir::arith::CmpIPredicate::eq, x.v, x.number(y).v)};
}
inline F select(const M &c, const F &x, const F &y) {
  return {x.b, mlir::arith::SelectOp::create(x.b, c.v, x.v, y.v)};
}
/// x, but not above (below) the bound; NaN stays.
inline F atMost(const F &x, double bound) { return select(x > bound, x.number(bound), x); }
inline F atLeast(const F &x, double bound) { return select(x < bound, x.number(bound), x); }

inline I bits(const F &x) {
  auto type = x.type();
  auto element = mlir::IntegerType::get(type.getContext(), type.getElementTypeBitWidth());
  return {x.b, mlir::arith::BitcastOp::create(x.b, type.clone(element), x.v)};
}
inline F asFloat(const I &x, const F &like) { return {x.b, mlir::arith::BitcastOp::create(x.b, like.type(), x.v)}; }
inline F toFloat(const I &x, const F &like) { return {x.b, mlir::arith::SIToFPOp::create(x.b, like.type(), x.v)}; }

/// c[0] + c[1] x + ..., by fused multiply-adds.
inline F polynomial(const F &x, llvm::ArrayRef<double> c) {
  mlir::Value sum = x.number(c.back()).v;
  for (double next : llvm::reverse(c.drop_back()))
    sum = fma(F(x.b, sum), x, x.number(next)).v;
  return {x.b, sum};
}

/// The same in two chains, of even and odd powers, that run beside each other: for where
/// the last digit does not count.
inline F polynomialInTwo(const F &x, llvm::ArrayRef<double> c) {
  llvm::SmallVector<double> even, odd;
  for (auto [i, next] : llvm::enumerate(c))
    (i % 2 ? odd : even).push_back(next);
  F square = x * x;
  return fma(polynomial(square, odd), x, polynomial(square, even));
}

} // namespace ssm::tile::lanes
