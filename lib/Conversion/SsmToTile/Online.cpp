//===- Online.cpp - sums under a running maximum, in one pass ---------------===//
//
//   r'   = max(r, max over the tile of s)
//   sum' = exp(r - r') sum + sum over the tile of exp(x - r') factors
//
// with 0 for r' under the exponentials where it is -inf. All results come of one loop.
//
//===----------------------------------------------------------------------===//
#include "Emitter.h"

#include "../SsmToLinalg/Functions.h"

using namespace mlir;

namespace ssm {
namespace {

class Online {
public:
  Online(Emitter &e, OnlineFoldOp op, const Coords &at) : e(e), op(op), at(at), terms(op.getTerms()) {}
  LogicalResult run();

private:
  FailureOr<Tile> step(const Coords &where, const Tile &carry);
  /// Walks the rest of the folded dimensions.
  FailureOr<Tile> walk(ArrayRef<StringAttr> dims, const Coords &where, const Tile &carry);
  Value exponential(Value x) { return emitMap(e.b, e.b.getLoc(), MapFn::Exp, x, x.getType()); }

  Emitter &e;
  OnlineFoldOp op;
  Coords at;
  SmallVector<OnlineFoldOp::Sum> terms;
  SmallVector<StringAttr> walked;
  Coords folded;
};

/// Sums walk what they do not share with the maximum themselves.
LogicalResult Online::run() {
  folded = at;
  SmallVector<StringAttr> all;
  auto add = [&](StringRef name) {
    auto dim = e.b.getStringAttr(name);
    if (!llvm::is_contained(all, dim))
      all.push_back(dim);
  };
  for (StringRef dim : op.getMaxDims().getAsValueRange<StringAttr>())
    add(dim);
  for (OnlineFoldOp::Sum &term : terms)
    for (StringRef dim : term.over)
      add(dim);
  SmallVector<StringRef> common = op.getFoldedDims();
  for (StringAttr dim : all) {
    folded.erase(dim);
    if (e.isWhole(dim))
      folded.set(dim, e.wholeCoord(dim));
    else if (llvm::is_contained(common, dim.getValue()))
      walked.push_back(dim);
    else
      return e.refuse("'" + Twine(dim.getValue()) + "' is folded by some of the sums and is too long to be held whole");
  }
  Tile carry;
  auto start = [&](Value result, Monoid monoid) -> LogicalResult {
    FailureOr<RankedTensorType> type = e.tileType(getDims(result), getElement(result), at);
    if (failed(type))
      return failure();
    carry.push_back(e.identity(monoid, *type, false)[0]);
    return success();
  };
  if (failed(start(op.getMaximum(), Monoid::Max)))
    return failure();
  for (OnlineFoldOp::Sum &term : terms)
    if (failed(start(term.result, Monoid::Add)))
      return failure();
  FailureOr<Tile> last = walk(walked, folded, carry);
  if (failed(last))
    return failure();
  for (auto [result, tile] : llvm::zip(op.getResults(), *last))
    e.remember(result, at, {tile});
  return success();
}

FailureOr<Tile> Online::walk(ArrayRef<StringAttr> dims, const Coords &where, const Tile &carry) {
  if (dims.empty())
    return step(where, carry);
  return e.loop(dims.front(), e.stepOf(dims.front()), tile::Order::Any, carry,
                [&](const Coord &coord, ValueRange inner) {
                  Coords next = where;
                  next.set(dims.front(), coord);
                  return walk(dims.drop_front(), next, Tile(inner));
                });
}

FailureOr<Tile> Online::step(const Coords &where, const Tile &carry) {
  Type element = getElement(op.getMaximum());
  auto scalar = RankedTensorType::get({}, element);
  Tile bottom = e.identity(Monoid::Max, scalar, false);
  FailureOr<Tile> s = e.demand(op.getReference(), where);
  if (failed(s))
    return failure();
  Tile x = e.maskTail(*s, walked, where, bottom);
  auto topType = llvm::cast<RankedTensorType>(carry[0].getType());
  SmallVector<StringRef> present;
  for (StringRef dim : op.getMaxDims().getAsValueRange<StringAttr>())
    if (findDim(getDims(x[0]), dim))
      present.push_back(dim);
  Value top = x[0];
  if (!present.empty())
    top = tile::CombineOp::create(e.b, tile::Combiner::Max, top, present).getResults()[0];
  Value maximum = arith::MaximumFOp::create(e.b, carry[0], e.spread(top, topType));
  Value none = arith::CmpFOp::create(e.b, arith::CmpFPredicate::OEQ, maximum, e.spread(bottom[0], topType));
  Value reference = arith::SelectOp::create(e.b, none, e.splat(e.b.getFloatAttr(element, 0.0), topType), maximum);
  Value factor = exponential(arith::SubFOp::create(e.b, carry[0], reference));

  // exp(x - r'), which may have dimensions of its own.
  if (op.getExponent()) {
    FailureOr<Tile> other = e.demand(op.getExponent(), where);
    if (failed(other))
      return failure();
    x = e.maskTail(*other, walked, where, bottom);
  }
  NamedDims dims = getDims(op.getExponentOrReference());
  uniteDims(dims, getDims(op.getMaximum()));
  FailureOr<RankedTensorType> type = e.tileType(dims, element, where);
  if (failed(type))
    return failure();
  Value p = exponential(arith::SubFOp::create(e.b, e.spread(x[0], *type), e.spread(reference, *type)));
  Tile next{maximum};
  for (auto [i, term] : llvm::enumerate(terms)) {
    auto sumType = llvm::cast<RankedTensorType>(carry[i + 1].getType());
    Tile acc{arith::MulFOp::create(e.b, carry[i + 1], e.spread(factor, sumType))};
    SmallVector<Factor> factors{{{p}, dims}};
    for (Value value : term.factors) {
      FailureOr<Tile> tile = e.demand(value, where);
      if (failed(tile))
        return failure();
      // An element beyond the end has weight 0, and must be a number.
      Tile zero = e.identity(Monoid::Add, RankedTensorType::get({}, getElement((*tile)[0])), false);
      factors.push_back({isReadAsItLies(value) ? *tile : e.maskTail(*tile, walked, where, zero), getDims(value)});
    }
    SmallVector<StringAttr> over;
    for (StringRef dim : term.over)
      over.push_back(e.b.getStringAttr(dim));
    FailureOr<Tile> sum = sumOfProducts(e, factors, over, acc, element, sumType, where);
    if (failed(sum))
      return failure();
    next.push_back((*sum)[0]);
  }
  return next;
}

} // namespace

FailureOr<Tile> emit(Emitter &e, OnlineFoldOp op, Value result, const Coords &at) {
  if (failed(Online(e, op, at).run()))
    return failure();
  return e.recall(result, at);
}

} // namespace ssm
