//===- Linearity.cpp - how the carries enter a value of a scan's body -------===//
#include "Linearity.h"

#include "llvm/ADT/TypeSwitch.h"

#include <limits>

using namespace mlir;

namespace ssm {

Linearity::Form Linearity::nonlinear(Operation *op, const llvm::Twine &reason) {
  why = reason.str();
  where = op;
  return std::nullopt;
}

Value Linearity::zero() {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return makeScalar(b, element, semiring == Semiring::Real ? 0 : semiring == Semiring::MinPlus ? infinity : -infinity);
}

Value Linearity::one() { return makeScalar(b, element, semiring == Semiring::Real ? 1 : 0); }

Value Linearity::write(const Coefficient &coefficient) {
  Value product;
  for (Value factor : coefficient.factors)
    product = product ? b.map(semiring == Semiring::Real ? MapFn::Mul : MapFn::Add, {product, factor}) : factor;
  if (coefficient.negative)
    product = b.map(MapFn::Neg, product ? product : one());
  return product;
}

static MapFn additionOf(Semiring semiring) {
  switch (semiring) {
  case Semiring::Real:
    return MapFn::Add;
  case Semiring::MaxPlus:
    return MapFn::Max;
  case Semiring::MinPlus:
    return MapFn::Min;
  case Semiring::LogPlus:
    break;
  }
  llvm_unreachable("no single function adds here");
}

Linearity::Form Linearity::add(Form x, Form y) {
  if (!x || !y)
    return std::nullopt;
  auto join = [&](Value p, Value q) {
    if (semiring != Semiring::LogPlus)
      return b.map(additionOf(semiring), {p, q});
    // By the larger, so that no exponential grows.
    Value large = b.map(MapFn::Max, {p, q}), small = b.map(MapFn::Min, {p, q});
    Value gone = b.map(MapFn::Eq, {large, zero()});
    Value rest = b.map(MapFn::Log1p, b.map(MapFn::Exp, b.map(MapFn::Sub, {small, large})));
    return b.map(MapFn::Select, {gone, large, b.map(MapFn::Add, {large, rest})});
  };
  LinearForm sum = *x;
  sum.dense |= y->dense;
  for (auto &[carry, coefficient] : y->carries) {
    auto [at, fresh] = sum.carries.insert({carry, coefficient});
    if (fresh || sum.dense)
      continue;
    Value p = write(at->second), q = write(coefficient);
    at->second = {false, {join(p ? p : one(), q ? q : one())}};
  }
  sum.constantAtStart = (!x->constant || x->constantAtStart) && (!y->constant || y->constantAtStart);
  if (!sum.dense)
    sum.constant = !x->constant ? y->constant : !y->constant ? x->constant : join(x->constant, y->constant);
  else
    sum.constant = x->constant ? x->constant : y->constant;
  return sum;
}

Linearity::Form Linearity::scale(Form form, Value by) {
  if (!form || form->dense)
    return form;
  for (auto &[carry, coefficient] : form->carries)
    coefficient.factors.push_back(by);
  if (form->constant)
    form->constant = b.map(semiring == Semiring::Real ? MapFn::Mul : MapFn::Add, {form->constant, by});
  return form;
}

Linearity::Form Linearity::negate(Form form) {
  if (!form)
    return form;
  for (auto &[carry, coefficient] : form->carries)
    coefficient.negative = !coefficient.negative;
  if (form->constant && !form->dense)
    form->constant = b.map(MapFn::Neg, form->constant);
  return form;
}

/// where(c, x, y) with c free of carries: a choice of coefficients.
Linearity::Form Linearity::select(MapOp op) {
  if (!lift.canLift(op.getOperands()[0]))
    return nonlinear(op, "a choice by a condition on the carry");
  Form x = evaluate(op.getOperands()[1]);
  Form y = x ? evaluate(op.getOperands()[2]) : Form();
  if (!x || !y)
    return std::nullopt;
  Value condition = lift(op.getOperands()[0]);
  LinearForm chosen;
  chosen.dense = x->dense || y->dense;
  auto choose = [&](Value p, Value q) { return b.map(MapFn::Select, {condition, p, q}); };
  for (auto *form : {&*x, &*y})
    for (auto &[carry, coefficient] : form->carries)
      chosen.carries.insert({carry, {}});
  bool start = isStartCondition(condition, scan.getDim());
  chosen.constantAtStart = start && (!y->constant || y->constantAtStart);
  if (chosen.dense) {
    chosen.constant = x->constant ? x->constant : y->constant;
    return chosen;
  }
  for (auto &[carry, coefficient] : chosen.carries) {
    auto side = [&](LinearForm &form) {
      auto at = form.carries.find(carry);
      if (at == form.carries.end())
        return zero();
      Value value = write(at->second);
      return value ? value : one();
    };
    coefficient.factors = {choose(side(*x), side(*y))};
  }
  if (x->constant || y->constant)
    chosen.constant = choose(x->constant ? x->constant : zero(), y->constant ? y->constant : zero());
  return chosen;
}

/// The logarithm of one side of log(exp(x) + y).
Linearity::Form Linearity::logarithm(Value side) {
  auto exp = side.getDefiningOp<MapOp>();
  if (exp && exp.getFn() == MapFn::Exp)
    return evaluate(exp.getOperands()[0]);
  if (!lift.canLift(side))
    return nonlinear(exp, "a logarithm of more than exponentials of the carry");
  Value whole = lift(side);
  auto outside = whole.getDefiningOp<MapOp>();
  LinearForm form;
  form.constant = outside && outside.getFn() == MapFn::Exp ? Value(outside.getOperands()[0]) : b.map(MapFn::Log, whole);
  return form;
}

Linearity::Form Linearity::map(MapOp op) {
  auto operand = [&](unsigned i) { return op.getOperands()[i]; };
  MapFn fn = op.getFn();
  bool real = semiring == Semiring::Real;
  if (semiring == Semiring::LogPlus)
    if (auto sides = matchLogAddExp(op.getResult()))
      return add(evaluate(sides->first), evaluate(sides->second));
  if (semiring == Semiring::LogPlus && fn == MapFn::Log)
    if (auto sum = operand(0).getDefiningOp<MapOp>(); sum && sum.getFn() == MapFn::Add)
      return add(logarithm(sum.getOperands()[0]), logarithm(sum.getOperands()[1]));
  if (fn == MapFn::Select)
    return select(op);
  bool addition = semiring != Semiring::LogPlus && fn == additionOf(semiring);
  bool product = fn == (real ? MapFn::Mul : MapFn::Add);
  if (addition)
    return add(evaluate(operand(0)), evaluate(operand(1)));
  if (real && fn == MapFn::Sub)
    return add(evaluate(operand(0)), negate(evaluate(operand(1))));
  if (real && fn == MapFn::Neg)
    return negate(evaluate(operand(0)));
  if (product)
    for (unsigned i : {0u, 1u})
      if (lift.canLift(operand(i)))
        return scale(evaluate(operand(1 - i)), lift(operand(i)));
  if (product)
    return nonlinear(op, real ? "a product of two values that depend on the carry"
                              : "a sum of two values that depend on the carry");
  if (real && fn == MapFn::Div) {
    if (!lift.canLift(operand(1)))
      return nonlinear(op, "a division by what depends on the carry");
    Value by = lift(operand(1));
    return scale(evaluate(operand(0)), b.map(MapFn::Div, {makeScalar(b, getElement(by), 1), by}));
  }
  if (!real && fn == MapFn::Sub && lift.canLift(operand(1)))
    return scale(evaluate(operand(0)), b.map(MapFn::Neg, lift(operand(1))));
  if (fn == MapFn::Re || fn == MapFn::Im || fn == MapFn::Conj)
    return nonlinear(op, llvm::Twine("'") + stringifyMapFn(fn) + "' of the carry, which is linear over the reals only");
  return nonlinear(op, llvm::Twine("'") + stringifyMapFn(fn) + "' of the carry");
}

/// Linear operations that join elements or move them.
Linearity::Form Linearity::across(Operation *op) {
  Value dependent;
  for (Value operand : op->getOperands()) {
    if (lift.canLift(operand))
      continue;
    if (dependent)
      return nonlinear(op, "a contraction of two values that depend on the carry");
    dependent = operand;
  }
  Form form = evaluate(dependent);
  if (form)
    form->dense = true;
  return form;
}

std::optional<LinearForm> Linearity::evaluate(Value value) {
  auto at = done.find(value);
  if (at != done.end())
    return at->second;
  Form form = evaluateAnew(value);
  done.insert({value, form});
  return form;
}

Linearity::Form Linearity::evaluateAnew(Value value) {
  auto carries = scan.getCarries();
  auto carry = llvm::find(carries, value);
  if (lift.canLift(value)) {
    LinearForm form;
    form.constant = lift(value);
    return form;
  }
  if (carry != carries.end()) {
    LinearForm form;
    form.carries.insert({static_cast<unsigned>(carry - carries.begin()), {}});
    return form;
  }
  Operation *op = value.getDefiningOp();
  return llvm::TypeSwitch<Operation *, Form>(op)
      .Case([&](MapOp map) { return this->map(map); })
      .Case([&](AlignOp align) { return evaluate(align.getOperand()); })
      .Case([&](ReduceOp reduce) {
        Monoid adds = semiring == Semiring::Real      ? Monoid::Add
                      : semiring == Semiring::MaxPlus ? Monoid::Max
                      : semiring == Semiring::MinPlus ? Monoid::Min
                                                      : Monoid::LogSumExp;
        if (reduce.getMonoid() == adds)
          return across(op);
        return nonlinear(op, llvm::Twine("'") + stringifyMonoid(reduce.getMonoid()) + "' over elements of the carry");
      })
      .Case<RenameOp, GatherOp, ShiftOp, SplitOp, JoinOp>([&](auto) { return across(op); })
      .Case<ContractOp, ApplyOp>([&](auto) {
        return semiring == Semiring::Real ? across(op) : nonlinear(op, "a contraction with the carry");
      })
      .Default([&](Operation *) { return nonlinear(op, "'" + op->getName().getStringRef() + "' of the carry"); });
}

} // namespace ssm
