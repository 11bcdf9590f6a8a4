//===- StepsInTile.cpp - the steps of a recurrence over a tile --------------===//
//
//   a, k, q of the whole tile            what is short beside the state, the exponentials of
//                                        its decay too
//   tile.recur L over(a, k, q) carry(S)  S' = a S + k v, and q S' where a step sums it
//
//===----------------------------------------------------------------------===//
#include "RecurrenceSteps.h"

#include "../SsmToLinalg/Functions.h"
#include "ssm/Plan/RecurrenceForms.h"

using namespace mlir;

namespace ssm {

FailureOr<Tile> Steps::constantDecay(const Coords &where) {
  Value decay = op.getAnyDecay();
  if (!decay || hasDim(decay, dim))
    return Tile();
  FailureOr<Tile> a = e.demand(decay, where);
  if (failed(a) || !op.getLogDecay())
    return a;
  return exponentials(*a);
}

FailureOr<Tile> Steps::readIn(LinearRecurrenceOp::Readout readout, const Coords &where, const Tile &given) {
  NamedDims all = dims, kept = getDims(readout.result);
  uniteDims(all, united(readout.factors));
  for (NamedDims *some : {&all, &kept})
    llvm::erase_if(*some, [&](const NamedDim &d) { return d.name == dim; });
  FailureOr<RankedTensorType> whole = e.tileType(all, element, where), type = e.tileType(kept, element, where);
  if (failed(whole) || failed(type))
    return failure();
  Tile y = given;
  if (!readout.factors.empty()) {
    FailureOr<Tile> c = product(readout.factors, where);
    if (failed(c))
      return failure();
    if (op.getSemiring() == Semiring::Real)
      y = timesEach(e, *c, given, *whole);
    else
      y = {arith::AddFOp::create(e.b, e.spread(*c, *whole)[0], e.spread(given, *whole)[0])};
  }
  SmallVector<StringRef> over;
  for (StringRef name : readout.over)
    if (findDim(getDims(y[0]), name))
      over.push_back(name);
  // What the state has beyond the end of a dimension that is walked.
  for (auto [name, valid] : ends)
    if (llvm::is_contained(over, name.getValue()))
      for (Value &part : y) {
        auto own = llvm::cast<RankedTensorType>(part.getType());
        Value none = e.identity(addition(), own, false)[0];
        part = arith::SelectOp::create(e.b, e.spread(valid, own.clone(e.b.getI1Type())), part, none);
      }
  if (!over.empty() && op.getSemiring() == Semiring::LogPlus)
    return FailureOr<Tile>(e.refuse("a read-out that sums in logarithms has no tile form"));
  tile::Combiner combiner = op.getSemiring() == Semiring::MaxPlus   ? tile::Combiner::Max
                            : op.getSemiring() == Semiring::MinPlus ? tile::Combiner::Min
                                                                    : tile::Combiner::Add;
  for (Value &part : y) {
    if (!over.empty())
      part = tile::CombineOp::create(e.b, combiner, part, over).getResults()[0];
    part = e.spread(part, *type);
  }
  return y;
}

FailureOr<Tile> Steps::step(const Coords &where, const Tile &from, const Tile &constant) {
  FailureOr<RankedTensorType> type = e.tileType(dims, element, where);
  FailureOr<Tile> input = product(op.getInputs(), dims, where);
  if (failed(type) || failed(input))
    return failure();
  Tile now = from;
  if (Value decay = op.getAnyDecay()) {
    Tile a = constant;
    if (a.empty()) {
      FailureOr<Tile> made = e.demand(decay, where);
      if (failed(made))
        return failure();
      a = op.getLogDecay() ? exponentials(*made) : *made;
    }
    if (op.getSemiring() == Semiring::Real)
      now = timesEach(e, a, now, *type);
    else
      now = {arith::AddFOp::create(e.b, e.spread(a, *type)[0], now[0])};
  }
  for (auto [part, added] : llvm::zip(now, *input)) // a real input has one part
    part = plus(part, added);
  Tile result = now;
  auto readouts = op.getReadouts();
  for (const Output &output : outputs) {
    if (output.isStates) {
      result.append(now.begin(), now.end());
      continue;
    }
    FailureOr<Tile> y = readIn(readouts[output.readouts.front()], where, now);
    if (failed(y))
      return failure();
    result.append(y->begin(), y->end());
  }
  return result;
}

bool Steps::isShort(Value value) {
  auto length = [&](const NamedDim &d) {
    const Coord *coord = at.find(d.name);
    return d.name == dim ? 1 : coord ? coord->size : e.isWhole(d.name) ? e.staticSize(d.name) : e.stepOf(d.name);
  };
  auto elements = [&](ArrayRef<NamedDim> some) {
    int64_t count = 1;
    for (const NamedDim &d : some)
      count *= length(d);
    return count;
  };
  // Where the step sums all that the state has, no dimension is left to lie along vectors:
  // whatever can be made for the whole tile is.
  SmallVector<StringAttr> held = heldDims(op);
  bool single = llvm::all_of(dims, [&](const NamedDim &d) { return llvm::is_contained(held, d.name) || length(d) == 1; });
  return single || elements(getDims(value)) < elements(dims);
}

void Steps::slices(Value value, llvm::SetVector<Value> &found) {
  value = beforeComplex(value);
  if (!hasDim(value, dim))
    return;
  auto map = value.getDefiningOp<MapOp>();
  if (isShort(value) || !map) {
    found.insert(value);
    return;
  }
  for (Value operand : map.getOperands())
    slices(operand, found);
}

FailureOr<Tile> Steps::run(const Coords &where, const Tile &from) {
  FailureOr<Tile> constant = walked.empty() ? FailureOr<Tile>(fixed) : constantDecay(where);
  if (failed(constant))
    return failure();
  ends.clear();
  for (StringAttr name : walked)
    if (Value valid = e.inside(name, *where.find(name)))
      ends.push_back({name, valid});
  if (tile.size == 1)
    return step(where, from, *constant);
  llvm::SetVector<Value> sliced;
  for (Value value : op.getInputs())
    slices(value, sliced);
  for (const Output &output : outputs)
    if (!output.isStates)
      for (Value value : op.getReadouts()[output.readouts.front()].factors)
        slices(value, sliced);
  // So is a decay's exponential.
  Value log = op.getLogDecay();
  bool exponentiated = log && hasDim(log, dim) && isShort(log);
  if (Value decay = op.getAnyDecay(); decay && !exponentiated)
    slices(decay, sliced);
  Tile over;
  SmallVector<unsigned> counts;
  for (Value value : sliced) {
    FailureOr<Tile> made = e.demand(value, where);
    if (failed(made))
      return failure();
    over.append(made->begin(), made->end());
    counts.push_back(made->size());
  }
  if (exponentiated) {
    FailureOr<Tile> made = e.demand(log, where);
    if (failed(made))
      return failure();
    over.append(exponentials(*made));
  }
  SmallVector<Type> types;
  for (const Output &output : outputs) {
    NamedDims kept = output.dims;
    llvm::erase_if(kept, [&](const NamedDim &d) { return llvm::is_contained(output.over, d.name); });
    FailureOr<RankedTensorType> type = e.tileType(kept, element, where);
    if (failed(type))
      return failure();
    types.append(parts, *type);
  }
  Value length = arith::ConstantIndexOp::create(e.b, tile.size);
  Value count = arith::MinSIOp::create(e.b, length, arith::SubIOp::create(e.b, e.size(dim), tile.at));
  // What reads nothing of the sequence and leaves nothing along it only goes on so often.
  if (over.empty() && types.empty())
    return e.loop(dim, 1, op.getReverse() ? tile::Order::Down : tile::Order::Up, tile.at,
                  arith::AddIOp::create(e.b, tile.at, count), from, [&](const Coord &one, ValueRange carries) {
                    Coords inner = where;
                    inner.set(dim, {one.at, 1, &e.current()});
                    return step(inner, Tile(carries), *constant);
                  });
  auto recur = tile::RecurOp::create(e.b, dim.getValue(), op.getReverse(), count, from, over, types);
  LogicalResult made = e.within(recur, recur.getBody().front(), [&]() -> LogicalResult {
    Coords inner = where;
    inner.set(dim, {arith::AddIOp::create(e.b, tile.at, recur.getPosition()), 1, &e.current()});
    unsigned first = 0;
    for (auto [value, parts] : llvm::zip(sliced, counts)) {
      e.remember(value, inner, Tile(ValueRange(recur.getSliceArguments()).slice(first, parts)));
      first += parts;
    }
    Tile decays = exponentiated ? Tile(ValueRange(recur.getSliceArguments()).drop_front(first)) : *constant;
    FailureOr<Tile> all = step(inner, Tile(ValueRange(recur.getCarries())), decays);
    if (failed(all))
      return failure();
    for (auto [i, type] : llvm::enumerate(types)) {
      NamedDims kept = getDims(type);
      llvm::erase_if(kept, [&](const NamedDim &d) { return d.name == dim; });
      Value &part = (*all)[parts + i];
      part = e.spread(part, getTensorType(kept, getElement(part)));
    }
    tile::YieldOp::create(e.b, *all);
    return success();
  });
  if (failed(made))
    return failure();
  return Tile(recur.getResults());
}

} // namespace ssm
