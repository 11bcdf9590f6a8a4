//===- RealFunctions.cpp - maps of reals, integers and bools ----------------===//
//
// Reals are computed in their own type by math operations, which become libm's
// functions; each in the form that neither overflows nor cancels.
//
//===----------------------------------------------------------------------===//
#include "FunctionTable.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

#include <numbers>

using namespace mlir;

namespace ssm {

Real sigmoid(const Real &x) {
  Real e = exp(-abs(x));
  return select(x >= 0, x.number(1), e) / (1 + e);
}

/// x Phi(x). The argument of erfc is formed in f64: its error is multiplied by x^2.
static Real gelu(const Real &x) {
  Place &at = x.at;
  bool single = x.element().isF32();
  Real wide = single ? Real(at, at.op<arith::ExtFOp>(inShapeOf(x.type(), at.b.getF64Type()), x.v)) : x;
  Real y = 0.5 * wide * erfc(-(wide * (1 / std::numbers::sqrt2)));
  return single ? Real(at, at.op<arith::TruncFOp>(x.type(), y.v)) : y;
}

/// x (1 + tanh(t)) / 2, which is x sigmoid(2 t): for negative x that does not cancel.
static Real geluTanh(const Real &x) {
  constexpr double scale = 1.59576912160573071176; // 2 sqrt(2 / pi)
  return x * sigmoid(scale * (x + 0.044715 * x * x * x));
}

static Real sign(const Real &x) {
  Real one = x.number(1), zero = x.number(0);
  Real positive = select(x > 0, one, select(x < 0, -one, zero));
  return select(isNan(x), x, positive);
}

Value emitReal(Place &at, MapFn fn, ValueRange operands) {
  Real x(at, operands[0]), y(at, operands.back());
  switch (fn) {
  case MapFn::Add:
    return (x + y).v;
  case MapFn::Sub:
    return (x - y).v;
  case MapFn::Mul:
    return (x * y).v;
  case MapFn::Div:
    return (x / y).v;
  case MapFn::Pow:
    return pow(x, y).v;
  case MapFn::Min:
    return min(x, y).v;
  case MapFn::Max:
    return max(x, y).v;
  case MapFn::FloorDiv:
    return floor(x / y).v;
  case MapFn::Mod:
    return (x - y * floor(x / y)).v;
  case MapFn::Neg:
    return (-x).v;
  case MapFn::Abs:
    return abs(x).v;
  case MapFn::Sign:
    return sign(x).v;
  case MapFn::Floor:
    return floor(x).v;
  case MapFn::Ceil:
    return ceil(x).v;
  case MapFn::Exp:
    return exp(x).v;
  case MapFn::Expm1:
    return expm1(x).v;
  case MapFn::Log:
    return log(x).v;
  case MapFn::Log1p:
    return log1p(x).v;
  case MapFn::Sqrt:
    return sqrt(x).v;
  case MapFn::Rsqrt:
    return (1 / sqrt(x)).v;
  case MapFn::Sin:
    return sin(x).v;
  case MapFn::Cos:
    return cos(x).v;
  case MapFn::Tanh:
    return tanh(x).v;
  case MapFn::Sigmoid:
    return sigmoid(x).v;
  case MapFn::Softplus:
    return (max(x, x.number(0)) + log1p(exp(-abs(x)))).v;
  case MapFn::Relu:
    return max(x, x.number(0)).v;
  case MapFn::Elu:
    return select(x > 0, x, expm1(x)).v;
  case MapFn::Gelu:
    return gelu(x).v;
  case MapFn::GeluTanh:
    return geluTanh(x).v;
  case MapFn::Silu:
    return (x * sigmoid(x)).v;
  case MapFn::Lt:
    return (x < y).v;
  case MapFn::Le:
    return (x <= y).v;
  case MapFn::Gt:
    return (x > y).v;
  case MapFn::Ge:
    return (x >= y).v;
  case MapFn::Eq:
    return (x == y).v;
  case MapFn::Ne:
    return compare(arith::CmpFPredicate::UNE, x, y).v;
  case MapFn::Complex:
    return at.op<complex::CreateOp>(ComplexType::get(x.type()), x.v, y.v);
  default:
    return {};
  }
}

/// Quotient and remainder towards minus infinity; both 0 for a divisor of 0, and
/// without the trap of the least integer by -1.
static std::pair<Value, Value> floorDivide(Place &at, Value a, Value b) {
  Type type = a.getType();
  auto compare = [&](arith::CmpIPredicate predicate, Value x, Value y) {
    return at.op<arith::CmpIOp>(predicate, x, y);
  };
  Value zero = at.integer(0, type), one = at.integer(1, type), minus = at.integer(-1, type);
  Value byZero = compare(arith::CmpIPredicate::eq, b, zero), byMinus = compare(arith::CmpIPredicate::eq, b, minus);
  Value special = at.op<arith::OrIOp>(byZero, byMinus);
  Value safe = at.op<arith::SelectOp>(special, one, b);
  Value quotient = at.op<arith::DivSIOp>(a, safe), rest = at.op<arith::RemSIOp>(a, safe);
  Value inexact = compare(arith::CmpIPredicate::ne, rest, zero);
  Value opposite = compare(arith::CmpIPredicate::slt, at.op<arith::XOrIOp>(rest, safe), zero);
  Value adjust = at.op<arith::AndIOp>(inexact, opposite);
  quotient = at.op<arith::SelectOp>(adjust, at.op<arith::SubIOp>(quotient, one), quotient);
  rest = at.op<arith::SelectOp>(adjust, at.op<arith::AddIOp>(rest, safe), rest);
  quotient = at.op<arith::SelectOp>(byMinus, at.op<arith::SubIOp>(zero, a), quotient);
  return {at.op<arith::SelectOp>(byZero, zero, quotient), at.op<arith::SelectOp>(special, zero, rest)};
}

/// By squaring; a negative exponent counts as 0.
static Value wholePower(Place &at, Value base, Value exponent) {
  Type type = base.getType(), index = at.b.getIndexType();
  Value one = at.integer(1, type), zero = at.integer(0, type);
  exponent = at.op<arith::MaxSIOp>(exponent, zero);
  auto loop = scf::ForOp::create(at.b, at.loc, at.integer(0, index), at.integer(63, index), at.integer(1, index),
                                 ValueRange{one, base, exponent},
                                 [&](OpBuilder &b, Location loc, Value, ValueRange state) {
                                   Place in{b, loc};
                                   Value odd = in.op<arith::TruncIOp>(b.getI1Type(), state[2]);
                                   Value times = in.op<arith::MulIOp>(state[0], state[1]);
                                   Value result = in.op<arith::SelectOp>(odd, times, state[0]);
                                   Value square = in.op<arith::MulIOp>(state[1], state[1]);
                                   Value left = in.op<arith::ShRUIOp>(state[2], in.integer(1, type));
                                   scf::YieldOp::create(b, loc, ValueRange{result, square, left});
                                 });
  return loop.getResult(0);
}

Value emitInteger(Place &at, MapFn fn, ValueRange operands) {
  Value x = operands[0], y = operands.back();
  Type type = x.getType();
  auto zero = [&] { return at.integer(0, type); };
  auto compare = [&](arith::CmpIPredicate predicate, Value a, Value b) { return at.op<arith::CmpIOp>(predicate, a, b); };
  switch (fn) {
  case MapFn::Add:
    return at.op<arith::AddIOp>(x, y);
  case MapFn::Sub:
    return at.op<arith::SubIOp>(x, y);
  case MapFn::Mul:
    return at.op<arith::MulIOp>(x, y);
  case MapFn::Pow:
    return wholePower(at, x, y);
  case MapFn::Min:
    return at.op<arith::MinSIOp>(x, y);
  case MapFn::Max:
    return at.op<arith::MaxSIOp>(x, y);
  case MapFn::FloorDiv:
    return floorDivide(at, x, y).first;
  case MapFn::Mod:
    return floorDivide(at, x, y).second;
  case MapFn::Neg:
    return at.op<arith::SubIOp>(zero(), x);
  case MapFn::Abs:
    return at.op<arith::SelectOp>(compare(arith::CmpIPredicate::slt, x, zero()), at.op<arith::SubIOp>(zero(), x), x);
  case MapFn::Sign:
    return at.op<arith::MinSIOp>(at.op<arith::MaxSIOp>(x, at.integer(-1, type)), at.integer(1, type));
  case MapFn::Relu:
    return at.op<arith::MaxSIOp>(x, zero());
  case MapFn::Lt:
    return compare(arith::CmpIPredicate::slt, x, y);
  case MapFn::Le:
    return compare(arith::CmpIPredicate::sle, x, y);
  case MapFn::Gt:
    return compare(arith::CmpIPredicate::sgt, x, y);
  case MapFn::Ge:
    return compare(arith::CmpIPredicate::sge, x, y);
  case MapFn::Eq:
    return compare(arith::CmpIPredicate::eq, x, y);
  case MapFn::Ne:
    return compare(arith::CmpIPredicate::ne, x, y);
  case MapFn::And:
    return at.op<arith::AndIOp>(x, y);
  case MapFn::Or:
    return at.op<arith::OrIOp>(x, y);
  case MapFn::Not:
    return at.op<arith::XOrIOp>(x, at.integer(1, type));
  default:
    return {};
  }
}

} // namespace ssm
