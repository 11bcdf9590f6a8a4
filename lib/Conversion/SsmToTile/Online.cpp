//===- Online.cpp - sums under a running maximum, in one pass ---------------===//
//
//   r'   = max(r, max over the tile of s)
//   sum' = exp(r - r') sum + sum over the tile of exp(x - r') factors
//
// with 0 for r' under the exponentials where it is -inf. All results come of one loop.
//
//===----------------------------------------------------------------------===//
#include "Range.h"

#include "../SsmToLinalg/Functions.h"

using namespace mlir;

namespace ssm {
namespace {

class Online {
public:
  Online(Emitter &e, OnlineFoldOp op, const Coords &at) : e(e), op(op), at(at) {}
  LogicalResult run(Value wanted);

private:
  FailureOr<Tile> step(const Coords &where, const Tile &carry);
  /// Walks the rest of the folded dimensions.
  FailureOr<Tile> walk(ArrayRef<StringAttr> dims, const Coords &where, const Tile &carry);
  /// Further loops of one result alone, over what the others do not fold.
  FailureOr<Tile> apart(ArrayRef<StringAttr> dims, const Coords &where, const Tile &carry,
                        llvm::function_ref<FailureOr<Tile>(const Coords &, const Tile &)> body);
  /// Sets what is held whole, and gives what is to be walked.
  SmallVector<StringAttr> bind(ArrayRef<StringRef> dims, Coords &where);
  /// `value` in what lies inside, -inf beyond.
  FailureOr<Tile> score(Value value, ArrayRef<StringAttr> extra, const Coords &where);
  FailureOr<Tile> maximum(const Coords &where, const Tile &carry);
  FailureOr<Tile> sum(OnlineFoldOp::Sum &term, Value reference, const Coords &where, const Tile &acc);
  Value exponential(Value x) { return emitMap(e.b, e.b.getLoc(), MapFn::Exp, x, x.getType()); }

