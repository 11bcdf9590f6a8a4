//===- Recurrence.cpp - linear recurrences over one tile --------------------===//
//
// Sequential: element by element, the state in registers. What is short beside the
// state (inputs, factors) is made for the whole tile before; what has the state's size
// (a decay a state element) is made where it is used. A read-out that multiplies with a
// matrix waits for the whole tile.
//
// Chunk: with l the running sum of log decay, state S before the tile, read-out q, and
// the input split into k (over what the read-out sums) and v (over what it keeps),
//
//   y[i] = exp(l[i]) q[i] S + sum over j <= i of (q[i] k[j]) exp(l[i] - l[j]) v[j]
//   S'   = exp(l[C-1]) S + sum over j of exp(l[C-1] - l[j]) k[j] v[j]
//
//===----------------------------------------------------------------------===//
#include "Emitter.h"

#include "../SsmToLinalg/FunctionTable.h"
#include "ssm/Plan/Anchors.h"

using namespace mlir;

namespace ssm {
namespace {

class Recurrence {
public:
  Recurrence(Emitter &e, LinearRecurrenceOp op, const Coords &at, const Tile &state)
      : e(e), op(op), at(at), state(state), dim(StringAttr::get(op.getContext(), op.getDim())), tile(*at.find(dim)),
        element(getElement(op.getInit())) {}

  FailureOr<Tile> sequential();
  FailureOr<Tile> chunk();

private:
  /// One element: the next state, then a value for each read-out.
  FailureOr<Tile> step(const Coords &where, const Tile &carry);
  /// The values that are made for the whole tile, on the way to this one.
  void slices(Value value, llvm::SetVector<Value> &found);
  /// Whether a read-out is taken in the step: it adds no dimension to the state's.
  bool inStep(LinearRecurrenceOp::Readout &readout);
  FailureOr<Tile> product(ValueRange values, NamedDims dims, const Coords &where);
  Value plus(Value a, Value b);
  /// A tile of this value with the dimension under another name.
  Tile renamed(const Tile &tile, StringAttr to);
  Tile exponentials(const Tile &x) {
    if (x.size() == 2) {
      Place place{e.b, e.b.getLoc()};
      return Tile(emitComplexParts(place, MapFn::Exp, x));
    }
    return {emitMap(e.b, e.b.getLoc(), MapFn::Exp, x, x[0].getType())};
  }
  NamedDims united(ValueRange values);

