//===- Range.cpp - the part of a folded dimension that a mask leaves --------===//
//
// A term where(P, x, identity) is nothing to a fold where P does not hold. P is taken
// apart into comparisons of the folded position with what an item knows, and each gives
// bounds for the item's whole tile, by the least and the greatest value over it:
//
//   pos(M) <= pos(L) + c,  L in l .. l + 63   =>   walked [0, l + 64 + c), full [0, l + c + 1)
//
// What is no such comparison bounds nothing, and is never known to hold for a whole tile.
//
//===----------------------------------------------------------------------===//
#include "Range.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace ssm {
namespace {

/// The least and the greatest that a whole number can be, as index; null: not known.
struct Interval {
  Value lo, hi;
};

/// Positions p with visible.lo <= p < visible.hi may be seen by some element of the tile,
/// those of `full` are seen by all. Null: no bound. `full` is empty where `none`.
struct Seen {
  Interval visible, full;
  bool none = false;
};

class Ranges {
public:
  Ranges(Emitter &e, StringAttr dim, const Coords &at) : e(e), b(e.b), dim(dim), at(at) { this->at.erase(dim); }

  /// Where a value may differ from the monoid's identity; the selects that hide it.
  Seen ofTerm(Value value, Monoid monoid, SmallVectorImpl<std::pair<Value, Value>> &open);
  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, value); }
  Value least(Value x, Value y) { return pick<arith::MinSIOp>(x, y); }
  Value greatest(Value x, Value y) { return pick<arith::MaxSIOp>(x, y); }
  Seen both(const Seen &x, const Seen &y);
  Seen either(const Seen &x, const Seen &y);

private:
  template <typename Op> Value pick(Value x, Value y) {
    return !x ? y : !y ? x : Op::create(b, x, y).getResult();
  }
  Seen ofPredicate(Value predicate, bool negated);
  Seen compare(MapFn fn, Value left, Value right);
  Seen isolate(Value with, Interval bound, bool atMost);
  Interval of(Value value);
  Seen unknown() { return {{}, {}, true}; }
  bool isIdentity(Value value, Monoid monoid);
  Value plus(Value x, int64_t by) { return x ? arith::AddIOp::create(b, x, index(by)).getResult() : x; }

  Emitter &e;
  ImplicitLocOpBuilder &b;
  StringAttr dim;
  Coords at;
};

Seen Ranges::both(const Seen &x, const Seen &y) {
  return {{greatest(x.visible.lo, y.visible.lo), least(x.visible.hi, y.visible.hi)},
          {greatest(x.full.lo, y.full.lo), least(x.full.hi, y.full.hi)},
          x.none || y.none};
}

/// The hull; full is where one of them is known to be, the first of which that can.
Seen Ranges::either(const Seen &x, const Seen &y) {
  auto hull = [&](Value p, Value q, bool low) -> Value {
    if (!p || !q)
      return {};
    return low ? least(p, q) : greatest(p, q);
  };
  Seen result = x.none ? y : x;
  result.visible = {hull(x.visible.lo, y.visible.lo, true), hull(x.visible.hi, y.visible.hi, false)};
  return result;
}

bool Ranges::isIdentity(Value value, Monoid monoid) {
  while (auto align = value.getDefiningOp<AlignOp>())
    value = align.getOperand();
  DenseElementsAttr constant;
  if (!matchPattern(value, m_Constant(&constant)) || !constant.isSplat())
    return false;
  auto isFloat = llvm::isa<FloatType>(constant.getElementType());
  if (!isFloat)
    return monoid == Monoid::Add && constant.getElementType().isInteger() && constant.getSplatValue<APInt>().isZero();
  APFloat number = constant.getSplatValue<APFloat>();
  switch (monoid) {
  case Monoid::Add:
    return number.isZero();
  case Monoid::Mul:
    return number.isExactlyValue(1);
  case Monoid::Max:
  case Monoid::LogSumExp:
    return number.isInfinity() && number.isNegative();
  case Monoid::Min:
    return number.isInfinity() && !number.isNegative();
  }
  return false;
}

Seen Ranges::ofTerm(Value value, Monoid monoid, SmallVectorImpl<std::pair<Value, Value>> &open) {
  if (auto align = value.getDefiningOp<AlignOp>())
    return ofTerm(align.getOperand(), monoid, open);
  auto map = value.getDefiningOp<MapOp>();
  if (!map)
    return {};
  if (map.getFn() == MapFn::Cast && !getElement(value).isInteger() && !getElement(map.getOperands()[0]).isInteger())
    return ofTerm(map.getOperands()[0], monoid, open);
  if (map.getFn() != MapFn::Select)
    return {};
  Value predicate = map.getOperands()[0], yes = map.getOperands()[1], no = map.getOperands()[2];
  bool negated = isIdentity(yes, monoid);
  if (!negated && !isIdentity(no, monoid))
    return {};
  Value kept = negated ? no : yes;
  open.push_back({value, kept});
  return both(ofPredicate(predicate, negated), ofTerm(kept, monoid, open));
}

