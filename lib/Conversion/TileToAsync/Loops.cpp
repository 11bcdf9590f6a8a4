//===- Loops.cpp - folds ----------------------------------------------------===//
//
// What a step reads is loaded a step before, so that memory is busy while it is worked
// on. What a fold combines along the lane stays in each thread's registers until its
// end: the lanes combine theirs once.
//
//===----------------------------------------------------------------------===//
#include "Kernel.h"

using namespace mlir;

namespace ssm::tile {

Value sizeOfWholeTiles(Value end, int64_t step) {
  if (auto most = end.getDefiningOp<arith::MaxSIOp>(); most && getConstantIntValue(most.getRhs()) == 0)
    end = most.getLhs();
  auto times = end.getDefiningOp<arith::MulIOp>();
  if (!times || getConstantIntValue(times.getRhs()) != step)
    return {};
  Operation *tiles = times.getLhs().getDefiningOp();
  if (!isa_and_nonnull<arith::DivUIOp, arith::DivSIOp, arith::FloorDivSIOp>(tiles) || getConstantIntValue(tiles->getOperand(1)) != step)
    return {};
  return tiles->getOperand(0);
}

LogicalResult emitIf(KernelEmitter &e, scf::IfOp op) {
  if (op.getNumResults())
    return e.refuse(op) << "a condition with results";
  Value condition = e.of(op.getCondition());
  if (!condition)
    return failure();
  bool otherwise = !op.getElseRegion().empty();
  auto branch = scf::IfOp::create(e.b, condition, otherwise);
  OpBuilder::InsertionGuard guard(e.b);
  for (auto [from, to] : {std::pair(&op.getThenRegion(), &branch.getThenRegion()), {&op.getElseRegion(), &branch.getElseRegion()}}) {
    if (from->empty())
      continue;
    e.b.setInsertionPointToStart(&to->front());
    if (failed(e.emitBlock(from->front())))
      return failure();
  }
  return success();
}

namespace {

/// A carry that a step combines with what it has combined along the lane.
struct Deferred {
  CombineOp combine;
  Operation *next; // takes the carry, and what was combined
  Combine kind;
  RankedTensorType held; // until the end
};

class Fold {
public:
  Fold(KernelEmitter &e, LoopOp op) : e(e), op(op) {}
  LogicalResult run();

private:
  std::optional<Deferred> findDeferred(unsigned carry);
  LogicalResult emitOneStep();
  /// Where a step begins, whose loop is at `at`.
  Value positionOf(Value at, Value from, Value to, Value step);
  void findReads();
  /// The index arithmetic that a value of the body comes of.
  LogicalResult emitIndices(Value value);
  FailureOr<SmallVector<Value>> load(Value position);
  LogicalResult emitBody(scf::ForOp loop, Value from, Value to, Value step);

