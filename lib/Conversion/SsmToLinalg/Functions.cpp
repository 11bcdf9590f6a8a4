//===- Functions.cpp - maps and monoids on scalars --------------------------===//
#include "FunctionTable.h"

#include <limits>

using namespace mlir;

namespace ssm {

Value emitMap(OpBuilder &b, Location loc, MapFn fn, ValueRange operands, Type element) {
  Place at{b, loc};
  if (fn == MapFn::Cast)
    return emitCast(b, loc, operands[0], element);
  if (fn == MapFn::Select)
    return at.op<arith::SelectOp>(operands[0], operands[1], operands[2]);
  Type type = getElementTypeOrSelf(operands[0].getType());
  if (llvm::isa<ComplexType>(type))
    return emitComplex(at, fn, operands);
  return llvm::isa<IntegerType>(type) ? emitInteger(at, fn, operands) : emitReal(at, fn, operands);
}

Value emitIdentity(OpBuilder &b, Location loc, Monoid monoid, Type element) {
  Place at{b, loc};
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (auto complex = llvm::dyn_cast<ComplexType>(element)) {
    Type part = complex.getElementType();
    return at.op<complex::CreateOp>(complex, at.real(monoid == Monoid::Mul, part), at.real(0, part));
  }
  bool whole = llvm::isa<IntegerType>(getElementTypeOrSelf(element));
  switch (monoid) {
  case Monoid::Add:
    return whole ? at.integer(0, element) : at.real(0, element);
  case Monoid::Mul:
    return whole ? at.integer(1, element) : at.real(1, element);
  case Monoid::Max:
    return whole ? at.integer(std::numeric_limits<int64_t>::min(), element) : at.real(-infinity, element);
  case Monoid::Min:
    return whole ? at.integer(std::numeric_limits<int64_t>::max(), element) : at.real(infinity, element);
  case Monoid::LogSumExp:
    return at.real(-infinity, element);
  }
  return {};
}

/// log(exp(a) + exp(b)), by the larger of the two.
static Value logAddExp(Place &at, Value accumulator, Value element) {
  Real a(at, accumulator), b(at, element), large = max(a, b), small = min(a, b);
  Real sum = large + log1p(exp(small - large));
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return select(abs(large) == infinity, large, sum).v;
}

Value emitCombine(OpBuilder &b, Location loc, Monoid monoid, Value accumulator, Value element) {
  Place at{b, loc};
  auto map = [&](MapFn fn) { return emitMap(b, loc, fn, {accumulator, element}, accumulator.getType()); };
  switch (monoid) {
  case Monoid::Add:
    return map(MapFn::Add);
  case Monoid::Mul:
    return map(MapFn::Mul);
  case Monoid::Max:
    return map(MapFn::Max);
  case Monoid::Min:
    return map(MapFn::Min);
  case Monoid::LogSumExp:
    return logAddExp(at, accumulator, element);
  }
  return {};
}

} // namespace ssm