Seen Ranges::ofPredicate(Value predicate, bool negated) {
  if (auto align = predicate.getDefiningOp<AlignOp>())
    return ofPredicate(align.getOperand(), negated);
  auto map = predicate.getDefiningOp<MapOp>();
  if (!map)
    return unknown();
  auto operand = [&](unsigned i) { return map.getOperands()[i]; };
  auto negation = [](MapFn fn) {
    switch (fn) {
    case MapFn::Lt: return MapFn::Ge;
    case MapFn::Le: return MapFn::Gt;
    case MapFn::Gt: return MapFn::Le;
    case MapFn::Ge: return MapFn::Lt;
    case MapFn::Eq: return MapFn::Ne;
    case MapFn::Ne: return MapFn::Eq;
    case MapFn::And: return MapFn::Or;
    case MapFn::Or: return MapFn::And;
    default: return fn;
    }
  };
  MapFn fn = negated ? negation(map.getFn()) : map.getFn();
  switch (fn) {
  case MapFn::Not:
    return ofPredicate(operand(0), !negated);
  case MapFn::And:
    return both(ofPredicate(operand(0), negated), ofPredicate(operand(1), negated));
  case MapFn::Or:
    return either(ofPredicate(operand(0), negated), ofPredicate(operand(1), negated));
  case MapFn::Lt: case MapFn::Le: case MapFn::Gt: case MapFn::Ge: case MapFn::Eq:
    return compare(fn, operand(0), operand(1));
  default:
    return unknown();
  }
}

/// One side has the folded position, the other does not.
Seen Ranges::compare(MapFn fn, Value left, Value right) {
  if (!getElement(left).isInteger(64) || !getElement(right).isInteger(64))
    return unknown();
  bool inLeft = hasDim(left, dim), inRight = hasDim(right, dim);
  if (inLeft == inRight)
    return unknown();
  if (inRight) {
    std::swap(left, right);
    fn = fn == MapFn::Lt ? MapFn::Gt : fn == MapFn::Le ? MapFn::Ge : fn == MapFn::Gt ? MapFn::Lt
         : fn == MapFn::Ge ? MapFn::Le : fn;
  }
  Interval bound = of(right);
  if (!bound.lo)
    return unknown();
  if (fn == MapFn::Lt) // x < y is x <= y - 1
    return isolate(left, {plus(bound.lo, -1), plus(bound.hi, -1)}, true);
  if (fn == MapFn::Gt)
    return isolate(left, {plus(bound.lo, 1), plus(bound.hi, 1)}, false);
  if (fn == MapFn::Le || fn == MapFn::Ge)
    return isolate(left, bound, fn == MapFn::Le);
  return both(isolate(left, bound, true), isolate(left, bound, false));
}

