//===- Scan.cpp - kernels that walk a dimension in order --------------------===//
//
// One loop over the dimension carries the states of everything that runs along it.
// A tile of C elements is taken at a time, and a recurrence inside it (`tile.recur`)
// goes element by element with its state in registers; C = 1 needs no inner loop.
// What follows element by element stands in the loop behind it. Linear recurrences have
// forms of their own (Recurrence.h). Dimensions that are walked though every state and
// every result has them stand around the loop.
//
//===----------------------------------------------------------------------===//
#include "Recurrence.h"

#include "ssm/Plan/Anchors.h"

using namespace mlir;

namespace ssm {
namespace {

/// What runs along the dimension: a scan, or a linear recurrence.
struct Recurring {
  Operation *op;
  SmallVector<Value> inits, finals, outputs;
  SmallVector<Tile> memory, next;   // of states that are not carried, and of those after a step
  std::unique_ptr<Recurrence> form; // of a linear recurrence
};

class Sequential {
public:
  Sequential(Emitter &e, KernelOp kernel, StringAttr along, const Coords &at)
      : e(e), kernel(kernel), along(along), at(at) {}

  LogicalResult run(llvm::function_ref<LogicalResult(unsigned, const Coords &)> writeOutput);

private:
  /// Carries of all scans, one after the other; each has as many parts as its type.
  LogicalResult collect();
  FailureOr<Tile> step(const Coord &coord, ValueRange carries,
                       llvm::function_ref<LogicalResult(unsigned, const Coords &)> writeOutput);
  /// One scan over the tile at `where`.
  FailureOr<Tile> recur(ScanOp scan, const Coords &where, const Coord &coord, ValueRange carries);
  /// The body, with its arguments bound; the next carries, then the outputs.
  FailureOr<Tile> body(ScanOp scan, const Coords &where, Value place, ValueRange carries, ValueRange slices);
  llvm::SetVector<Value> keptIn(ScanOp scan);
  LogicalResult placeInMemory(Recurring &entry);
  LogicalResult bodyInMemory(const Recurring &entry, const Coords &where, const Coord &coord);
  LogicalResult advance(const Recurring &entry);
  /// Splits a flat list of parts by the types of values and pins them.
  unsigned pinAll(ValueRange values, const Coords &where, ValueRange parts);

