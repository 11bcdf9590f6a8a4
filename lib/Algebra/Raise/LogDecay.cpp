//===- LogDecay.cpp - the logarithm of a decay from its definition ----------===//
//
//   exp(e) -> e      sigmoid(x) -> -softplus(-x)      1 - sigmoid(x) -> -softplus(x)
//   a b -> log a + log b      a / b, a ** y, where(c, a, 0) likewise
//
//===----------------------------------------------------------------------===//
#include "Terms.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace ssm {

namespace {

class Logarithm {
public:
  Logarithm(NamedBuilder &b, std::string &why) : b(b), why(why) {}

  /// Null where the value's sign is unknown.
  Value of(Value value);

  bool resets = false;

private:
  Value ofMap(MapOp map);
  Value negSoftplus(Value x) { return b.map(MapFn::Neg, b.map(MapFn::Softplus, x)); }
  Value both(MapFn fn, Value x, Value y) {
    Value p = of(x), q = p ? of(y) : Value();
    if (!q)
      return {};
    // One may be real where the other is complex.
    Type element = llvm::isa<ComplexType>(getElement(p)) ? getElement(p) : getElement(q);
    auto fit = [&](Value v) { return getElement(v) == element ? v : MapOp::create(b, v, element).getResult(); };
    return b.map(fn, {fit(p), fit(q)});
  }
  Value unknown(Value value) {
    std::string text = "one of its factors";
    if (auto map = value.getDefiningOp<MapOp>())
      text = "'" + stringifyMapFn(map.getFn()).str() + "'";
    else if (auto argument = llvm::dyn_cast<BlockArgument>(value))
      if (auto function = llvm::dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp()))
        if (auto name = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), kNameAttr))
          text = "'" + name.getValue().str() + "'";
    why = "the decay may be negative: " + text + " is no exponential";
    return {};
  }

  NamedBuilder &b;
  std::string &why;
};

Value Logarithm::ofMap(MapOp map) {
  Value x = map.getOperands()[0];
  switch (map.getFn()) {
  case MapFn::Exp:
    return x;
  case MapFn::Sigmoid:
    return llvm::isa<ComplexType>(getElement(x)) ? unknown(map) : negSoftplus(b.map(MapFn::Neg, x));
  case MapFn::Mul:
    return both(MapFn::Add, x, map.getOperands()[1]);
  case MapFn::Div: {
    // 1 / (1 + exp(x))
    auto sum = map.getOperands()[1].getDefiningOp<MapOp>();
    if (getScalar(x) == 1.0 && sum && sum.getFn() == MapFn::Add && !llvm::isa<ComplexType>(getElement(x)))
      for (unsigned i : {0u, 1u}) {
        auto exp = sum.getOperands()[i].getDefiningOp<MapOp>();
        if (exp && exp.getFn() == MapFn::Exp && getScalar(sum.getOperands()[1 - i]) == 1.0)
          return negSoftplus(exp.getOperands()[0]);
      }
    return both(MapFn::Sub, x, map.getOperands()[1]);
  }
  case MapFn::Sub: {
    auto sigmoid = map.getOperands()[1].getDefiningOp<MapOp>();
    if (getScalar(x) == 1.0 && sigmoid && sigmoid.getFn() == MapFn::Sigmoid &&
        !llvm::isa<ComplexType>(getElement(x)))
      return negSoftplus(sigmoid.getOperands()[0]);
    return unknown(map);
  }
  case MapFn::Pow: {
    Value base = of(x);
    return base ? b.map(MapFn::Mul, {base, map.getOperands()[1]}) : base;
  }
  case MapFn::Sqrt:
  case MapFn::Rsqrt: {
    Value base = of(x);
    return base ? b.map(MapFn::Mul, {base, makeScalar(b, getElement(base), map.getFn() == MapFn::Sqrt ? 0.5 : -0.5)})
                : base;
  }
  case MapFn::Softplus: // positive, though no product
    return llvm::isa<ComplexType>(getElement(x)) ? unknown(map) : b.map(MapFn::Log, map.getResult());
  case MapFn::Select: {
    Value p = of(map.getOperands()[1]), q = p ? of(map.getOperands()[2]) : Value();
    return q ? b.map(MapFn::Select, {x, p, q}) : q;
  }
  case MapFn::Cast: {
    if (!llvm::isa<FloatType>(getElement(x)) || getElement(x).getIntOrFloatBitWidth() < 32)
      return unknown(map);
    Value log = of(x);
    // The logarithm of a real factor stays real.
    if (!log || llvm::isa<ComplexType>(getElement(map)))
      return log;
    return MapOp::create(b, log, getElement(map));
  }
  default:
    return unknown(map);
  }
}

Value Logarithm::of(Value value) {
  if (std::optional<double> number = getScalar(value)) {
    if (*number < 0)
      return unknown(value);
    resets |= *number == 0;
    Type element = getElement(value);
    if (auto complex = llvm::dyn_cast<ComplexType>(element))
      element = complex.getElementType();
    return makeScalar(b, element, *number == 0 ? -std::numeric_limits<double>::infinity() : std::log(*number));
  }
  if (auto align = value.getDefiningOp<AlignOp>())
    return of(align.getOperand());
  if (auto map = value.getDefiningOp<MapOp>())
    return ofMap(map);
  return unknown(value);
}

} // namespace

/// Whether a logarithm may be -inf for finite arguments: it holds that number, or what a
/// recurrence of maxima starts from (which is -inf as a rule).
static bool mayBeInfinite(Value value, llvm::SmallPtrSetImpl<Value> &seen) {
  if (!seen.insert(value).second)
    return false;
  if (std::optional<double> number = getScalar(value))
    return std::isinf(*number);
  if (llvm::isa<BlockArgument>(value))
    return llvm::any_of(value.getUses(), [](OpOperand &use) {
      auto recurrence = llvm::dyn_cast<LinearRecurrenceOp>(use.getOwner());
      return recurrence && recurrence.getSemiring() != Semiring::Real && use.get() == recurrence.getInit();
    });
  Operation *op = value.getDefiningOp();
  if (isa<LinearRecurrenceOp>(op)) // at least its inputs
    return false;
  if (isa<ScanOp>(op))
    return true;
  return llvm::any_of(op->getOperands(), [&](Value operand) {
    return llvm::isa<RankedTensorType>(operand.getType()) && llvm::isa<FloatType, ComplexType>(getElement(operand)) &&
           mayBeInfinite(operand, seen);
  });
}

std::optional<LogDecay> takeLogarithm(NamedBuilder &b, const Coefficient &decay, std::string &why) {
  if (decay.negative) {
    why = "the decay may be negative: it is written with a minus";
    return std::nullopt;
  }
  Logarithm logarithm(b, why);
  Value sum;
  for (Value factor : decay.factors) {
    Value log = logarithm.of(factor);
    if (!log)
      return std::nullopt;
    if (!sum) {
      sum = log;
      continue;
    }
    Type element = llvm::isa<ComplexType>(getElement(sum)) ? getElement(sum) : getElement(log);
    auto fit = [&](Value v) { return getElement(v) == element ? v : MapOp::create(b, v, element).getResult(); };
    sum = b.map(MapFn::Add, {fit(sum), fit(log)});
  }
  if (!sum)
    return std::nullopt;
  llvm::SmallPtrSet<Value, 16> seen;
  return LogDecay{sum, logarithm.resets || mayBeInfinite(sum, seen)};
}

} // namespace ssm