/// `with` <= (or >=) a bound that lies in an interval, as a condition on the position.
Seen Ranges::isolate(Value with, Interval bound, bool atMost) {
  while (auto align = with.getDefiningOp<AlignOp>())
    with = align.getOperand();
  if (with.getDefiningOp<PosOp>()) {
    if (atMost)
      return {{Value(), plus(bound.hi, 1)}, {Value(), plus(bound.lo, 1)}};
    return {{bound.lo, Value()}, {bound.hi, Value()}};
  }
  auto map = with.getDefiningOp<MapOp>();
  if (!map)
    return unknown();
  auto subtract = [&](Value x, Value y) -> Value { return arith::SubIOp::create(b, x, y); };
  if (map.getFn() == MapFn::Neg)
    return isolate(map.getOperands()[0], {subtract(index(0), bound.hi), subtract(index(0), bound.lo)}, !atMost);
  if (map.getFn() == MapFn::Cast && getElement(map.getOperands()[0]).isInteger())
    return isolate(map.getOperands()[0], bound, atMost);
  if (map.getFn() == MapFn::Abs && atMost) // |x| <= y is x <= y and x >= -y
    return both(isolate(map.getOperands()[0], bound, true),
                isolate(map.getOperands()[0], {subtract(index(0), bound.hi), subtract(index(0), bound.lo)}, false));
  if (map.getOperands().size() != 2)
    return unknown();
  Value x = map.getOperands()[0], y = map.getOperands()[1];
  bool inX = hasDim(x, dim);
  if (inX == hasDim(y, dim))
    return unknown();
  Value inner = inX ? x : y;
  Interval other = of(inX ? y : x);
  if (!other.lo)
    return unknown();
  switch (map.getFn()) {
  case MapFn::Add:
    return isolate(inner, {subtract(bound.lo, other.hi), subtract(bound.hi, other.lo)}, atMost);
  case MapFn::Sub:
    if (inX) // x - c <= y is x <= y + c
      return isolate(inner, {arith::AddIOp::create(b, bound.lo, other.lo), arith::AddIOp::create(b, bound.hi, other.hi)}, atMost);
    return isolate(inner, {subtract(other.lo, bound.hi), subtract(other.hi, bound.lo)}, !atMost);
  case MapFn::FloorDiv: {
    DenseIntElementsAttr by;
    if (!inX || !matchPattern(y, m_Constant(&by)) || !by.isSplat() || !by.getSplatValue<APInt>().isStrictlyPositive())
      return unknown();
    // floor(x / k) <= y is x <= k y + k - 1, and >= y is x >= k y.
    int64_t k = by.getSplatValue<APInt>().getSExtValue();
    auto times = [&](Value v) { return plus(arith::MulIOp::create(b, v, index(k)), atMost ? k - 1 : 0); };
    return isolate(inner, {times(bound.lo), times(bound.hi)}, atMost);
  }
  default:
    return unknown();
  }
}

/// A whole number without the folded dimension, over the item's tile.
Interval Ranges::of(Value value) {
  while (auto align = value.getDefiningOp<AlignOp>())
    value = align.getOperand();
  DenseIntElementsAttr constant;
  if (matchPattern(value, m_Constant(&constant)) && constant.isSplat()) {
    Value number = index(constant.getSplatValue<APInt>().getSExtValue());
    return {number, number};
  }
  if (auto size = value.getDefiningOp<SizeOfOp>())
    return {e.size(size.getDim()), e.size(size.getDim())};
  if (auto pos = value.getDefiningOp<PosOp>()) {
    Value last = arith::SubIOp::create(b, e.size(pos.getDim()), index(1));
    const Coord *coord = at.find(pos.getDim());
    if (!coord || !coord->at)
      return {index(0), last};
    return {coord->at, least(plus(coord->at, coord->size - 1), last)};
  }
  if (auto map = value.getDefiningOp<MapOp>()) {
    SmallVector<Interval, 2> x;
    auto operands = [&](unsigned count) {
      if (map.getOperands().size() != count)
        return false;
      for (Value operand : map.getOperands()) {
        x.push_back(getElement(operand).isInteger() ? of(operand) : Interval());
        if (!x.back().lo)
          return false;
      }
      return true;
    };
    auto make = [&](auto op, Value p, Value q) -> Value { return decltype(op)::create(b, p, q); };
    switch (map.getFn()) {
    case MapFn::Add:
      if (operands(2))
        return {make(arith::AddIOp(), x[0].lo, x[1].lo), make(arith::AddIOp(), x[0].hi, x[1].hi)};
      return {};
    case MapFn::Sub:
      if (operands(2))
        return {make(arith::SubIOp(), x[0].lo, x[1].hi), make(arith::SubIOp(), x[0].hi, x[1].lo)};
      return {};
    case MapFn::Max:
      if (operands(2))
        return {greatest(x[0].lo, x[1].lo), greatest(x[0].hi, x[1].hi)};
      return {};
    case MapFn::Min:
      if (operands(2))
        return {least(x[0].lo, x[1].lo), least(x[0].hi, x[1].hi)};
      return {};
    case MapFn::Cast:
      if (operands(1))
        return x[0];
      return {};
    case MapFn::FloorDiv:
    case MapFn::Mul: {
      DenseIntElementsAttr by;
      bool last = matchPattern(map.getOperands()[1], m_Constant(&by));
      bool first = !last && map.getFn() == MapFn::Mul && matchPattern(map.getOperands()[0], m_Constant(&by));
      if ((!last && !first) || !by.isSplat() || !by.getSplatValue<APInt>().isStrictlyPositive() || !operands(2))
        return {};
      if (map.getFn() == MapFn::Mul)
        return {make(arith::MulIOp(), x[0].lo, x[1].lo), make(arith::MulIOp(), x[0].hi, x[1].hi)};
      return {make(arith::FloorDivSIOp(), x[0].lo, x[1].lo), make(arith::FloorDivSIOp(), x[0].hi, x[1].hi)};
    }
    default:
      break;
    }
  }
  // Anything else is made for the tile, and its least and greatest element taken.
  if (!e.unbound(getDims(value), at).empty())
    return {};
  FailureOr<Tile> tile = e.demand(value, at);
  if (failed(tile))
    return {};
  SmallVector<StringRef> dims;
  NamedDims of = getDims(tile->front());
  for (const NamedDim &d : of)
    dims.push_back(d.name.getValue());
  auto extreme = [&](tile::Combiner combiner) -> Value {
    Value part = tile->front();
    if (!dims.empty())
      part = tile::CombineOp::create(b, combiner, part, dims).getResults()[0];
    Value number = tile::GetOp::create(b, getElement(part), part);
    return arith::IndexCastOp::create(b, b.getIndexType(), number);
  };
  return {extreme(tile::Combiner::Min), extreme(tile::Combiner::Max)};
}

} // namespace

