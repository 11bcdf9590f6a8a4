//===- RecurrenceChunk.cpp - a recurrence as products over chunks -----------===//
//
// With w[i, j] the product of the decays from j + 1 to i, state S before the chunk,
// read-out q, and the input split into k (over what the read-out sums) and v (over what
// it keeps),
//
//   y[i] = a[0] w[i, 0] q[i] S + sum over j <= i of w[i, j] (q[i] k[j]) v[j]
//   S'   = a[0] w[C-1, 0] S + sum over j of w[C-1, j] k[j] v[j]
//
// A row of w is the one before it times a decay: no logarithms, whose sums cancel in
// their differences, and a decay of zero is one like any other. From the end, the chunk
// is met the other way round.
//
//===----------------------------------------------------------------------===//
#include "RecurrenceProducts.h"

using namespace mlir;

namespace ssm {
namespace {

class Chunk : public ProductRecurrence {
public:
  using ProductRecurrence::ProductRecurrence;

private:
  LogicalResult prepare() override;
  FailureOr<Scores> score() override;
  FailureOr<Tile> read(const Coords &own) override;
  FailureOr<Tile> next(const Coords &there) override;

  Tile weights, first; // w, and what the state has decayed to at each position; empty without decay
  NamedDims aDims;
};

LogicalResult Chunk::prepare() {
  weights.clear();
  first.clear();
  Value decay = op.getAnyDecay();
  if (!decay)
    return success();
  decay = beforeComplex(decay);
  aDims = withDim(getDims(decay));
  FailureOr<Tile> made = e.demand(decay, at);
  FailureOr<RankedTensorType> type = e.tileType(aDims, element, at);
  if (failed(made) || failed(type))
    return failure();
  Tile a = oneBeyond(op.getLogDecay() ? exponentials(*made) : *made, *type);
  NamedDims rowDims = getDims(decay);
  llvm::erase_if(rowDims, [&](const NamedDim &d) { return d.name == dim; });
  rowDims.push_back({other, tile.size});
  FailureOr<RankedTensorType> row = e.tileType(rowDims, element, both(at));
  if (failed(row))
    return failure();
  NamedDims stacked = getDims(*row);
  stacked.insert(stacked.begin(), NamedDim{dim, tile.size});
  SmallVector<Type> types(a.size(), getTensorType(stacked, row->getElementType()));
  Tile one = e.identity(Monoid::Mul, RankedTensorType::get({}, type->getElementType()), a.size() == 2);
  Tile slices = a;
  slices.push_back(places());
  Value sources = renamed({slices.back()}, dim, other)[0];
  FailureOr<Tile> rows = walk(false, zeros(*row, a.size()), slices, types, [&](const Tile &given, const Tile &carries) {
    Tile next = takeIn(timesEach(e, Tile(ArrayRef(given).drop_back()), carries, *row), one, given.back(), sources);
    next.append(Tile(next));
    return next;
  });
  if (failed(rows))
    return failure();
  weights = Tile(ArrayRef(*rows).drop_front(a.size()));
  Tile column = pick(weights, other, firstPlace());
  first = timesEach(e, pick(a, dim, firstPlace()), column, llvm::cast<RankedTensorType>(column[0].getType()));
  return success();
}

FailureOr<Scores> Chunk::score() {
  NamedDims scoreDims = queryDims();
  uniteDims(scoreDims, swapped(keyDims()));
  llvm::erase_if(scoreDims, [&](const NamedDim &d) { return llvm::is_contained(over, d.name); });
  Scores made{{}, scoreDims};
  if (!weights.empty())
    uniteDims(made.dims, aDims);
  made.dims = withPlaces(made.dims);
  FailureOr<RankedTensorType> scoreType = e.tileType(scoreDims, element, both(at));
  FailureOr<RankedTensorType> type = e.tileType(made.dims, element, both(at));
  if (failed(scoreType) || failed(type))
    return failure();
  unsigned count = isComplex(readout.factors) || isComplex(keys) ? 2 : 1;
  FailureOr<Tile> sums = e.loops(around(), both(at), zeros(*scoreType, count), [&](const Coords &there, const Tile &acc) -> FailureOr<Tile> {
    FailureOr<Tile> q = queries(there), k = keysAt(there);
    if (failed(q) || failed(k))
      return failure();
    return sumOfProducts(e, {{*q, queryDims()}, {renamed(*k, dim, other), swapped(keyDims())}}, over, acc, element, *scoreType, there);
  });
  if (failed(sums))
    return failure();
  Value place = e.positions(dim, tile), source = renamed({place}, dim, other)[0];
  auto flags = type->clone(e.b.getI64Type());
  auto order = op.getReverse() ? arith::CmpIPredicate::sle : arith::CmpIPredicate::sge;
  Value seen = arith::CmpIOp::create(e.b, order, e.spread(place, flags), e.spread(source, flags));
  made.weights = weights.empty() ? e.spread(*sums, *type) : timesEach(e, *sums, weights, *type);
  for (Value &part : made.weights)
    part = arith::SelectOp::create(e.b, seen, part, zeros(*type, 1)[0]);
  return made;
}

FailureOr<Tile> Chunk::read(const Coords &own) {
  Coords there = at;
  there.add(own);
  FailureOr<RankedTensorType> type = e.tileType(getDims(readout.result), element, there);
  if (failed(type))
    return failure();
  FailureOr<Tile> y = e.loops(around(), there, zeros(*type, parts), [&](const Coords &place, const Tile &acc) -> FailureOr<Tile> {
    FailureOr<Tile> q = queries(place), s = state(place);
    if (failed(q) || failed(s))
      return failure();
    return sumOfProducts(e, {{*q, queryDims()}, {*s, dims}}, over, acc, element, *type, place);
  });
  if (failed(y))
    return failure();
  if (!first.empty())
    y = timesEach(e, first, *y, *type);
  return readValues(*y, there);
}

FailureOr<Tile> Chunk::next(const Coords &there) {
  FailureOr<Tile> s = state(there);
  FailureOr<RankedTensorType> type = e.tileType(dims, element, there);
  if (failed(s) || failed(type))
    return failure();
  if (weights.empty())
    return addProducts(*s, {}, there);
  s = timesEach(e, pick(first, dim, lastPlace()), *s, *type);
  return addProducts(*s, {{renamed(pick(weights, dim, lastPlace()), other, dim), aDims}}, there);
}

} // namespace

std::unique_ptr<Recurrence> makeChunk(Emitter &e, LinearRecurrenceOp op, const Coords &item, ScoreGroups &groups) {
  return std::make_unique<Chunk>(e, op, item, groups);
}

} // namespace ssm