  Emitter &e;
  OnlineFoldOp op;
  Coords at;
  SmallVector<OnlineFoldOp::Sum> terms; // those that are made here
  SmallVector<StringAttr> walked;
  // Of a step, once for all results: what is masked by what is not, exp(x - reference) by x.
  llvm::DenseMap<Value, Value> scores, weights;
};

SmallVector<StringAttr> Online::bind(ArrayRef<StringRef> dims, Coords &where) {
  SmallVector<StringAttr> rest;
  for (StringRef name : dims) {
    auto dim = e.b.getStringAttr(name);
    if (llvm::is_contained(walked, dim))
      continue;
    where.erase(name);
    if (e.isWhole(name))
      where.set(dim, e.wholeCoord(name));
    else
      rest.push_back(dim);
  }
  return rest;
}

/// A result whose dimensions are not all given waits for another place: it is made there
/// with a maximum of its own.
LogicalResult Online::run(Value wanted) {
  SmallVector<Value> results{op.getMaximum()};
  for (OnlineFoldOp::Sum &term : op.getTerms())
    if (term.result == wanted || (!term.result.use_empty() && e.unbound(getDims(term.result), at).empty())) {
      terms.push_back(term);
      results.push_back(term.result);
    }
  Tile carry;
  for (Value result : results) {
    FailureOr<RankedTensorType> type = e.tileType(getDims(result), getElement(result), at);
    if (failed(type))
      return failure();
    carry.push_back(e.identity(result == op.getMaximum() ? Monoid::Max : Monoid::Add, *type, false)[0]);
  }
  Coords folded = at;
  walked = bind(op.getFoldedDims(), folded);
  FailureOr<Tile> last = walk(walked, folded, carry);
  if (failed(last))
    return failure();
  for (auto [result, tile] : llvm::zip(results, *last))
    e.remember(result, at, {tile});
  return success();
}

FailureOr<Tile> Online::walk(ArrayRef<StringAttr> dims, const Coords &where, const Tile &carry) {
  if (dims.empty())
    return step(where, carry);
  // A tile that is -inf throughout, under the maximum and the exponential, changes nothing.
  SmallVector<std::pair<Value, Monoid>, 2> seen{{op.getReference(), Monoid::Max}};
  if (op.getExponent())
    seen.push_back({op.getExponent(), Monoid::Max});
  int64_t size = e.stepOf(dims.front());
  FoldRange range = foldRange(e, seen, /*anySkips=*/false, dims.front(), size, where);
  return walkRange(e, range, dims.front(), size, carry, [&](const Coord &coord, ValueRange inner) {
    Coords next = where;
    next.set(dims.front(), coord);
    return walk(dims.drop_front(), next, Tile(inner));
  });
}

FailureOr<Tile> Online::apart(ArrayRef<StringAttr> dims, const Coords &where, const Tile &carry,
                              llvm::function_ref<FailureOr<Tile>(const Coords &, const Tile &)> body) {
  if (dims.empty())
    return body(where, carry);
  return e.loop(dims.front(), e.stepOf(dims.front()), tile::Order::Any, carry,
                [&](const Coord &coord, ValueRange inner) {
                  Coords next = where;
                  next.set(dims.front(), coord);
                  return apart(dims.drop_front(), next, Tile(inner), body);
                });
}

FailureOr<Tile> Online::score(Value value, ArrayRef<StringAttr> extra, const Coords &where) {
  FailureOr<Tile> x = e.demand(value, where);
  if (failed(x))
    return failure();
  if (Value known = extra.empty() ? scores.lookup(x->front()) : Value())
    return Tile{known};
  SmallVector<StringAttr> dims(walked);
  dims.append(extra.begin(), extra.end());
  Tile masked = e.maskTail(*x, dims, where, e.identity(Monoid::Max, RankedTensorType::get({}, getElement(value)), false));
  if (extra.empty())
    scores[x->front()] = masked[0];
  return masked;
}

/// The running maximum with this tile's.
FailureOr<Tile> Online::maximum(const Coords &where, const Tile &carry) {
  SmallVector<StringRef> over(op.getMaxDims().getAsValueRange<StringAttr>());
  Coords inner = where;
  SmallVector<StringAttr> extra = bind(over, inner);
  auto type = llvm::cast<RankedTensorType>(carry[0].getType());
  return apart(extra, inner, carry, [&](const Coords &there, const Tile &top) -> FailureOr<Tile> {
    FailureOr<Tile> x = score(op.getReference(), extra, there);
    if (failed(x))
      return failure();
    SmallVector<StringRef> present;
    for (StringRef dim : over)
      if (findDim(getDims((*x)[0]), dim))
        present.push_back(dim);
    Value tile = (*x)[0];
    if (!present.empty())
      tile = tile::CombineOp::create(e.b, tile::Combiner::Max, tile, present).getResults()[0];
    return Tile{arith::MaximumFOp::create(e.b, top[0], e.spread(tile, type))};
  });
}

/// One sum with this tile's, relative to a reference.
FailureOr<Tile> Online::sum(OnlineFoldOp::Sum &term, Value reference, const Coords &where, const Tile &acc) {
  Coords inner = where;
  SmallVector<StringAttr> extra = bind(term.over, inner), tails(walked), over;
  tails.append(extra.begin(), extra.end());
  for (StringRef dim : term.over)
    over.push_back(e.b.getStringAttr(dim));
  Type element = getElement(term.result);
  auto sumType = llvm::cast<RankedTensorType>(acc[0].getType());
  return apart(extra, inner, acc, [&](const Coords &there, const Tile &carry) -> FailureOr<Tile> {
    FailureOr<Tile> x = score(op.getExponentOrReference(), extra, there);
    NamedDims dims = getDims(op.getExponentOrReference());
    uniteDims(dims, getDims(op.getMaximum()));
    FailureOr<RankedTensorType> type = e.tileType(dims, element, there);
    if (failed(x) || failed(type))
      return failure();
    Value weight = extra.empty() ? weights.lookup(x->front()) : Value();
    if (!weight)
      weight = exponential(arith::SubFOp::create(e.b, e.spread((*x)[0], *type), e.spread(reference, *type)));
    if (extra.empty())
      weights[x->front()] = weight;
    SmallVector<Factor> factors{{{weight}, dims}};
    for (Value value : term.factors) {
      FailureOr<Tile> tile = e.demand(value, there);
      if (failed(tile))
        return failure();
      // An element beyond the end has weight 0, and must be a number.
      Tile zero = e.identity(Monoid::Add, RankedTensorType::get({}, getElement((*tile)[0])), false);
      factors.push_back({isReadAsItLies(value) ? *tile : e.maskTail(*tile, tails, there, zero), getDims(value)});
    }
    return sumOfProducts(e, factors, over, carry, element, sumType, there);
  });
}

FailureOr<Tile> Online::step(const Coords &where, const Tile &carry) {
  scores.clear();
  weights.clear();
  FailureOr<Tile> top = maximum(where, {carry[0]});
  if (failed(top))
    return failure();
  Type element = getElement(op.getMaximum());
  auto topType = llvm::cast<RankedTensorType>(carry[0].getType());
  Value bottom = e.identity(Monoid::Max, topType, false)[0];
  Value none = arith::CmpFOp::create(e.b, arith::CmpFPredicate::OEQ, (*top)[0], bottom);
  Value reference = arith::SelectOp::create(e.b, none, e.splat(e.b.getFloatAttr(element, 0.0), topType), (*top)[0]);
  Value factor = exponential(arith::SubFOp::create(e.b, carry[0], reference));
  Tile next{(*top)[0]};
  for (auto [i, term] : llvm::enumerate(terms)) {
    auto sumType = llvm::cast<RankedTensorType>(carry[i + 1].getType());
    Tile acc{arith::MulFOp::create(e.b, carry[i + 1], e.spread(factor, sumType))};
    FailureOr<Tile> made = sum(term, reference, where, acc);
    if (failed(made))
      return failure();
    next.push_back((*made)[0]);
  }
  return next;
}

} // namespace

FailureOr<Tile> emit(Emitter &e, OnlineFoldOp op, Value result, const Coords &at) {
  if (failed(Online(e, op, at).run(result)))
    return failure();
  return e.recall(result, at);
}

} // namespace ssm