FoldRange foldRange(Emitter &e, ArrayRef<std::pair<Value, Monoid>> terms, bool anySkips, StringAttr dim, int64_t step,
                    const Coords &at) {
  Ranges ranges(e, dim, at);
  FoldRange result;
  Seen seen;
  bool first = true;
  for (auto [value, monoid] : terms) {
    Seen next = ranges.ofTerm(value, monoid, result.open);
    if (first) {
      seen = next;
    } else if (anySkips) {
      seen = ranges.both(seen, next);
    } else {
      // Walked where one of them may count; full where all are.
      Seen all = ranges.both(seen, next);
      seen = ranges.either(seen, next);
      seen.full = all.full;
      seen.none = all.none;
    }
    first = false;
  }
  Value zero = ranges.index(0), length = e.size(dim), by = ranges.index(step);
  auto clamp = [&](Value x) -> Value { return ranges.least(ranges.greatest(x, zero), length); };
  auto down = [&](Value x) -> Value { // to a whole step
    return arith::MulIOp::create(e.b, arith::DivUIOp::create(e.b, x, by), by);
  };
  auto up = [&](Value x) -> Value { return down(arith::AddIOp::create(e.b, x, ranges.index(step - 1))); };
  result.lo = seen.visible.lo ? down(clamp(seen.visible.lo)) : zero;
  result.hi = seen.visible.hi ? ranges.greatest(clamp(seen.visible.hi), result.lo) : length;
  // Nothing is masked: neither by a select nor behind the end.
  int64_t known = e.staticSize(dim);
  bool whole = step == 1 || (!ShapedType::isDynamic(known) && known % step == 0);
  if (seen.none || (result.open.empty() && whole))
    return result;
  result.fullLo = result.lo;
  if (seen.full.lo) {
    result.fullLo = ranges.least(ranges.greatest(up(clamp(seen.full.lo)), result.lo), up(result.hi));
    result.mixedBefore = true;
  }
  Value end = seen.full.hi ? ranges.least(clamp(seen.full.hi), result.hi) : result.hi;
  result.fullHi = ranges.greatest(down(end), result.fullLo);
  result.mixedBehind = true;
  return result;
}

FailureOr<Tile> walkRange(Emitter &e, const FoldRange &range, StringAttr dim, int64_t step, const Tile &inits,
                          Emitter::LoopBody body) {
  if (!range.fullHi)
    return e.loop(dim, step, tile::Order::Any, range.lo, range.hi, inits, body);
  Tile carry = inits;
  if (range.mixedBefore) {
    // The full part begins at a whole step, so no tile of this one reaches into it.
    Value end = arith::MinSIOp::create(e.b, range.fullLo, range.hi);
    FailureOr<Tile> before = e.loop(dim, step, tile::Order::Any, range.lo, end, carry, body);
    if (failed(before))
      return failure();
    carry = *before;
  }
  FailureOr<Tile> full = e.loop(dim, step, tile::Order::Any, range.fullLo, range.fullHi, carry,
                                [&](const Coord &coord, ValueRange carries) {
                                  Coord inside = coord;
                                  inside.inside = true;
                                  SmallVector<Value> open;
                                  for (auto [select, kept] : range.open) {
                                    e.alias(select, kept, {});
                                    open.push_back(select);
                                  }
                                  FailureOr<Tile> next = body(inside, carries);
                                  e.unbind(open);
                                  return next;
                                });
  if (failed(full))
    return failure();
  return e.loop(dim, step, tile::Order::Any, range.fullHi, range.hi, *full, body);
}

} // namespace ssm