  KernelEmitter &e;
  LoopOp op;
  SmallVector<std::optional<Deferred>> deferred;
  SmallVector<ReadOp> ahead;
};

std::optional<Deferred> Fold::findDeferred(unsigned carry) {
  BlockArgument argument = op.getCarries()[carry];
  Operation *next = op.getYield()->getOperand(carry).getDefiningOp();
  if (!e.frame.lane || !next || next->getBlock() != &op.getBody().front() || next->getNumOperands() != 2 ||
      !argument.hasOneUse() || !next->hasOneUse() || *argument.user_begin() != next)
    return std::nullopt;
  Value other = next->getOperand(next->getOperand(0) == argument ? 1 : 0);
  auto combine = other.getDefiningOp<CombineOp>();
  if (!combine || combine->getBlock() != next->getBlock() || !combine->hasOneUse() || combine.getInputs().size() != 1)
    return std::nullopt;
  std::optional<Combine> kind = combineFor(combine.getCombiner(), getElement(combine.getInputs().front()));
  bool along = llvm::any_of(combine.getDims().getAsRange<StringAttr>(), [&](StringAttr dim) { return e.frame.isLane(dim); });
  if (!kind || !along)
    return std::nullopt;
  bool same = (isa<arith::AddFOp>(next) && *kind == Combine::AddF) || (isa<arith::MulFOp>(next) && *kind == Combine::MulF) ||
              (isa<arith::AddIOp>(next) && *kind == Combine::AddI) ||
              (isa<arith::MaximumFOp>(next) && *kind == Combine::MaximumF) ||
              (isa<arith::MinimumFOp>(next) && *kind == Combine::MinimumF);
  if (!same)
    return std::nullopt;
  NamedDims dims = getDims(argument.getType()), input = getDims(combine.getInputs().front());
  dims.push_back(input[*findDim(input, e.frame.lane)]);
  return Deferred{combine, next, *kind, e.frame.typeOf(dims, getElement(argument))};
}

/// Once, where the dimension begins.
LogicalResult Fold::emitOneStep() {
  e.bind(op.getPosition(), e.index(0));
  for (auto [carry, init] : llvm::zip(op.getCarries(), op.getInits())) {
    Value tile = e.tileOf(init);
    if (!tile)
      return failure();
    e.bind(carry, tile);
  }
  if (failed(e.emitBlock(op.getBody().front())))
    return failure();
  for (auto [result, value] : llvm::zip(op.getResults(), op.getYield()->getOperands())) {
    Value tile = e.tileOf(value);
    if (!tile)
      return failure();
    e.bind(result, tile);
  }
  return success();
}

Value Fold::positionOf(Value at, Value from, Value to, Value step) {
  if (op.getOrder() != Order::Down)
    return at;
  // The last tile first: as far from the last one's start as this is from the first's.
  Value length = arith::SubIOp::create(e.b, to, e.index(1));
  Value tiles = arith::DivUIOp::create(e.b, arith::SubIOp::create(e.b, length, from), step);
  Value last = arith::AddIOp::create(e.b, from, arith::MulIOp::create(e.b, tiles, step));
  return arith::SubIOp::create(e.b, last, arith::SubIOp::create(e.b, at, from));
}

/// Reads whose place the position decides, as long as a thread has registers for them.
void Fold::findReads() {
  constexpr int64_t most = 48;
  if (op.getOrder() == Order::Down || !e.frame.lane)
    return;
  Block *body = &op.getBody().front();
  std::function<bool(Value)> isIndex = [&](Value value) {
    Operation *def = value.getDefiningOp();
    if (!def || def->getBlock() != body)
      return value.getType().isIndex() && !llvm::is_contained(op.getCarries(), value);
    return isa<arith::ArithDialect>(def->getDialect()) && def->getNumRegions() == 0 && llvm::all_of(def->getOperands(), isIndex);
  };
  int64_t registers = 0;
  for (auto read : body->getOps<ReadOp>()) {
    if (!e.frame.hasLane(read.getResult(0).getType()) || !e.isOnlyRead(read.getView()) ||
        !llvm::all_of(read.getCoordinates(), isIndex) ||
        !llvm::is_contained(read.getDims().getAsRange<StringAttr>(), op.getDimAttr()))
      continue;
    RankedTensorType type = e.frame.typeOf(read.getResult(0).getType());
    registers += int64_t(read->getNumResults()) * type.getNumElements() / e.frame.threads * type.getElementTypeBitWidth() / 32;
    if (registers > most)
      return;
    ahead.push_back(read);
  }
}

LogicalResult Fold::emitIndices(Value value) {
  Operation *def = value.getDefiningOp();
  if (!def || def->getBlock() != &op.getBody().front())
    return success();
  for (Value operand : def->getOperands())
    if (failed(emitIndices(operand)))
      return failure();
  return emitElementwise(e, def);
}

FailureOr<SmallVector<Value>> Fold::load(Value position) {
  SmallVector<Value> tiles;
  e.bind(op.getPosition(), position);
  for (ReadOp read : ahead) {
    for (Value at : read.getCoordinates())
      if (failed(emitIndices(at)))
        return failure();
    if (failed(emitRead(e, read)))
      return failure();
    for (Value part : read->getResults())
      tiles.push_back(e.of(part));
  }
  return tiles;
}

LogicalResult Fold::emitBody(scf::ForOp loop, Value from, Value to, Value step) {
  OpBuilder::InsertionGuard guard(e.b);
  e.b.setInsertionPointToStart(loop.getBody());
  Value at = loop.getInductionVar();
  FailureOr<SmallVector<Value>> later = load(arith::AddIOp::create(e.b, at, step));
  if (failed(later))
    return failure();
  e.bind(op.getPosition(), positionOf(at, from, to, step));
  auto arguments = loop.getRegionIterArgs();
  for (auto [carry, argument] : llvm::zip(op.getCarries(), arguments))
    e.bind(carry, argument);
  arguments = arguments.drop_front(op.getCarries().size());
  for (ReadOp read : ahead) {
    for (Value part : read->getResults()) {
      e.bind(part, arguments.front());
      arguments = arguments.drop_front();
    }
    e.given.insert(read);
  }
  for (std::optional<Deferred> &d : deferred)
    if (d) {
      e.deferred.insert(d->combine);
      e.given.insert(d->next);
    }
  if (failed(e.emitBlock(op.getBody().front())))
    return failure();
  SmallVector<Value> next;
  for (auto [i, value] : llvm::enumerate(op.getYield()->getOperands())) {
    std::optional<Deferred> &d = deferred[i];
    Value tile = d ? combineTwo(e, d->kind, loop.getRegionIterArg(i), e.of(d->combine.getResult(0))) : e.tileOf(value);
    if (!tile)
      return failure();
    next.push_back(tile);
  }
  next.append(later->begin(), later->end());
  if (!next.empty())
    scf::YieldOp::create(e.b, next);
  return success();
}

LogicalResult Fold::run() {
  KernelEmitter::Steps steps = e.stepsOf(op);
  if (steps == KernelEmitter::Steps::One)
    return emitOneStep();
  if (steps == KernelEmitter::Steps::None) {
    for (auto [result, init] : llvm::zip(op.getResults(), op.getInits()))
      if (Value tile = e.tileOf(init))
        e.bind(result, tile);
      else
        return failure();
    return success();
  }
  Value from = e.of(op.getFrom()), to = e.of(op.getTo()), step = e.index(op.getStep());
  if (!from || !to)
    return failure();
  findReads();
  SmallVector<Value> inits, starts;
  for (auto [i, init] : llvm::enumerate(op.getInits())) {
    Value tile = e.tileOf(init);
    if (!tile)
      return failure();
    inits.push_back(tile);
    deferred.push_back(findDeferred(i));
    starts.push_back(deferred[i] ? e.splat(deferred[i]->held, identityOf(deferred[i]->kind)) : tile);
  }
  FailureOr<SmallVector<Value>> first = load(from);
  if (failed(first))
    return failure();
  starts.append(first->begin(), first->end());
  auto loop = scf::ForOp::create(e.b, from, to, step, starts);
  if (failed(emitBody(loop, from, to, step)))
    return failure();
  for (auto [i, result] : llvm::enumerate(op.getResults())) {
    Value made = loop.getResult(i);
    if (std::optional<Deferred> &d = deferred[i])
      made = combineTwo(e, d->kind, inits[i], combineLane(e, d->kind, made));
    e.bind(result, made);
  }
  return success();
}

} // namespace

LogicalResult emitLoop(KernelEmitter &e, LoopOp op) { return Fold(e, op).run(); }

} // namespace ssm::tile
