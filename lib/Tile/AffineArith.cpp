//===- AffineArith.cpp - affine expressions as integer arithmetic -----------===//
#include "ssm/Tile/AffineArith.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace ssm {
namespace {

std::optional<int64_t> constantOf(Value value) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return constant.getSExtValue();
  return std::nullopt;
}

Value constant(ImplicitLocOpBuilder &b, Type type, int64_t value) {
  return arith::ConstantOp::create(b, b.getIntegerAttr(type, value));
}

} // namespace

Value addIntegers(ImplicitLocOpBuilder &b, Value a, Value c) {
  std::optional<int64_t> x = constantOf(a), y = constantOf(c);
  if (x && y)
    return constant(b, a.getType(), *x + *y);
  if (x)
    std::swap(a, c), std::swap(x, y);
  return y && *y == 0 ? a : arith::AddIOp::create(b, a, c).getResult();
}

Value multiplyIntegers(ImplicitLocOpBuilder &b, Value a, Value c) {
  std::optional<int64_t> x = constantOf(a), y = constantOf(c);
  if (x && y)
    return constant(b, a.getType(), *x * *y);
  if (x)
    std::swap(a, c), std::swap(x, y);
  if (!y)
    return arith::MulIOp::create(b, a, c);
  if (*y == 0)
    return constant(b, a.getType(), 0);
  if (*y == 1)
    return a;
  if (*y > 0 && llvm::isPowerOf2_64(*y))
    return arith::ShLIOp::create(b, a, constant(b, a.getType(), llvm::Log2_64(*y)));
  return arith::MulIOp::create(b, a, c);
}

Value floorDivide(ImplicitLocOpBuilder &b, Value a, Value by) {
  std::optional<int64_t> known = constantOf(by);
  if (known && *known > 0 && llvm::isPowerOf2_64(*known))
    return *known == 1 ? a : arith::ShRSIOp::create(b, a, constant(b, a.getType(), llvm::Log2_64(*known))).getResult();
  // The quotient rounds to zero; one less where the remainder has the other sign.
  Value quotient = arith::DivSIOp::create(b, a, by);
  Value rest = arith::SubIOp::create(b, a, arith::MulIOp::create(b, quotient, by));
  Value zero = constant(b, a.getType(), 0);
  Value inexact = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, rest, zero);
  Value signs = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, arith::XOrIOp::create(b, rest, by), zero);
  Value less = arith::AddIOp::create(b, quotient, constant(b, a.getType(), -1));
  return arith::SelectOp::create(b, arith::AndIOp::create(b, inexact, signs), less, quotient);
}

Value ceilDivide(ImplicitLocOpBuilder &b, Value a, Value by) {
  Value zero = constant(b, a.getType(), 0);
  return arith::SubIOp::create(b, zero, floorDivide(b, arith::SubIOp::create(b, zero, a), by));
}

Value remainder(ImplicitLocOpBuilder &b, Value a, Value by) {
  std::optional<int64_t> known = constantOf(by);
  if (known && *known > 0 && llvm::isPowerOf2_64(*known))
    return arith::AndIOp::create(b, a, constant(b, a.getType(), *known - 1));
  return arith::SubIOp::create(b, a, arith::MulIOp::create(b, floorDivide(b, a, by), by));
}

Value expandAffine(ImplicitLocOpBuilder &b, AffineExpr expression, ValueRange dims, ValueRange symbols, Type type) {
  if (auto known = dyn_cast<AffineConstantExpr>(expression))
    return constant(b, type, known.getValue());
  if (auto dim = dyn_cast<AffineDimExpr>(expression))
    return dims[dim.getPosition()];
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expression))
    return symbols[symbol.getPosition()];
  auto binary = cast<AffineBinaryOpExpr>(expression);
  Value left = expandAffine(b, binary.getLHS(), dims, symbols, type);
  Value right = expandAffine(b, binary.getRHS(), dims, symbols, type);
  switch (binary.getKind()) {
  case AffineExprKind::Add:
    return addIntegers(b, left, right);
  case AffineExprKind::Mul:
    return multiplyIntegers(b, left, right);
  case AffineExprKind::FloorDiv:
    return floorDivide(b, left, right);
  case AffineExprKind::CeilDiv:
    return ceilDivide(b, left, right);
  case AffineExprKind::Mod:
    return remainder(b, left, right);
  default:
    llvm_unreachable("the binary expressions are these");
  }
}

} // namespace ssm
