//===- RecurrenceSteps.cpp - a recurrence element by element ----------------===//
//
// The state stays in registers over a tile. What is short beside the state (inputs,
// factors) is made for the whole tile before; what has the state's size (a decay a state
// element) is made where it is used. A read-out that multiplies with a matrix waits for
// the states of the whole tile, and is a product where it is asked for.
//
// Where dimensions of the state are walked, a part of the state after the other runs
// over the whole tile of the sequence: those that read-outs keep outside, those that all
// of them sum inside.
//
//===----------------------------------------------------------------------===//
#include "Recurrence.h"

#include "../SsmToLinalg/Functions.h"
#include "ssm/Plan/RecurrenceForms.h"

using namespace mlir;

namespace ssm {
namespace {

class Steps : public Recurrence {
public:
  Steps(Emitter &e, LinearRecurrenceOp op, const Coords &item) : Recurrence(e, op, item) {}
  LogicalResult begin(Tile &carries) override;
  LogicalResult enter(const Coords &where, const Tile &carried) override;
  FailureOr<Tile> leave() override { return next; }

private:
  /// What a step gives beside the next state: a read-out, or the state itself.
  struct Output {
    SmallVector<unsigned> readouts; // that come of it
    NamedDims dims;                 // with the recurrence's own
    SmallVector<StringAttr> over;   // summed in the step
    bool isStates = false;
    Tile made, memory;
  };

  void chooseOutputs();
  /// Whether a read-out is taken in the step: it adds no dimension to the state's.
  bool isInStep(LinearRecurrenceOp::Readout &readout);
  LogicalResult enterParts();
  /// A part of the state over the tile: the next state, then the outputs.
  FailureOr<Tile> run(const Coords &where, const Tile &from);
  /// One element: the same.
  FailureOr<Tile> step(const Coords &where, const Tile &from, const Tile &decay);
  FailureOr<Tile> readIn(LinearRecurrenceOp::Readout readout, const Coords &where, const Tile &next);
  /// A decay that is constant in time, once for all steps.
  FailureOr<Tile> constantDecay(const Coords &where);
  /// The values that are made for the whole tile, on the way to this one.
  void slices(Value value, llvm::SetVector<Value> &found);
  /// A step of it is short beside the state's, or the state's is not in vectors.
  bool isShort(Value value);
  void handOut(Output &output);
  FailureOr<Tile> readLater(const Output &output, unsigned number, const Coords &own);

