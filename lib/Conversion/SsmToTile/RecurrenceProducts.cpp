//===- RecurrenceProducts.cpp - recurrences by products over chunks ---------===//
#include "RecurrenceProducts.h"

using namespace mlir;

namespace ssm {

ProductRecurrence::ProductRecurrence(Emitter &e, LinearRecurrenceOp op, const Coords &item, ScoreGroups &groups)
    : Recurrence(e, op, item), groups(groups), other(StringAttr::get(op.getContext(), op.getDim() + "'")),
      readout(op.getReadouts().front()), over(summed(readout)) {
  for (Value input : op.getInputs()) {
    bool isKey = llvm::any_of(over, [&](StringAttr d) { return hasDim(input, d); });
    (isKey ? keys : values).push_back(input);
  }
}

LogicalResult ProductRecurrence::enter(const Coords &where, const Tile &carried) {
  at = where;
  tile = *at.find(dim);
  carry = carried;
  if (failed(prepare()))
    return failure();
  std::optional<int64_t> group = op.getScoreGroup();
  auto known = group ? groups.find(*group) : groups.end();
  if (known != groups.end()) {
    scores = known->second;
  } else {
    FailureOr<Scores> made = score();
    if (failed(made))
      return failure();
    scores = *made;
    if (group)
      groups[*group] = scores;
  }
  e.provide(readout.result, [this](const Coords &own) { return read(own); });
  return success();
}

FailureOr<Tile> ProductRecurrence::leave() {
  if (walked.empty())
    return next(at);
  return e.loops(walked, at, {}, [&](const Coords &there, const Tile &) -> FailureOr<Tile> {
    FailureOr<Tile> made = next(there);
    if (failed(made) || failed(e.writeScratch(memory, op.getInit(), *made, there)))
      return failure();
    return Tile();
  });
}

FailureOr<Tile> ProductRecurrence::queries(const Coords &there) {
  FailureOr<Tile> q = product(readout.factors, queryDims(), there);
  if (failed(q))
    return failure();
  return inside(*q, readout.factors, around(), there);
}

FailureOr<Tile> ProductRecurrence::keysAt(const Coords &there) {
  FailureOr<Tile> k = product(keys, keyDims(), there);
  if (failed(k))
    return failure();
  SmallVector<StringAttr> along = around();
  along.push_back(dim);
  return inside(*k, keys, along, there);
}

FailureOr<Tile> ProductRecurrence::valuesAt(const Coords &there) {
  FailureOr<Tile> v = product(values, valueDims(), there);
  if (failed(v))
    return failure();
  return inside(*v, values, {dim}, there);
}

FailureOr<Tile> ProductRecurrence::readValues(const Tile &acc, const Coords &there) {
  FailureOr<RankedTensorType> type = e.tileType(getDims(readout.result), element, there);
  if (failed(type))
    return failure();
  SmallVector<Factor> factors{{scores.weights, scores.dims}};
  if (!values.empty()) {
    FailureOr<Tile> v = valuesAt(there);
    if (failed(v))
      return failure();
    factors.push_back({renamed(*v, dim, other), swapped(valueDims())});
  }
  return sumOfProducts(e, factors, {other}, acc, element, *type, both(there));
}

FailureOr<Tile> ProductRecurrence::addProducts(const Tile &acc, ArrayRef<Factor> more, const Coords &there) {
  FailureOr<RankedTensorType> type = e.tileType(dims, element, there);
  FailureOr<Tile> k = keysAt(there);
  if (failed(type) || failed(k))
    return failure();
  SmallVector<Factor> factors{{*k, keyDims()}};
  if (!values.empty()) {
    FailureOr<Tile> v = valuesAt(there);
    if (failed(v))
      return failure();
    factors.push_back({*v, valueDims()});
  }
  factors.append(more.begin(), more.end());
  return sumOfProducts(e, factors, {dim}, acc, element, *type, there);
}

NamedDims ProductRecurrence::swapped(NamedDims names) {
  for (NamedDim &d : names)
    if (d.name == dim)
      d.name = other;
  return names;
}

Coords ProductRecurrence::both(const Coords &there) {
  Coords result = there;
  result.set(other, tile);
  return result;
}

NamedDims ProductRecurrence::withPlaces(NamedDims names) {
  for (StringAttr name : {dim, other}) {
    auto *place = llvm::find_if(names, [&](const NamedDim &d) { return d.name == name; });
    std::rotate(place, place + 1, names.end());
  }
  return names;
}

Tile ProductRecurrence::pick(const Tile &given, StringAttr along, int64_t place) {
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

Tile ProductRecurrence::oneBeyond(const Tile &decay, RankedTensorType type) {
  Tile one = e.identity(Monoid::Mul, RankedTensorType::get({}, type.getElementType()), decay.size() == 2);
  return e.maskTail(e.spread(decay, type), {dim}, at, one);
}

FailureOr<Tile> ProductRecurrence::walk(bool against, const Tile &inits, const Tile &slices, ArrayRef<Type> outputs, Step body) {
  auto recur = tile::RecurOp::create(e.b, dim.getValue(), op.getReverse() != against, Value(), inits, slices, outputs);
  LogicalResult done = e.within(recur, recur.getBody().front(), [&]() -> LogicalResult {
    tile::YieldOp::create(e.b, body(Tile(ValueRange(recur.getSliceArguments())), Tile(ValueRange(recur.getCarries()))));
    return success();
  });
  if (failed(done))
    return failure();
  return Tile(recur.getResults());
}

Value ProductRecurrence::places() {
  Value zero = arith::ConstantIndexOp::create(e.b, 0);
  return tile::PosOp::create(e.b, getTensorType({NamedDim{dim, tile.size}}, e.b.getI64Type()), zero);
}

Tile ProductRecurrence::takeIn(const Tile &decayed, const Tile &own, Value place, Value sources) {
  auto flags = llvm::cast<RankedTensorType>(sources.getType());
  Value here = arith::CmpIOp::create(e.b, arith::CmpIPredicate::eq, e.spread(place, flags), sources);
  Tile result;
  for (auto [part, mine] : llvm::zip(decayed, own)) {
    auto type = llvm::cast<RankedTensorType>(part.getType());
    result.push_back(arith::SelectOp::create(e.b, e.spread(here, type.clone(e.b.getI1Type())), e.spread(mine, type), part));
  }
  return result;
}

Tile ProductRecurrence::shaped(const Tile &given, RankedTensorType type, unsigned count) {
  Tile result = e.spread(given, type);
  while (result.size() < count)
    result.push_back(zeros(type, 1)[0]);
  return result;
}

bool ProductRecurrence::isComplex(ValueRange some) {
  return llvm::any_of(some, [](Value v) { return llvm::isa<ComplexType>(getElement(beforeComplex(v))); });
}

} // namespace ssm