  Emitter &e;
  KernelOp kernel;
  StringAttr along;
  Coords at;
  std::vector<Recurring> scans;
  ScoreGroups groups;
  Tile inits;
};

unsigned partsOf(Value value) { return llvm::isa<ComplexType>(getElement(value)) ? 2 : 1; }

LogicalResult Sequential::collect() {
  for (Operation &op : kernel.getBody().front()) {
    if (sequentialDim(&op) != along)
      continue;
    Recurring entry{&op, {}, {}, {}, {}, {}, {}};
    if (auto linear = llvm::dyn_cast<LinearRecurrenceOp>(op)) {
      entry.form = makeRecurrence(e, linear, at, groups);
      entry.outputs.append(linear.getOutputs().begin(), linear.getOutputs().end());
      if (failed(entry.form->begin(inits)))
        return failure();
      scans.push_back(std::move(entry));
      continue;
    }
    auto scan = llvm::dyn_cast<ScanOp>(op);
    if (!scan)
      return e.refuse("'" + op.getName().getStringRef() + "' runs along '" + along.getValue() + "' and has no tile form");
    entry.inits.append(scan.getInits().begin(), scan.getInits().end());
    entry.finals.append(scan.getFinals().begin(), scan.getFinals().end());
    entry.outputs.append(scan.getOutputs().begin(), scan.getOutputs().end());
    if (shiftsState(scan) || llvm::any_of(entry.inits, [&](Value init) { return !e.unbound(getDims(init), at).empty(); })) {
      if (failed(placeInMemory(entry)))
        return failure();
      scans.push_back(std::move(entry));
      continue;
    }
    for (Value init : entry.inits) {
      FailureOr<Tile> tile = e.demand(init, at);
      if (failed(tile))
        return failure();
      inits.append(tile->begin(), tile->end());
    }
    scans.push_back(std::move(entry));
  }
  return success();
}

/// For each tile of the dimensions that an item walks.
static LogicalResult forEach(Emitter &e, ArrayRef<StringAttr> dims, const Coords &at,
                             llvm::function_ref<LogicalResult(const Coords &)> body) {
  return failure(failed(e.loops(dims, at, {}, [&](const Coords &where, const Tile &) -> FailureOr<Tile> {
    return failed(body(where)) ? FailureOr<Tile>(failure()) : Tile();
  })));
}

/// Whether a body's value takes a product or a reduction to make.
static bool isHeavy(Value value, Block *body, const llvm::SetVector<Value> &kept) {
  Operation *op = value.getDefiningOp();
  if (!op || op->getBlock() != body || kept.contains(value))
    return false;
  return llvm::isa<ContractOp, ReduceOp>(op) ||
         llvm::any_of(op->getOperands(), [&](Value operand) { return isHeavy(operand, body, kept); });
}

/// Whether a body's value is made of the carry, but for what is kept by then.
static bool isMadeOf(Value value, Value carry, Block *body, const llvm::SetVector<Value> &kept) {
  Operation *op = value.getDefiningOp();
  if (value == carry)
    return true;
  return op && op->getBlock() == body && !kept.contains(value) &&
         llvm::any_of(op->getOperands(), [&](Value operand) { return isMadeOf(operand, carry, body, kept); });
}

/// What is dear to make, needed more than once, and walked.
llvm::SetVector<Value> Sequential::keptIn(ScanOp scan) {
  llvm::SetVector<Value> kept;
  Block *body = &scan.getBody().front();
  for (Operation &op : body->without_terminator())
    for (Value value : op.getResults())
      if (!e.unbound(getDims(value), at).empty() && !value.hasOneUse() && isHeavy(value, body, kept))
        kept.insert(value);
  return kept;
}

LogicalResult Sequential::placeInMemory(Recurring &entry) {
  auto scan = llvm::cast<ScanOp>(entry.op);
  Block *body = &scan.getBody().front();
  llvm::SetVector<Value> kept = keptIn(scan);
  for (auto [init, carry] : llvm::zip(entry.inits, scan.getCarries())) {
    FailureOr<Tile> memory = e.scratch(init, at);
    if (failed(memory))
      return failure();
    entry.memory.push_back(*memory);
    // Where all that is kept is made, the last state may serve no more.
    bool isRead = llvm::any_of(body->getTerminator()->getOperands(),
                               [&](Value value) { return isMadeOf(value, carry, body, kept); });
    entry.next.push_back(isRead ? *e.scratch(init, at) : *memory);
    LogicalResult filled = forEach(e, e.unbound(getDims(init), at), at, [&](const Coords &where) -> LogicalResult {
      FailureOr<Tile> tile = e.demand(init, where);
      return failed(tile) ? failure() : e.writeScratch(*memory, init, *tile, where);
    });
    if (failed(filled))
      return failure();
  }
  return success();
}

/// A step whose states lie in memory: what is dear to make and needed more than once is
/// kept there too, and the next states beside the last until all is made of it.
LogicalResult Sequential::bodyInMemory(const Recurring &entry, const Coords &where, const Coord &coord) {
  auto scan = llvm::cast<ScanOp>(entry.op);
  if (coord.size != 1)
    return e.refuse("a state in memory is advanced one step at a time, the plan takes " + Twine(coord.size));
  e.pin(scan.getPosition(), at, {tile::SpreadOp::create(e.b, RankedTensorType::get({}, e.b.getI64Type()), coord.at)});
  for (auto [carry, memory] : llvm::zip(scan.getCarries(), entry.memory))
    e.back(carry, memory);
  Coords step;
  step.set(along, coord);
  for (auto [argument, slice] : llvm::zip(scan.getSliceArguments(), scan.getSlices()))
    e.alias(argument, slice, step);

  auto fill = [&](const Tile &memory, Value value) {
    return forEach(e, e.unbound(getDims(value), at), at, [&](const Coords &there) -> LogicalResult {
      FailureOr<Tile> tile = e.demand(value, there);
      return failed(tile) ? failure() : e.writeScratch(memory, value, *tile, there);
    });
  };
  for (Value value : keptIn(scan)) {
    FailureOr<Tile> memory = e.scratch(value, at);
    if (failed(memory) || failed(fill(*memory, value)))
      return failure();
    e.back(value, *memory);
  }
  for (auto [value, memory] : llvm::zip(scan.getNextCarries(), entry.next))
    if (failed(fill(memory, value)))
      return failure();
  for (auto [output, value] : llvm::zip(scan.getOutputs(), scan.getYieldedOutputs()))
    e.provide(output, [this, value, coord](const Coords &there) -> FailureOr<Tile> {
      const Coord *asked = there.find(along);
      if (!asked || asked->at != coord.at) {
        (void)e.refuse("a value that is made in order is asked for at another place than where it is made");
        return failure();
      }
      Coords rest = there;
      rest.erase(along);
      return e.demand(value, rest);
    });
  return success();
}

/// The next states take the place of the last.
LogicalResult Sequential::advance(const Recurring &entry) {
  for (auto [init, memory, next] : llvm::zip(entry.inits, entry.memory, entry.next)) {
    if (memory == next)
      continue;
    LogicalResult moved = forEach(e, e.unbound(getDims(init), at), at, [&](const Coords &there) -> LogicalResult {
      FailureOr<Tile> tile = e.readScratch(next, init, there);
      return failed(tile) ? failure() : e.writeScratch(memory, init, *tile, there);
    });
    if (failed(moved))
      return failure();
  }
  return success();
}

unsigned Sequential::pinAll(ValueRange values, const Coords &where, ValueRange parts) {
  unsigned next = 0;
  for (Value value : values) {
    unsigned count = partsOf(value);
    e.pin(value, where, Tile(parts.slice(next, count)));
    next += count;
  }
  return next;
}

FailureOr<Tile> Sequential::body(ScanOp scan, const Coords &where, Value place, ValueRange carries, ValueRange slices) {
  Value position = tile::SpreadOp::create(e.b, RankedTensorType::get({}, e.b.getI64Type()), place);
  e.pin(scan.getPosition(), where, {position});
  pinAll(scan.getCarries(), where, carries);
  pinAll(scan.getSliceArguments(), where, slices);
  Tile result;
  auto *yield = scan.getBody().front().getTerminator();
  for (Value value : yield->getOperands()) {
    FailureOr<Tile> tile = e.demand(value, where);
    if (failed(tile))
      return failure();
    result.append(tile->begin(), tile->end());
  }
  e.unbind(scan.getBody().getArguments());
  return result;
}

FailureOr<Tile> Sequential::recur(ScanOp scan, const Coords &where, const Coord &coord, ValueRange carries) {
  Tile slices;
  for (Value slice : scan.getSlices()) {
    FailureOr<Tile> tile = e.demand(slice, where);
    if (failed(tile))
      return failure();
    slices.append(tile->begin(), tile->end());
  }
  if (coord.size == 1)
    return body(scan, at, coord.at, carries, slices);

  SmallVector<Type> outputs;
  for (Value output : scan.getOutputs()) {
    FailureOr<RankedTensorType> type = e.tileType(getDims(output), getElement(output), where);
    if (failed(type))
      return failure();
    outputs.append(partsOf(output), *type);
  }
  Value tile = arith::ConstantIndexOp::create(e.b, coord.size);
  Value left = arith::SubIOp::create(e.b, e.size(along), coord.at);
  Value count = arith::MinSIOp::create(e.b, tile, left);
  // What reads nothing of the sequence and leaves nothing along it only goes on so often.
  if (slices.empty() && outputs.empty())
    return e.loop(along, 1, scan.getReverse() ? tile::Order::Down : tile::Order::Up, coord.at,
                  arith::AddIOp::create(e.b, coord.at, count), Tile(carries),
                  [&](const Coord &one, ValueRange inner) { return body(scan, at, one.at, inner, {}); });
  auto op = tile::RecurOp::create(e.b, along.getValue(), scan.getReverse(), count, carries, slices, outputs);
  LogicalResult made = e.within(op, op.getBody().front(), [&]() -> LogicalResult {
    Value place = arith::AddIOp::create(e.b, coord.at, op.getPosition());
    FailureOr<Tile> next = body(scan, at, place, op.getCarries(), op.getSliceArguments());
    if (failed(next))
      return failure();
    // An output's step in the order of the stacked tile.
    for (auto [i, type] : llvm::enumerate(outputs)) {
      NamedDims dims = getDims(type);
      llvm::erase_if(dims, [&](const NamedDim &d) { return d.name == along; });
      Value &part = (*next)[op.getInits().size() + i];
      part = e.spread(part, getTensorType(dims, getElement(part)));
    }
    tile::YieldOp::create(e.b, *next);
    return success();
  });
  if (failed(made))
    return failure();
  return Tile(op.getResults());
}

FailureOr<Tile> Sequential::step(const Coord &coord, ValueRange carries,
                                 llvm::function_ref<LogicalResult(unsigned, const Coords &)> writeOutput) {
  Coords where = at;
  where.set(along, coord);
  groups.clear();
  SmallVector<Tile> next(scans.size());
  unsigned first = 0;
  for (auto [i, entry] : llvm::enumerate(scans)) {
    unsigned count = entry.form ? entry.form->carried() : 0;
    if (!entry.next.empty()) {
      if (failed(bodyInMemory(entry, where, coord)))
        return failure();
      continue;
    }
    for (Value init : entry.inits)
      count += partsOf(init);
    ValueRange state = carries.slice(first, count);
    first += count;
    if (entry.form) {
      if (failed(entry.form->enter(where, Tile(state))))
        return failure();
      continue;
    }
    FailureOr<Tile> results = recur(llvm::cast<ScanOp>(entry.op), where, coord, state);
    if (failed(results))
      return failure();
    next[i] = Tile(ArrayRef(*results).take_front(count));
    pinAll(entry.outputs, where, ValueRange(*results).drop_front(count));
  }
  for (auto [i, value] : llvm::enumerate(kernel.getYielded()))
    if (hasDim(value, along) && failed(writeOutput(i, where)))
      return failure();
  Tile all;
  for (auto [entry, own] : llvm::zip(scans, next)) {
    if (entry.form) {
      FailureOr<Tile> left = entry.form->leave();
      if (failed(left))
        return failure();
      own = *left;
    }
    all.append(own.begin(), own.end());
    if (failed(advance(entry)))
      return failure();
    if (auto scan = llvm::dyn_cast<ScanOp>(entry.op); scan && !entry.next.empty())
      scan.getBody().walk([&](Operation *op) { e.unbind(op->getResults()); });
  }
  for (const Recurring &entry : scans)
    e.unbind(entry.outputs);
  return all;
}

LogicalResult Sequential::run(llvm::function_ref<LogicalResult(unsigned, const Coords &)> writeOutput) {
  if (failed(collect()))
    return failure();
  bool reverse = isReverse(scans.front().op);
  FailureOr<Tile> last = e.loop(along, e.stepOf(along), reverse ? tile::Order::Down : tile::Order::Up, inits,
                                [&](const Coord &coord, ValueRange carries) { return step(coord, carries, writeOutput); });
  if (failed(last))
    return failure();
  unsigned first = 0;
  for (const Recurring &entry : scans) {
    if (entry.form) {
      if (failed(entry.form->end(Tile(ValueRange(*last).slice(first, entry.form->carried())))))
        return failure();
      first += entry.form->carried();
    } else if (!entry.memory.empty())
      for (auto [final, memory] : llvm::zip(entry.finals, entry.memory))
        e.back(final, memory);
    else
      first += pinAll(entry.finals, at, ValueRange(*last).drop_front(first));
  }
  for (auto [i, value] : llvm::enumerate(kernel.getYielded()))
    if (!hasDim(value, along) && failed(writeOutput(i, at)))
      return failure();
  return success();
}

} // namespace

/// Dimensions that are walked and that all states and results have.
static SmallVector<StringAttr> walkedAround(Emitter &e, KernelOp kernel, StringAttr along) {
  SmallVector<StringAttr> dims;
  for (const PlanTile &step : e.plan().getStep()) {
    auto has = [&](Value value) { return hasDim(value, step.dim); };
    bool everywhere = step.dim != along && llvm::all_of(kernel.getYielded(), has);
    for (Operation &op : kernel.getBody().front())
      if (sequentialDim(&op) == along && (!llvm::all_of(op.getResults(), has) || barredDims(&op).contains(step.dim)))
        everywhere = false;
    if (everywhere)
      dims.push_back(step.dim);
  }
  return dims;
}

LogicalResult emitSequential(Emitter &e, KernelOp kernel, StringAttr along, const Coords &at,
                             llvm::function_ref<LogicalResult(unsigned, const Coords &)> writeOutput) {
  return forEach(e, walkedAround(e, kernel, along), at, [&](const Coords &where) {
    return Sequential(e, kernel, along, where).run(writeOutput);
  });
}

} // namespace ssm
