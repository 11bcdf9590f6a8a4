//===- Combine.cpp - combiners of raised operations -------------------------===//
#include "Combine.h"
#include "Raise/Linearity.h"

#include <limits>

using namespace mlir;

namespace ssm {

/// Both with the element type that the sum or product has.
static std::pair<Value, Value> promote(NamedBuilder &b, Value x, Value y) {
  Type p = getElement(x), q = getElement(y);
  if (p == q)
    return {x, y};
  Type element = llvm::isa<ComplexType>(p) ? p : q;
  auto fit = [&](Value v) { return getElement(v) == element ? v : MapOp::create(b, v, element).getResult(); };
  return {fit(x), fit(y)};
}

static Value times(NamedBuilder &b, Semiring semiring, Value x, Value y) {
  auto [p, q] = promote(b, x, y);
  return b.map(semiring == Semiring::Real ? MapFn::Mul : MapFn::Add, {p, q});
}

static Value plus(NamedBuilder &b, Semiring semiring, Value x, Value y) {
  auto [p, q] = promote(b, x, y);
  switch (semiring) {
  case Semiring::Real:
    return b.map(MapFn::Add, {p, q});
  case Semiring::MaxPlus:
    return b.map(MapFn::Max, {p, q});
  case Semiring::MinPlus:
    return b.map(MapFn::Min, {p, q});
  case Semiring::LogPlus:
    break;
  }
  Value large = b.map(MapFn::Max, {p, q}), small = b.map(MapFn::Min, {p, q});
  Value infinity = makeScalar(b, getElement(p), std::numeric_limits<double>::infinity());
  Value infinite = b.map(MapFn::Eq, {b.map(MapFn::Abs, large), infinity});
  Value rest = b.map(MapFn::Log1p, b.map(MapFn::Exp, b.map(MapFn::Sub, {small, large})));
  return b.map(MapFn::Select, {infinite, large, b.map(MapFn::Add, {large, rest})});
}

Value advance(NamedBuilder &b, Semiring semiring, RecurrencePart part, Value init) {
  Value kept = part.decay ? times(b, semiring, part.decay, init) : init;
  return plus(b, semiring, kept, part.state);
}

RecurrencePart combine(NamedBuilder &b, Semiring semiring, RecurrencePart first, RecurrencePart second) {
  Value decay = !first.decay    ? second.decay
                : !second.decay ? first.decay
                                : times(b, semiring, first.decay, second.decay);
  return {decay, advance(b, semiring, second, first.state)};
}

Value totalDecay(NamedBuilder &b, LinearRecurrenceOp op, Value decay, StringRef dim) {
  if (!decay)
    return {};
  bool varies = hasDim(decay, dim);
  Value length = b.size(dim);
  auto times = [&](MapFn fn) {
    Type element = getElement(decay), part = element;
    if (auto complex = llvm::dyn_cast<ComplexType>(element))
      part = complex.getElementType();
    Value count = MapOp::create(b, length, part);
    if (element != part)
      count = MapOp::create(b, count, element);
    return b.map(fn, {decay, count});
  };
  if (op.getLogDecay())
    return b.map(MapFn::Exp, varies ? b.reduce(Monoid::Add, decay, {dim}) : times(MapFn::Mul));
  if (op.getSemiring() != Semiring::Real)
    return varies ? b.reduce(Monoid::Add, decay, {dim}) : times(MapFn::Mul);
  if (varies)
    return b.reduce(Monoid::Mul, decay, {dim});
  // A power by repeated products: the decay may be negative or zero.
  NamedDims dims = getDims(decay);
  dims.push_back(b.dim(dim));
  return b.reduce(Monoid::Mul, b.align(decay, getTensorType(dims, getElement(decay))), {dim});
}

Value referenceOf(NamedBuilder &b, Value maximum) {
  Value zero = makeScalar(b, getElement(maximum), 0);
  Value infinite = makeScalar(b, getElement(maximum), -std::numeric_limits<double>::infinity());
  return b.map(MapFn::Select, {b.map(MapFn::Eq, {maximum, infinite}), zero, maximum});
}

FoldPart combine(NamedBuilder &b, const FoldPart &x, const FoldPart &y) {
  FoldPart both;
  both.maximum = b.map(MapFn::Max, {x.maximum, y.maximum});
  Value reference = referenceOf(b, both.maximum);
  auto factor = [&](const FoldPart &part) {
    return b.map(MapFn::Exp, b.map(MapFn::Sub, {part.maximum, reference}));
  };
  Value p = factor(x), q = factor(y);
  for (auto [u, v] : llvm::zip_equal(x.sums, y.sums))
    both.sums.push_back(b.map(MapFn::Add, {b.map(MapFn::Mul, {u, p}), b.map(MapFn::Mul, {v, q})}));
  return both;
}

} // namespace ssm
