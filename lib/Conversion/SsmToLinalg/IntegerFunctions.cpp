//===- IntegerFunctions.cpp - functions of whole numbers and bools ----------===//
//
// Sums and products wrap. Division rounds towards minus infinity, by 0 it gives 0.
//
//===----------------------------------------------------------------------===//
#include "Scalar.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace ssm {

namespace {
/// Floored quotient and remainder. The machine's division traps on a divisor of 0
/// and on the least number over -1, so it is given 1 for both.
struct Division {
  Value quotient, remainder;

  Division(Scalar &s, Value x, Value y) {
    ImplicitLocOpBuilder &b = s.b;
    auto constant = [&](int64_t v) -> Value { return arith::ConstantIntOp::create(b, x.getType(), v); };
    Value zero = constant(0), one = constant(1), minusOne = constant(-1);
    Value byZero = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, y, zero);
    Value byMinusOne = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, y, minusOne);
    Value divisor = s.select(arith::OrIOp::create(b, byZero, byMinusOne), one, y);
    Value q = arith::DivSIOp::create(b, x, divisor), r = arith::RemSIOp::create(b, x, divisor);
    Value unlike = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, arith::XOrIOp::create(b, r, divisor), zero);
    Value inexact = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, r, zero);
    Value down = arith::AndIOp::create(b, inexact, unlike);
    q = s.select(down, arith::SubIOp::create(b, q, one), q);
    r = s.select(down, arith::AddIOp::create(b, r, divisor), r);
    q = s.select(byMinusOne, arith::SubIOp::create(b, zero, x), q);
    quotient = s.select(byZero, zero, q);
    remainder = s.select(byZero, zero, r);
  }
};
} // namespace

/// By repeated squaring; with a negative exponent 1 / x ** -y, rounded to 0.
static Value power(Scalar &s, Value x, Value y) {
  ImplicitLocOpBuilder &b = s.b;
  Type type = x.getType();
  auto constant = [&](int64_t v) -> Value { return arith::ConstantIntOp::create(b, type, v); };
  Value zero = constant(0), one = constant(1);
  auto loop = scf::WhileOp::create(
      b, TypeRange{type, type, type}, ValueRange{x, y, one},
      [&](OpBuilder &n, Location loc, ValueRange state) {
        Value more = arith::CmpIOp::create(n, loc, arith::CmpIPredicate::sgt, state[1], zero);
        scf::ConditionOp::create(n, loc, more, state);
      },
      [&](OpBuilder &n, Location loc, ValueRange state) {
        Value odd = arith::TruncIOp::create(n, loc, n.getI1Type(), state[1]);
        Value product = arith::MulIOp::create(n, loc, state[2], state[0]);
        Value result = arith::SelectOp::create(n, loc, odd, product, state[2]);
        Value square = arith::MulIOp::create(n, loc, state[0], state[0]);
        Value half = arith::ShRUIOp::create(n, loc, state[1], one);
        scf::YieldOp::create(n, loc, ValueRange{square, half, result});
      });
  // Only 1 and -1 have an inverse.
  Value isOne = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, x, one);
  Value isMinusOne = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, x, constant(-1));
  Value odd = arith::TruncIOp::create(b, b.getI1Type(), y);
  Value inverse = s.select(isOne, one, s.select(isMinusOne, s.select(odd, constant(-1), one), zero));
  Value negative = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, y, zero);
  return s.select(negative, inverse, loop.getResult(2));
}

Value emitInteger(Scalar &s, MapFn fn, ValueRange operands) {
  ImplicitLocOpBuilder &b = s.b;
  Value x = operands[0], y = operands.back();
  auto constant = [&](int64_t v) -> Value { return arith::ConstantIntOp::create(b, x.getType(), v); };
  auto compare = [&](arith::CmpIPredicate predicate, Value p, Value q) -> Value {
    return arith::CmpIOp::create(b, predicate, p, q);
  };
  switch (fn) {
  case MapFn::Add: return arith::AddIOp::create(b, x, y);
  case MapFn::Sub: return arith::SubIOp::create(b, x, y);
  case MapFn::Mul: return arith::MulIOp::create(b, x, y);
  case MapFn::Pow: return power(s, x, y);
  case MapFn::Min: return arith::MinSIOp::create(b, x, y);
  case MapFn::Max: return arith::MaxSIOp::create(b, x, y);
  case MapFn::FloorDiv: return Division(s, x, y).quotient;
  case MapFn::Mod: return Division(s, x, y).remainder;
  case MapFn::Neg: return arith::SubIOp::create(b, constant(0), x);
  case MapFn::Abs: return arith::MaxSIOp::create(b, x, arith::SubIOp::create(b, constant(0), x));
  case MapFn::Sign: return arith::MaxSIOp::create(b, arith::MinSIOp::create(b, x, constant(1)), constant(-1));
  case MapFn::Relu: return arith::MaxSIOp::create(b, x, constant(0));
  case MapFn::Lt: return compare(arith::CmpIPredicate::slt, x, y);
  case MapFn::Le: return compare(arith::CmpIPredicate::sle, x, y);
  case MapFn::Gt: return compare(arith::CmpIPredicate::sgt, x, y);
  case MapFn::Ge: return compare(arith::CmpIPredicate::sge, x, y);
  case MapFn::Eq: return compare(arith::CmpIPredicate::eq, x, y);
  case MapFn::Ne: return compare(arith::CmpIPredicate::ne, x, y);
  case MapFn::And: return arith::AndIOp::create(b, x, y);
  case MapFn::Or: return arith::OrIOp::create(b, x, y);
  case MapFn::Not: return arith::XOrIOp::create(b, x, constant(1));
  default: return {};
  }
}

} // namespace ssm