  Emitter &e;
  LinearRecurrenceOp op;
  Coords at;
  Tile state;
  StringAttr dim;
  Coord tile;
  Type element;
};

Value Recurrence::plus(Value a, Value b) {
  Monoid monoid = Monoid::Add;
  switch (op.getSemiring()) {
  case Semiring::Real:
    break;
  case Semiring::MaxPlus:
    monoid = Monoid::Max;
    break;
  case Semiring::MinPlus:
    monoid = Monoid::Min;
    break;
  case Semiring::LogPlus:
    monoid = Monoid::LogSumExp;
    break;
  }
  return emitCombine(e.b, e.b.getLoc(), monoid, a, b);
}

NamedDims Recurrence::united(ValueRange values) {
  NamedDims dims;
  for (Value value : values)
    uniteDims(dims, getDims(value));
  return dims;
}

/// The semiring's product of values, broadcast to these dimensions.
FailureOr<Tile> Recurrence::product(ValueRange values, NamedDims dims, const Coords &where) {
  Tile result;
  NamedDims have;
  for (Value value : values) {
    FailureOr<Tile> factor = e.demand(value, where);
    if (failed(factor))
      return failure();
    uniteDims(have, getDims(value));
    FailureOr<RankedTensorType> type = e.tileType(have, element, where);
    if (failed(type))
      return failure();
    if (result.empty())
      result = *factor;
    else if (op.getSemiring() == Semiring::Real)
      result = timesEach(e, result, *factor, *type);
    else
      result = {arith::AddFOp::create(e.b, e.spread(result, *type)[0], e.spread(*factor, *type)[0])};
  }
  FailureOr<RankedTensorType> type = e.tileType(dims, element, where);
  if (failed(type))
    return failure();
  return e.spread(result, *type);
}

bool Recurrence::inStep(LinearRecurrenceOp::Readout &readout) {
  NamedDims dims = getDims(op.getInit());
  return llvm::all_of(united(readout.factors), [&](const NamedDim &d) {
    const Coord *coord = at.find(d.name);
    return d.name == dim || findDim(dims, d.name) || (coord && coord->size == 1);
  });
}

FailureOr<Tile> Recurrence::step(const Coords &where, const Tile &carry) {
  NamedDims dims = getDims(op.getInit());
  FailureOr<RankedTensorType> type = e.tileType(dims, element, where);
  FailureOr<Tile> input = product(op.getInputs(), dims, where);
  if (failed(type) || failed(input))
    return failure();
  Tile next = carry;
  if (Value decay = op.getAnyDecay()) {
    FailureOr<Tile> a = e.demand(decay, where);
    if (failed(a))
      return failure();
    if (op.getLogDecay())
      a = exponentials(*a);
    if (op.getSemiring() == Semiring::Real)
      next = timesEach(e, *a, next, *type);
    else
      next = {arith::AddFOp::create(e.b, e.spread(*a, *type)[0], next[0])};
  }
  for (unsigned i = 0; i < next.size(); ++i)
    if (i < input->size())
      next[i] = plus(next[i], (*input)[i]);
  Tile result = next;
  for (LinearRecurrenceOp::Readout &readout : op.getReadouts()) {
    if (readout.isState() || !inStep(readout)) {
      result.append(next.begin(), next.end());
      continue;
    }
    NamedDims all = dims;
    uniteDims(all, united(readout.factors));
    llvm::erase_if(all, [&](const NamedDim &d) { return d.name == dim; });
    FailureOr<RankedTensorType> whole = e.tileType(all, element, where);
    NamedDims kept = getDims(readout.result);
    llvm::erase_if(kept, [&](const NamedDim &d) { return d.name == dim; });
    FailureOr<RankedTensorType> keptType = e.tileType(kept, element, where);
    if (failed(whole) || failed(keptType))
      return failure();
    Tile y = next;
    if (!readout.factors.empty()) {
      FailureOr<Tile> c = product(readout.factors, united(readout.factors), where);
      if (failed(c))
        return failure();
      if (op.getSemiring() == Semiring::Real)
        y = timesEach(e, *c, next, *whole);
      else
        y = {arith::AddFOp::create(e.b, e.spread(*c, *whole)[0], e.spread(next, *whole)[0])};
    }
    SmallVector<StringRef> summed;
    for (StringRef d : readout.over)
      if (findDim(getDims(y[0]), d))
        summed.push_back(d);
    tile::Combiner combiner = op.getSemiring() == Semiring::MaxPlus   ? tile::Combiner::Max
                              : op.getSemiring() == Semiring::MinPlus ? tile::Combiner::Min
                                                                      : tile::Combiner::Add;
    if (!summed.empty() && op.getSemiring() == Semiring::LogPlus)
      return FailureOr<Tile>(e.refuse("a read-out that sums in logarithms has no tile form"));
    for (Value part : y) {
      if (!summed.empty())
        part = tile::CombineOp::create(e.b, combiner, part, summed).getResults()[0];
      result.push_back(e.spread(part, *keptType));
    }
  }
  return result;
}

void Recurrence::slices(Value value, llvm::SetVector<Value> &found) {
  if (!hasDim(value, dim))
    return;
  auto elements = [&](Value v) {
    int64_t product = 1;
    for (const NamedDim &d : getDims(v)) {
      const Coord *coord = at.find(d.name);
      if (d.name != dim)
        product *= coord ? coord->size : e.staticSize(d.name);
    }
    return product;
  };
  bool small = elements(value) < elements(op.getInit()) || elements(value) == 1;
  auto map = value.getDefiningOp<MapOp>();
  if (small || !map) {
    // What is read from memory as large as the state is read where it is used.
    if (small || !llvm::isa<BlockArgument>(value))
      found.insert(value);
    return;
  }
  for (Value operand : map.getOperands())
    slices(operand, found);
}

FailureOr<Tile> Recurrence::sequential() {
  SmallVector<Tile> results; // of the read-outs
  Tile next;
  auto partsOf = [](Value value) { return llvm::isa<ComplexType>(getElement(value)) ? 2u : 1u; };
  if (tile.size == 1) {
    FailureOr<Tile> all = step(at, state);
    if (failed(all))
      return failure();
    next = *all;
  } else {
    llvm::SetVector<Value> sliced;
    for (Value value : op.getInputs())
      slices(value, sliced);
    for (Value value : op.getFactors())
      slices(value, sliced);
    if (Value decay = op.getAnyDecay())
      slices(decay, sliced);
    Tile over;
    for (Value value : sliced) {
      FailureOr<Tile> made = e.demand(value, at);
      if (failed(made))
        return failure();
      over.append(made->begin(), made->end());
    }
    SmallVector<Type> outputs;
    for (LinearRecurrenceOp::Readout &readout : op.getReadouts()) {
      NamedDims dims = getDims(readout.result);
      if (!readout.isState() && !inStep(readout)) {
        dims = getDims(op.getInit());
        dims.insert(dims.begin(), NamedDim{dim, e.staticSize(dim)});
      }
      FailureOr<RankedTensorType> type = e.tileType(dims, element, at);
      if (failed(type))
        return failure();
      outputs.append(partsOf(op.getInit()), *type);
    }
    Value length = arith::ConstantIndexOp::create(e.b, tile.size);
    Value count = arith::MinSIOp::create(e.b, length, arith::SubIOp::create(e.b, e.size(dim), tile.at));
    auto recur = tile::RecurOp::create(e.b, dim.getValue(), op.getReverse(), count, state, over, outputs);
    LogicalResult made = e.within(recur, recur.getBody().front(), [&]() -> LogicalResult {
      Coords inner = at;
      inner.set(dim, {arith::AddIOp::create(e.b, tile.at, recur.getPosition()), 1, &e.current()});
      unsigned first = 0;
      for (Value value : sliced) {
        unsigned parts = partsOf(value);
        e.pin(value, inner, Tile(ValueRange(recur.getSliceArguments()).slice(first, parts)));
        first += parts;
      }
      FailureOr<Tile> all = step(inner, Tile(ValueRange(recur.getCarries())));
      e.unbind(sliced.getArrayRef());
      if (failed(all))
        return failure();
      for (auto [i, type] : llvm::enumerate(outputs)) {
        NamedDims dims = getDims(type);
        llvm::erase_if(dims, [&](const NamedDim &d) { return d.name == dim; });
        Value &part = (*all)[state.size() + i];
        part = e.spread(part, getTensorType(dims, getElement(part)));
      }
      tile::YieldOp::create(e.b, *all);
      return success();
    });
    if (failed(made))
      return failure();
    next = Tile(recur.getResults());
  }
  // Read-outs that are products of matrices.
  Tile result(ArrayRef(next).take_front(state.size()));
  unsigned first = state.size();
  for (LinearRecurrenceOp::Readout &readout : op.getReadouts()) {
    Tile y(ArrayRef(next).slice(first, state.size()));
    first += state.size();
    if (!readout.isState() && !inStep(readout)) {
      NamedDims dims = getDims(op.getInit());
      dims.push_back(NamedDim{dim});
      SmallVector<Factor> factors{{y, dims}};
      for (Value value : readout.factors) {
        FailureOr<Tile> factor = e.demand(value, at);
        if (failed(factor))
          return failure();
        factors.push_back({*factor, getDims(value)});
      }
      FailureOr<RankedTensorType> type = e.tileType(getDims(readout.result), element, at);
      if (failed(type))
        return failure();
      SmallVector<StringAttr> summed;
      for (StringRef d : readout.over)
        summed.push_back(e.b.getStringAttr(d));
      FailureOr<Tile> sum = sumOfProducts(e, factors, summed, e.identity(Monoid::Add, *type, state.size() == 2), element, *type, at);
      if (failed(sum))
        return failure();
      y = *sum;
    }
    result.append(y.begin(), y.end());
  }
  return result;
}

Tile Recurrence::renamed(const Tile &given, StringAttr to) {
  Tile result;
  for (Value part : given) {
    NamedDims dims = getDims(part);
    for (NamedDim &d : dims)
      if (d.name == dim)
        d.name = to;
    Type type = getTensorType(dims, getElement(part));
    result.push_back(type == part.getType() ? part : tile::RenameOp::create(e.b, type, part).getResult());
  }
  return result;
}

FailureOr<Tile> Recurrence::chunk() {
  // The same positions under a second name: i reads what j wrote.
  StringAttr j = e.b.getStringAttr(dim.getValue() + "'");
  Coords both = at;
  both.set(j, tile);
  NamedDims init = getDims(op.getInit());
  LinearRecurrenceOp::Readout readout = op.getReadouts().front();
  SmallVector<StringAttr> summed;
  for (StringRef d : readout.over)
    summed.push_back(e.b.getStringAttr(d));
  auto hasSummed = [&](Value value) {
    return llvm::any_of(summed, [&](StringAttr d) { return hasDim(value, d); });
  };
  SmallVector<Value> keys, values;
  for (Value input : op.getInputs())
    (hasSummed(input) ? keys : values).push_back(input);
  auto withDim = [&](NamedDims dims) {
    if (!findDim(dims, dim))
      dims.insert(dims.begin(), NamedDim{dim});
    return dims;
  };
  auto swapped = [&](NamedDims dims) {
    for (NamedDim &d : dims)
      if (d.name == dim)
        d.name = j;
    return dims;
  };
  // What lies beyond the end must not enter the state.
  auto valid = [&](FailureOr<Tile> made) -> FailureOr<Tile> {
    if (failed(made))
      return failure();
    Value zero = e.splat(llvm::cast<TypedAttr>(e.b.getZeroAttr(Emitter::partType(element))), RankedTensorType::get({}, Emitter::partType(element)));
    return e.maskTail(*made, {dim}, at, {zero});
  };
  NamedDims qDims = withDim(united(readout.factors)), kDims = withDim(united(keys)), vDims = withDim(united(values));
  FailureOr<Tile> q = product(readout.factors, qDims, at), k = valid(product(keys, kDims, at));
  if (failed(q) || failed(k))
    return failure();
  FailureOr<Tile> v = k;
  if (values.empty()) {
    FailureOr<RankedTensorType> type = e.tileType(vDims, element, at);
    if (failed(type))
      return failure();
    v = Tile{e.splat(e.b.getFloatAttr(element, 1.0), *type)};
  } else {
    v = valid(product(values, vDims, at));
  }
  if (failed(v))
    return failure();

  // Sums of the logarithms.
  Tile l, total;
  NamedDims lDims;
  if (Value decay = op.getLogDecay()) {
    lDims = withDim(getDims(decay));
    FailureOr<Tile> e0 = valid(product(decay, lDims, at));
    if (failed(e0))
      return failure();
    l = Tile(tile::RunningOp::create(e.b, tile::Combiner::Add, *e0, dim.getValue()).getResults());
    // Beyond the end nothing is added: the last element holds the sum.
    Value last = arith::ConstantIndexOp::create(e.b, tile.size - 1);
    NamedDims rest = getDims(l[0]);
    llvm::erase_if(rest, [&](const NamedDim &d) { return d.name == dim; });
    total = {tile::PickOp::create(e.b, getTensorType(rest, getElement(l[0])), l[0], e.b.getStrArrayAttr({dim.getValue()}), ValueRange{last})};
  }

  // Scores, their mask of decays, and the product with the values.
  NamedDims scoreDims = qDims;
  uniteDims(scoreDims, swapped(kDims));
  llvm::erase_if(scoreDims, [&](const NamedDim &d) { return llvm::is_contained(summed, d.name); });
  FailureOr<RankedTensorType> scoreType = e.tileType(scoreDims, element, both);
  NamedDims maskDims = scoreDims;
  uniteDims(maskDims, lDims);
  FailureOr<RankedTensorType> maskType = e.tileType(maskDims, element, both);
  FailureOr<RankedTensorType> outType = e.tileType(getDims(readout.result), element, at);
  FailureOr<RankedTensorType> stateType = e.tileType(init, element, at);
  if (failed(scoreType) || failed(maskType) || failed(outType) || failed(stateType))
    return failure();
  Tile zeroScores = e.identity(Monoid::Add, *scoreType, false), zeroMask = e.identity(Monoid::Add, *maskType, false);
  FailureOr<Tile> scores = sumOfProducts(e, {{*q, qDims}, {renamed(*k, j), swapped(kDims)}}, summed, zeroScores, element, *scoreType, both);
  if (failed(scores))
    return failure();
  Value place = e.positions(dim, tile), other = renamed({place}, j)[0];
  auto flags = maskType->clone(e.b.getI64Type());
  Value seen = arith::CmpIOp::create(e.b, arith::CmpIPredicate::sge, e.spread(place, flags), e.spread(other, flags));
  Value weights = e.spread(*scores, *maskType)[0];
  if (!l.empty()) {
    Value difference = arith::SubFOp::create(e.b, e.spread(l, *maskType)[0], e.spread(renamed(l, j), *maskType)[0]);
    Value masked = arith::SelectOp::create(e.b, seen, difference, zeroMask[0]); // never above 0
    weights = arith::MulFOp::create(e.b, weights, exponentials({masked})[0]);
  }
  weights = arith::SelectOp::create(e.b, seen, weights, zeroMask[0]);

  // What the state gives, then the chunk itself.
  FailureOr<Tile> y = sumOfProducts(e, {{*q, qDims}, {state, init}}, summed, e.identity(Monoid::Add, *outType, false), element, *outType, at);
  if (failed(y))
    return failure();
  if (!l.empty())
    y = timesEach(e, exponentials(l), *y, *outType);
  y = sumOfProducts(e, {{{weights}, maskDims}, {renamed(*v, j), swapped(vDims)}}, {j}, *y, element, *outType, both);
  if (failed(y))
    return failure();

  // The next state.
  Tile next = state;
  if (!l.empty()) {
    next = timesEach(e, exponentials(total), next, *stateType);
    auto lType = llvm::cast<RankedTensorType>(l[0].getType());
    Tile left{arith::SubFOp::create(e.b, e.spread(total, lType)[0], l[0])};
    NamedDims weighted = vDims;
    uniteDims(weighted, lDims);
    FailureOr<RankedTensorType> type = e.tileType(weighted, element, at);
    if (failed(type))
      return failure();
    v = timesEach(e, exponentials(left), *v, *type);
    vDims = weighted;
  }
  FailureOr<Tile> last = sumOfProducts(e, {{*k, kDims}, {*v, vDims}}, {dim}, next, element, *stateType, at);
  if (failed(last))
    return failure();
  last->append(y->begin(), y->end());
  return last;
}

} // namespace

FailureOr<Tile> emitRecurrence(Emitter &e, LinearRecurrenceOp op, const Coords &at, const Tile &state) {
  Recurrence recurrence(e, op, at, state);
  if (e.plan().getForm() == PlanForm::Chunk && hasChunkForm(op))
    return recurrence.chunk();
  return recurrence.sequential();
}

} // namespace ssm