  std::vector<Output> outputs;
  SmallVector<std::pair<StringAttr, Value>> ends; // elements that lie inside, of walked dimensions
  Tile next, fixed; // fixed: the constant decay of a state that is carried
};

LogicalResult Steps::begin(Tile &carries) {
  if (failed(Recurrence::begin(carries)))
    return failure();
  if (!walked.empty())
    return success();
  FailureOr<Tile> constant = constantDecay(item);
  if (failed(constant))
    return failure();
  fixed = *constant;
  return success();
}

bool Steps::isInStep(LinearRecurrenceOp::Readout &readout) {
  return llvm::all_of(united(readout.factors), [&](const NamedDim &d) {
    const Coord *coord = at.find(d.name);
    return d.name == dim || findDim(dims, d.name) || (coord && coord->size == 1);
  });
}

void Steps::chooseOutputs() {
  outputs.clear();
  Output states{{}, withDim(dims), {}, true, {}, {}};
  for (auto [i, readout] : llvm::enumerate(op.getReadouts())) {
    if (readout.result.use_empty())
      continue;
    if (readout.isState() || !isInStep(readout))
      states.readouts.push_back(i);
    else
      outputs.push_back({{static_cast<unsigned>(i)}, getDims(readout.result), summed(readout), false, {}, {}});
  }
  if (!states.readouts.empty())
    outputs.push_back(std::move(states));
}

LogicalResult Steps::enter(const Coords &where, const Tile &carried) {
  at = where;
  tile = *at.find(dim);
  carry = carried;
  chooseOutputs();
  if (!walked.empty())
    return enterParts();
  FailureOr<Tile> results = run(at, carry);
  if (failed(results))
    return failure();
  next = Tile(ArrayRef(*results).take_front(parts));
  for (auto [i, output] : llvm::enumerate(outputs)) {
    output.made = Tile(ArrayRef(*results).slice(parts * (i + 1), parts));
    handOut(output);
  }
  return success();
}

LogicalResult Steps::enterParts() {
  // What every output sums is walked inside, its sums carried.
  SmallVector<StringAttr> inner, outer;
  for (StringAttr name : walked) {
    bool all = llvm::all_of(outputs, [&](const Output &output) { return llvm::is_contained(output.over, name); });
    (all ? inner : outer).push_back(name);
  }
  auto sumsOuter = [&](const Output &output) {
    return llvm::any_of(outer, [&](StringAttr name) { return llvm::is_contained(output.over, name); });
  };
  Tile start;
  for (Output &output : outputs) {
    if (outer.empty())
      continue;
    FailureOr<Tile> views = e.scratch(output.dims, element, at);
    if (failed(views))
      return failure();
    output.memory = *views;
    if (!sumsOuter(output))
      continue;
    if (op.getSemiring() != Semiring::Real)
      return e.refuse("a state of open size is summed over some of its dimensions with + alone");
    FailureOr<Tile> cleared = e.loops(e.unbound(output.dims, at), at, {}, [&](const Coords &there, const Tile &) -> FailureOr<Tile> {
      FailureOr<RankedTensorType> type = e.tileType(output.dims, element, there);
      if (failed(type) || failed(e.writeScratch(output.memory, output.dims, zeros(*type, parts), there)))
        return failure();
      return Tile();
    });
    if (failed(cleared))
      return failure();
  }
  auto sums = [&](const Coords &there) -> FailureOr<Tile> {
    Tile all;
    for (Output &output : outputs) {
      FailureOr<RankedTensorType> type = e.tileType(output.dims, element, there);
      if (failed(type))
        return failure();
      Tile none = e.identity(addition(), *type, parts == 2);
      all.append(none.begin(), none.end());
    }
    return e.loops(inner, there, all, [&](const Coords &place, const Tile &acc) -> FailureOr<Tile> {
      FailureOr<Tile> from = state(place);
      if (failed(from))
        return failure();
      FailureOr<Tile> results = run(place, *from);
      if (failed(results) ||
          failed(e.writeScratch(memory, op.getInit(), Tile(ArrayRef(*results).take_front(parts)), place)))
        return failure();
      Tile made(ArrayRef(*results).drop_front(parts));
      if (!inner.empty())
        for (auto [sum, part] : llvm::zip(acc, made))
          part = plus(sum, part);
      return made;
    });
  };
  if (outer.empty()) {
    FailureOr<Tile> all = sums(at);
    if (failed(all))
      return failure();
    for (auto [i, output] : llvm::enumerate(outputs)) {
      output.made = Tile(ArrayRef(*all).slice(parts * i, parts));
      handOut(output);
    }
    return success();
  }
  FailureOr<Tile> done = e.loops(outer, at, {}, [&](const Coords &there, const Tile &) -> FailureOr<Tile> {
    FailureOr<Tile> all = sums(there);
    if (failed(all))
      return failure();
    for (auto [i, output] : llvm::enumerate(outputs))
      if (failed(e.writeScratch(output.memory, output.dims, Tile(ArrayRef(*all).slice(parts * i, parts)), there,
                                sumsOuter(output))))
        return failure();
    return Tile();
  });
  if (failed(done))
    return failure();
  for (Output &output : outputs)
    handOut(output);
  return success();
}

void Steps::handOut(Output &output) {
  auto readouts = op.getReadouts();
  for (unsigned number : output.readouts) {
    LinearRecurrenceOp::Readout &readout = readouts[number];
    if (output.isStates && !readout.isState())
      e.provide(readout.result, [this, output, number](const Coords &own) { return readLater(output, number, own); });
    else if (output.memory.empty())
      e.pin(readout.result, at, output.made);
    else
      e.back(readout.result, output.memory);
  }
}

FailureOr<Tile> Steps::readLater(const Output &output, unsigned number, const Coords &own) {
  LinearRecurrenceOp::Readout readout = op.getReadouts()[number];
  Coords there = at;
  there.add(own);
  SmallVector<StringAttr> over = summed(readout);
  FailureOr<RankedTensorType> type = e.tileType(getDims(readout.result), element, there);
  if (failed(type))
    return failure();
  if (op.getSemiring() != Semiring::Real)
    return FailureOr<Tile>(e.refuse("a read-out that adds dimensions to the state multiplies with real numbers alone"));
  SmallVector<StringAttr> around;
  for (StringAttr name : over)
    if (!e.isWhole(name) && !there.find(name))
      around.push_back(name);
  return e.loops(around, there, zeros(*type, parts), [&](const Coords &place, const Tile &acc) -> FailureOr<Tile> {
    FailureOr<Tile> states = output.memory.empty() ? FailureOr<Tile>(output.made)
                                                   : e.readScratch(output.memory, output.dims, element, place);
    if (failed(states))
      return failure();
    if (!around.empty())
      states = e.maskTail(*states, around, place, zeros(RankedTensorType::get({}, Emitter::partType(element)), parts));
    SmallVector<Factor> factors{{*states, output.dims}};
    for (Value value : readout.factors) {
      value = beforeComplex(value);
      FailureOr<Tile> factor = e.demand(value, place);
      if (failed(factor))
        return failure();
      factors.push_back({inside(*factor, value, around, place), getDims(value)});
    }
    return sumOfProducts(e, factors, over, acc, element, *type, place);
  });
}

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

} // namespace

std::unique_ptr<Recurrence> makeSteps(Emitter &e, LinearRecurrenceOp op, const Coords &item) {
  return std::make_unique<Steps>(e, op, item);
}

} // namespace ssm
