//===- RecurrenceChunk.cpp - a recurrence as products over chunks -----------===//
//
// With w[i, j] the product of the decays from j + 1 to i, state S before the chunk,
// read-out q, and the input split into k (over what the read-out sums) and v (over what
// it keeps),
//
//   y[i] = a[0] w[i, 0] q[i] S + sum over j <= i of w[i, j] (q[i] k[j]) v[j]
//   S'   = a[0] w[C-1, 0] S + sum over j of w[C-1, j] k[j] v[j]
//
// The scores are made when the chunk is entered, once for all recurrences that share
// them; y where it is asked for, of the old state; the next state when all is made. A row
// of w is the one before it times a decay: no logarithms, whose sums cancel in their
// differences, and a decay of zero is one like any other.
//
//===----------------------------------------------------------------------===//
#include "Recurrence.h"

using namespace mlir;

namespace ssm {
namespace {

class Chunk : public Recurrence {
public:
  Chunk(Emitter &e, LinearRecurrenceOp op, const Coords &item, ScoreGroups &groups)
      : Recurrence(e, op, item), groups(groups), other(StringAttr::get(op.getContext(), op.getDim() + "'")),
        readout(op.getReadouts().front()), over(summed(readout)) {
    for (Value input : op.getInputs()) {
      bool isKey = llvm::any_of(over, [&](StringAttr d) { return hasDim(input, d); });
      (isKey ? keys : values).push_back(input);
    }
  }

  LogicalResult enter(const Coords &where, const Tile &carried) override;
  FailureOr<Tile> leave() override;

private:
  LogicalResult multiplyDecays();
  LogicalResult score();
  FailureOr<Tile> read(const Coords &own);
  FailureOr<Tile> next(const Coords &there);
  NamedDims swapped(NamedDims names) {
    for (NamedDim &d : names)
      if (d.name == dim)
        d.name = other;
    return names;
  }
  /// What lies beyond the end, of the sequence or of what is summed, counts nothing.
  FailureOr<Tile> queries(const Coords &there);
  FailureOr<Tile> keysAt(const Coords &there);
  FailureOr<Tile> valuesAt(const Coords &there);
  SmallVector<StringAttr> around() { return walkedOf(over); }
  /// The elements of a tile at a place of the dimension.
  Tile pick(const Tile &given, StringAttr along, int64_t place);
  bool isComplex(ValueRange some) {
    return llvm::any_of(some, [](Value v) { return llvm::isa<ComplexType>(getElement(beforeComplex(v))); });
  }

