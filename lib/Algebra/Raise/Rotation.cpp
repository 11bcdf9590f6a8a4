//===- Rotation.cpp - two carries that are one complex one ------------------===//
//
//   a' = p a - q b + x        z = a + i b:   z' = (p + i q) z + (x + i y)
//   b' = q a + p b + y
//
//===----------------------------------------------------------------------===//
#include "RaiseScans.h"
#include "Remarks.h"

using namespace mlir;

namespace ssm {

/// The factors that both products have, taken out of them.
static SmallVector<Value> takeCommon(SmallVectorImpl<Value> &a, SmallVectorImpl<Value> &c) {
  SmallVector<Value> common;
  for (unsigned i = 0; i < a.size();) {
    auto *at = llvm::find_if(c, [&](Value v) { return sameValue(v, a[i]); });
    if (at == c.end()) {
      ++i;
      continue;
    }
    common.push_back(a[i]);
    c.erase(at);
    a.erase(a.begin() + i);
  }
  return common;
}

/// Takes signs inside a coefficient's factors to its front: r * (-sin w) = -(r sin w).
static Coefficient takeSign(Coefficient coefficient) {
  for (Value &factor : coefficient.factors)
    while (auto neg = factor.getDefiningOp<MapOp>()) {
      if (neg.getFn() != MapFn::Neg)
        break;
      coefficient.negative = !coefficient.negative;
      factor = neg.getOperands()[0];
    }
  return coefficient;
}

static bool sameProduct(const Coefficient &a, const Coefficient &c) {
  SmallVector<Value> p(a.factors), q(c.factors);
  takeCommon(p, q);
  return p.empty() && q.empty();
}

namespace {

struct Rotation {
  /// z' = (p + i q) z.
  Coefficient p, q;
};

} // namespace

static std::optional<Rotation> matchRotation(ArrayRef<LinearForm> forms, std::string &why) {
  auto at = [&](unsigned row, unsigned column) -> std::optional<Coefficient> {
    auto *found = forms[row].carries.find(column);
    if (found == forms[row].carries.end())
      return std::nullopt;
    return takeSign(found->second);
  };
  auto aa = at(0, 0), ab = at(0, 1), ba = at(1, 0), bb = at(1, 1);
  if (!aa || !ab || !ba || !bb) {
    why = "its two carries are joined, but not by a rotation: a coefficient is missing";
    return std::nullopt;
  }
  if (!sameProduct(*aa, *bb) || aa->negative != bb->negative || !sameProduct(*ab, *ba) ||
      ab->negative == ba->negative) {
    why = "its two carries are joined by a block that is no rotation";
    return std::nullopt;
  }
  return Rotation{*aa, *ba};
}

/// What the two carries are of the complex one.
static constexpr MapFn kParts[] = {MapFn::Re, MapFn::Im};

FailureOr<LinearRecurrenceOp> raiseRotation(NamedBuilder &b, ScanOp scan, CarryAttr &known) {
  auto keep = [&](CarryKind kind, const Twine &why) {
    known = CarryAttr::get(b.getContext(), kind, b.getStringAttr(why));
    return failure();
  };
  Value first = scan.getInits()[0], second = scan.getInits()[1];
  Type element = getElement(first);
  b.setInsertionPoint(scan);
  Lift lift(b, scan);
  SmallVector<LinearForm> forms;
  for (Value next : scan.getNextCarries()) {
    Linearity linearity(b, lift, scan, Semiring::Real, element);
    std::optional<LinearForm> form = linearity.evaluate(next);
    if (!form)
      return keep(CarryKind::Nonlinear, linearity.why);
    if (form->dense)
      return keep(CarryKind::Linear, "its elements are joined with each other");
    forms.push_back(*form);
  }
  if (!element.isF32() && !element.isF64())
    return keep(CarryKind::Linear, "its two carries are joined and not real");
  if (getElement(second) != element || !sameDims(getDims(first), getDims(second)))
    return keep(CarryKind::Linear, "its two carries are joined and of different types");
  std::string why;
  std::optional<Rotation> rotation = matchRotation(forms, why);
  if (!rotation)
    return keep(CarryKind::Linear, why);

  // z' = r (cos w + i sin w) z has the logarithm log r + i w.
  SmallVector<Value> p(rotation->p.factors), q(rotation->q.factors);
  SmallVector<Value> common = takeCommon(p, q);
  RaisedState state;
  auto complexType = ComplexType::get(element);
  state.init = b.align(b.map(MapFn::Complex, {first, second}),
                       getTensorType(getDims(first), complexType));
  auto angle = [&](SmallVectorImpl<Value> &side, MapFn fn) -> Value {
    auto map = side.size() == 1 ? side[0].getDefiningOp<MapOp>() : MapOp();
    return map && map.getFn() == fn ? map.getOperands()[0] : Value();
  };
  Value w = angle(p, MapFn::Cos), sine = angle(q, MapFn::Sin);
  bool polar = w && sine && sameValue(w, sine) && !rotation->p.negative;
  std::optional<LogDecay> modulus;
  if (polar && !common.empty())
    modulus = takeLogarithm(b, Coefficient{false, common}, why);
  if (polar && (common.empty() || modulus)) {
    Value zero = makeScalar(b, element, 0);
    Value turn = rotation->q.negative ? b.map(MapFn::Neg, w) : w;
    state.logDecay = b.map(MapFn::Complex, {modulus ? modulus->log : zero, turn});
    state.resets = modulus && modulus->resets;
  } else {
    Linearity writer(b, lift, scan, Semiring::Real, element);
    state.decay = b.map(MapFn::Complex, {writer.write(rotation->p), writer.write(rotation->q)});
  }

  // The input x + i y; what both share stays real.
  Value x = forms[0].constant, y = forms[1].constant;
  if (x && !y) {
    state.inputs = splitProduct(b, x, Semiring::Real);
  } else if (x || y) {
    SmallVector<Value> left = x ? splitProduct(b, x, Semiring::Real) : SmallVector<Value>();
    SmallVector<Value> right = splitProduct(b, y, Semiring::Real);
    if (x)
      state.inputs = takeCommon(left, right);
    else
      std::swap(state.inputs, right);
    Linearity writer(b, lift, scan, Semiring::Real, element);
    Value one = makeScalar(b, element, 1), zero = makeScalar(b, element, 0);
    Value re = x ? writer.write({false, left}) : zero, im = writer.write({false, right});
    state.inputs.push_back(b.map(MapFn::Complex, {re ? re : one, im ? im : one}));
  } else {
    state.inputs = {makeScalar(b, element, 0)};
  }

  auto op = createRecurrence(b, scan, Semiring::Real, state);
  b.setInsertionPointAfter(op);
  Lift after(b, scan);
  Value states = op.getOutputs()[0];
  for (auto [next, fn] : llvm::zip_equal(scan.getNextCarries(), kParts))
    after.substitute(next, b.map(fn, states));
  Value previous = previousStates(b, scan, state.init, states);
  for (auto [carry, fn] : llvm::zip_equal(scan.getCarries(), kParts))
    after.substitute(carry, b.map(fn, previous));
  SmallVector<Value> results;
  for (auto [final, fn] : llvm::zip_equal(scan.getFinals(), kParts))
    results.push_back(b.align(b.map(fn, op.getFinal()), llvm::cast<RankedTensorType>(final.getType())));
  for (auto [value, output] : llvm::zip_equal(scan.getYieldedOutputs(), scan.getOutputs())) {
    if (!after.canLift(value))
      return keep(CarryKind::Linear, "an output of the scan does not follow from its states alone");
    results.push_back(b.align(after(value), llvm::cast<RankedTensorType>(output.getType())));
  }
  reportRaised(scan.getLoc(), "rotation", "two carries along " + scan.getDim() + " are one complex recurrence");
  scan->replaceAllUsesWith(results);
  scan->erase();
  return op;
}

} // namespace ssm
