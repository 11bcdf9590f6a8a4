//===- Terms.cpp - products taken apart -------------------------------------===//
#include "Terms.h"

using namespace mlir;

namespace ssm {

namespace {

class ProductSplitter {
public:
  ProductSplitter(NamedBuilder &b, Semiring semiring) : b(b), real(semiring == Semiring::Real) {}

  void split(Value value) {
    if (auto align = value.getDefiningOp<AlignOp>())
      return split(align.getOperand());
    auto map = value.getDefiningOp<MapOp>();
    if (!map)
      return factors.push_back(value);
    Value x = map.getOperands()[0];
    switch (map.getFn()) {
    case MapFn::Cast:
      // A real value in a complex product; other casts round.
      if (llvm::isa<ComplexType>(getElement(value)) &&
          llvm::cast<ComplexType>(getElement(value)).getElementType() == getElement(x))
        return split(x);
      break;
    case MapFn::Mul:
    case MapFn::Add:
      if (real == (map.getFn() == MapFn::Mul)) {
        split(x);
        return split(map.getOperands()[1]);
      }
      break;
    case MapFn::Neg:
      if (real && splitsFurther(x)) {
        split(x);
        return attach(MapFn::Neg, {});
      }
      break;
    case MapFn::Div:
    case MapFn::Sub:
      if (real == (map.getFn() == MapFn::Div) && splitsFurther(x)) {
        split(x);
        return attach(map.getFn(), map.getOperands()[1]);
      }
      break;
    case MapFn::Select:
      // where(c, x y, 0) = where(c, x, 0) y
      if (real && getScalar(map.getOperands()[2]) == 0.0 && splitsFurther(map.getOperands()[1])) {
        split(map.getOperands()[1]);
        return attachChoice(x);
      }
      break;
    default:
      break;
    }
    factors.push_back(value);
  }

  SmallVector<Value> factors;

private:
  bool splitsFurther(Value value) {
    ProductSplitter inner(b, real ? Semiring::Real : Semiring::MaxPlus);
    inner.split(value);
    return inner.factors.size() > 1;
  }

  /// The factor of fewest dimensions that has all of the value's, or null.
  Value *host(Value value) {
    Value *best = nullptr;
    for (Value &factor : factors) {
      bool has = !value || llvm::all_of(getDims(value), [&](const NamedDim &dim) { return hasDim(factor, dim.name); });
      if (has && (!best || getDims(factor).size() < getDims(*best).size()))
        best = &factor;
    }
    return best;
  }

  void attach(MapFn fn, Value by) {
    Value *factor = host(by);
    // A complex divisor makes the factor complex.
    bool fits = factor && (!by || getElement(*factor) == getElement(by));
    if (fits)
      *factor = by ? b.map(fn, {*factor, by}) : b.map(fn, *factor);
    else
      factors.push_back(real ? b.map(fn, {makeScalar(b, getElement(by), 1), by}) : b.map(MapFn::Neg, by));
  }

  void attachChoice(Value condition) {
    if (Value *factor = host(condition))
      *factor = b.map(MapFn::Select, {condition, *factor, makeScalar(b, getElement(*factor), 0)});
    else
      factors.push_back(b.map(MapFn::Select, {condition, makeScalar(b, getElement(factors.front()), 1),
                                              makeScalar(b, getElement(factors.front()), 0)}));
  }

  NamedBuilder &b;
  bool real;
};

} // namespace

SmallVector<Value> splitProduct(NamedBuilder &b, Value value, Semiring semiring) {
  ProductSplitter splitter(b, semiring);
  splitter.split(value);
  // Numbers go into another factor.
  SmallVector<Value> numbers, factors;
  for (Value factor : splitter.factors)
    (getScalar(factor) && getDims(factor).empty() ? numbers : factors).push_back(factor);
  if (factors.empty())
    return splitter.factors;
  auto *smallest = &factors.front();
  for (Value &factor : factors)
    if (getDims(factor).size() < getDims(*smallest).size())
      smallest = &factor;
  SmallVector<Value> apart;
  for (Value number : numbers) {
    if (getElement(number) == getElement(*smallest))
      *smallest = b.map(semiring == Semiring::Real ? MapFn::Mul : MapFn::Add, {*smallest, number});
    else
      apart.push_back(number);
  }
  factors.append(apart);
  return factors;
}

bool sameValue(Value a, Value b) {
  if (a == b)
    return true;
  Operation *p = a ? a.getDefiningOp() : nullptr, *q = b ? b.getDefiningOp() : nullptr;
  if (!p || !q || p->getName() != q->getName() || p->getNumOperands() != q->getNumOperands() ||
      p->getNumRegions() || q->getNumRegions() || !isMemoryEffectFree(p) || a.getType() != b.getType() ||
      llvm::cast<OpResult>(a).getResultNumber() != llvm::cast<OpResult>(b).getResultNumber() ||
      p->getDiscardableAttrDictionary() != q->getDiscardableAttrDictionary() ||
      p->getPropertiesAsAttribute() != q->getPropertiesAsAttribute())
    return false;
  return llvm::all_of(llvm::zip_equal(p->getOperands(), q->getOperands()),
                      [](auto pair) { return sameValue(std::get<0>(pair), std::get<1>(pair)); });
}

} // namespace ssm