  ScoreGroups &groups;
  StringAttr other; // the positions of inputs: i reads what j wrote
  LinearRecurrenceOp::Readout readout;
  SmallVector<StringAttr> over;
  SmallVector<Value> keys, values;
  Scores scores;
  Tile weights, first; // w, and what the state has decayed to at each position; empty without decay
  NamedDims aDims;
};

Tile Chunk::pick(const Tile &given, StringAttr along, int64_t place) {
  Value at = arith::ConstantIndexOp::create(e.b, place);
  Tile picked;
  for (Value part : given) {
    NamedDims rest = getDims(part);
    llvm::erase_if(rest, [&](const NamedDim &d) { return d.name == along; });
    picked.push_back(tile::PickOp::create(e.b, getTensorType(rest, getElement(part)), part,
                                          e.b.getStrArrayAttr({along.getValue()}), ValueRange{at}));
  }
  return picked;
}

LogicalResult Chunk::multiplyDecays() {
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
  Tile a = e.spread(op.getLogDecay() ? exponentials(*made) : *made, *type);
  // Beyond the end nothing decays.
  Tile one = e.identity(Monoid::Mul, RankedTensorType::get({}, type->getElementType()), a.size() == 2);
  a = e.maskTail(a, {dim}, at, one);
  Coords both = at;
  both.set(other, tile);
  NamedDims rowDims = getDims(decay);
  llvm::erase_if(rowDims, [&](const NamedDim &d) { return d.name == dim; });
  rowDims.push_back({other, tile.size});
  FailureOr<RankedTensorType> row = e.tileType(rowDims, element, both);
  if (failed(row))
    return failure();
  NamedDims stacked = getDims(*row);
  stacked.insert(stacked.begin(), NamedDim{dim, tile.size});
  Value zero = arith::ConstantIndexOp::create(e.b, 0);
  Value place = tile::PosOp::create(e.b, getTensorType({NamedDim{dim, tile.size}}, e.b.getI64Type()), zero);
  Value source = renamed({place}, dim, other)[0];
  Tile slices = a;
  slices.push_back(place);
  SmallVector<Type> types(a.size(), getTensorType(stacked, row->getElementType()));
  auto recur = tile::RecurOp::create(e.b, dim.getValue(), /*reverse=*/false, Value(), zeros(*row, a.size()), slices, types);
  LogicalResult done = e.within(recur, recur.getBody().front(), [&]() -> LogicalResult {
    ValueRange arguments(recur.getSliceArguments());
    auto flags = row->clone(e.b.getI64Type());
    Value here = arith::CmpIOp::create(e.b, arith::CmpIPredicate::eq, e.spread(arguments.back(), flags), e.spread(source, flags));
    Tile next = timesEach(e, Tile(arguments.drop_back()), Tile(ValueRange(recur.getCarries())), *row);
    for (auto [part, start] : llvm::zip(next, one))
      part = arith::SelectOp::create(e.b, here, e.spread(start, *row), part);
    Tile all = next;
    all.append(next.begin(), next.end());
    tile::YieldOp::create(e.b, all);
    return success();
  });
  if (failed(done))
    return failure();
  weights = Tile(ValueRange(recur.getOutputs()));
  Tile column = pick(weights, other, 0);
  first = timesEach(e, pick(a, dim, 0), column, llvm::cast<RankedTensorType>(column[0].getType()));
  return success();
}

FailureOr<Tile> Chunk::queries(const Coords &there) {
  FailureOr<Tile> q = product(readout.factors, withDim(united(readout.factors)), there);
  if (failed(q))
    return failure();
  return inside(*q, readout.factors, around(), there);
}

FailureOr<Tile> Chunk::keysAt(const Coords &there) {
  FailureOr<Tile> k = product(keys, withDim(united(keys)), there);
  if (failed(k))
    return failure();
  SmallVector<StringAttr> along = around();
  along.push_back(dim);
  return inside(*k, keys, along, there);
}

FailureOr<Tile> Chunk::valuesAt(const Coords &there) {
  FailureOr<Tile> v = product(values, withDim(united(values)), there);
  if (failed(v))
    return failure();
  return inside(*v, values, {dim}, there);
}

LogicalResult Chunk::score() {
  std::optional<int64_t> group = op.getScoreGroup();
  if (group)
    if (auto known = groups.find(*group); known != groups.end()) {
      scores = known->second;
      return success();
    }
  Coords both = at;
  both.set(other, tile);
  NamedDims qDims = withDim(united(readout.factors)), kDims = withDim(united(keys));
  NamedDims scoreDims = qDims;
  uniteDims(scoreDims, swapped(kDims));
  llvm::erase_if(scoreDims, [&](const NamedDim &d) { return llvm::is_contained(over, d.name); });
  scores.dims = scoreDims;
  if (!weights.empty())
    uniteDims(scores.dims, aDims);
  // Positions lie beside each other, the inputs' along vectors.
  for (StringAttr name : {dim, other}) {
    auto *place = llvm::find_if(scores.dims, [&](const NamedDim &d) { return d.name == name; });
    std::rotate(place, place + 1, scores.dims.end());
  }
  FailureOr<RankedTensorType> scoreType = e.tileType(scoreDims, element, both);
  FailureOr<RankedTensorType> type = e.tileType(scores.dims, element, both);
  if (failed(scoreType) || failed(type))
    return failure();
  unsigned count = isComplex(readout.factors) || isComplex(keys) ? 2 : 1;
  FailureOr<Tile> sums = e.loops(around(), both, zeros(*scoreType, count), [&](const Coords &there, const Tile &acc) -> FailureOr<Tile> {
    FailureOr<Tile> q = queries(there), k = keysAt(there);
    if (failed(q) || failed(k))
      return failure();
    return sumOfProducts(e, {{*q, qDims}, {renamed(*k, dim, other), swapped(kDims)}}, over, acc, element, *scoreType, there);
  });
  if (failed(sums))
    return failure();
  Value place = e.positions(dim, tile), source = renamed({place}, dim, other)[0];
  auto flags = type->clone(e.b.getI64Type());
  Value seen = arith::CmpIOp::create(e.b, arith::CmpIPredicate::sge, e.spread(place, flags), e.spread(source, flags));
  Tile all = weights.empty() ? e.spread(*sums, *type) : timesEach(e, *sums, weights, *type);
  for (Value &part : all)
    part = arith::SelectOp::create(e.b, seen, part, zeros(*type, 1)[0]);
  scores.weights = all;
  if (group)
    groups[*group] = scores;
  return success();
}

LogicalResult Chunk::enter(const Coords &where, const Tile &carried) {
  at = where;
  tile = *at.find(dim);
  carry = carried;
  if (failed(multiplyDecays()) || failed(score()))
    return failure();
  e.provide(readout.result, [this](const Coords &own) { return read(own); });
  return success();
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
    return sumOfProducts(e, {{*q, withDim(united(readout.factors))}, {*s, dims}}, over, acc, element, *type, place);
  });
  if (failed(y))
    return failure();
  if (!first.empty())
    y = timesEach(e, first, *y, *type);
  Coords both = there;
  both.set(other, tile);
  SmallVector<Factor> factors{{scores.weights, scores.dims}};
  if (!values.empty()) {
    FailureOr<Tile> v = valuesAt(there);
    if (failed(v))
      return failure();
    factors.push_back({renamed(*v, dim, other), swapped(withDim(united(values)))});
  }
  return sumOfProducts(e, factors, {other}, *y, element, *type, both);
}

FailureOr<Tile> Chunk::next(const Coords &there) {
  FailureOr<Tile> s = state(there), k = keysAt(there);
  FailureOr<RankedTensorType> type = e.tileType(dims, element, there);
  if (failed(s) || failed(k) || failed(type))
    return failure();
  SmallVector<Factor> factors{{*k, withDim(united(keys))}};
  if (!values.empty()) {
    FailureOr<Tile> v = valuesAt(there);
    if (failed(v))
      return failure();
    factors.push_back({*v, withDim(united(values))});
  }
  if (!weights.empty()) {
    s = timesEach(e, pick(first, dim, tile.size - 1), *s, *type);
    factors.push_back({renamed(pick(weights, dim, tile.size - 1), other, dim), aDims});
  }
  return sumOfProducts(e, factors, {dim}, *s, element, *type, there);
}

FailureOr<Tile> Chunk::leave() {
  if (walked.empty())
    return next(at);
  return e.loops(walked, at, {}, [&](const Coords &there, const Tile &) -> FailureOr<Tile> {
    FailureOr<Tile> made = next(there);
    if (failed(made) || failed(e.writeScratch(memory, op.getInit(), *made, there)))
      return failure();
    return Tile();
  });
}

} // namespace

std::unique_ptr<Recurrence> makeChunk(Emitter &e, LinearRecurrenceOp op, const Coords &item, ScoreGroups &groups) {
  return std::make_unique<Chunk>(e, op, item, groups);
}

} // namespace ssm
