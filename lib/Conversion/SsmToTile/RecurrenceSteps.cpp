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
#include "RecurrenceSteps.h"

using namespace mlir;

namespace ssm {

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

std::unique_ptr<Recurrence> makeSteps(Emitter &e, LinearRecurrenceOp op, const Coords &item) {
  return std::make_unique<Steps>(e, op, item);
}

} // namespace ssm
