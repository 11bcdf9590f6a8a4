//===- Recur.cpp - recurrences inside a tile --------------------------------===//
//
// Along a block dimension: one step after the other in registers, written out. Along
// the lane: recurrences that are running combinations (sums, products, extremes,
// h = a h + x), as scans across the lanes.
//
//===----------------------------------------------------------------------===//
#include "Kernel.h"

using namespace mlir;

namespace ssm::tile {

//===----------------------------------------------------------------------===//
// What a body amounts to
//===----------------------------------------------------------------------===//

namespace {

/// Whether a value of a recurrence's body comes of one of its carries.
bool comesOf(Value value, RecurOp op) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return llvm::is_contained(op.getCarries(), argument);
  Operation *def = value.getDefiningOp();
  if (!def || def->getBlock() != &op.getBody().front())
    return false;
  return llvm::any_of(def->getOperands(), [&](Value operand) { return comesOf(operand, op); });
}

/// next = kind(carry, input), or carry * factors + input.
std::optional<RunningForm> formOf(Value next, Value carry, RecurOp op, std::string &why) {
  Operation *def = next.getDefiningOp();
  why = "a step of it is no sum, product, maximum, minimum or h = a h + x";
  if (!def || def->getNumOperands() != 2)
    return std::nullopt;
  std::optional<Combine> kind;
  if (isa<arith::AddFOp>(def))
    kind = Combine::AddF;
  else if (isa<arith::MulFOp>(def))
    kind = Combine::MulF;
  else if (isa<arith::MaximumFOp>(def))
    kind = Combine::MaximumF;
  else if (isa<arith::MinimumFOp>(def))
    kind = Combine::MinimumF;
  else if (isa<arith::AddIOp>(def))
    kind = Combine::AddI;
  if (!kind)
    return std::nullopt;
  for (unsigned side : {0, 1}) {
    Value mine = def->getOperand(side), other = def->getOperand(1 - side);
    if (comesOf(other, op))
      continue;
    if (mine == carry)
      return RunningForm{*kind, other, {}};
    Operation *scaled = mine.getDefiningOp();
    if (*kind == Combine::AddF && isa_and_nonnull<arith::MulFOp>(scaled))
      for (unsigned place : {0, 1})
        if (scaled->getOperand(place) == carry && !comesOf(scaled->getOperand(1 - place), op))
          return RunningForm{Combine::AddF, other, scaled->getOperand(1 - place)};
  }
  return std::nullopt;
}

} // namespace

std::optional<SmallVector<RunningForm>> asRunning(RecurOp op, std::string &why) {
  SmallVector<RunningForm> forms;
  for (auto [carry, next] : llvm::zip(op.getCarries(), op.getNextCarries())) {
    std::optional<RunningForm> form = formOf(next, carry, op, why);
    if (!form)
      return std::nullopt;
    forms.push_back(*form);
    // What the next value is made of must not be needed by itself.
    for (Operation *user : carry.getUsers())
      if (user != next.getDefiningOp() && !(user->hasOneUse() && *user->user_begin() == next.getDefiningOp())) {
        why = "the value before a step is needed beside the one after it";
        return std::nullopt;
      }
  }
  for (Operation &inner : op.getBody().front().without_terminator())
    if (inner.getNumRegions() || !isa_and_nonnull<arith::ArithDialect, math::MathDialect>(inner.getDialect())) {
      if (isa<SpreadOp, PosOp>(inner))
        continue;
      why = "a step of it is more than arithmetic";
      return std::nullopt;
    }
  return forms;
}

//===----------------------------------------------------------------------===//
// In registers
//===----------------------------------------------------------------------===//

static LogicalResult emitSteps(KernelEmitter &e, RecurOp op, int64_t block) {
  int64_t length = op.getLength();
  SmallVector<Value> carries, slices, outputs;
  for (Value init : op.getInits())
    carries.push_back(e.tileOf(init));
  for (Value slice : op.getSlices())
    slices.push_back(e.tileOf(slice));
  if (llvm::is_contained(carries, Value()) || llvm::is_contained(slices, Value()))
    return failure();
  for (Type type : op.getOutputs().getTypes())
    outputs.push_back(e.splat(e.frame.typeOf(type), 0));
  Value count = op.getCount() ? e.of(op.getCount()) : Value();
  for (int64_t i = 0; i < length; ++i) {
    int64_t step = op.getReverse() ? length - 1 - i : i;
    e.bind(op.getPosition(), e.index(step));
    for (auto [argument, carry] : llvm::zip(op.getCarries(), carries))
      e.bind(argument, carry);
    for (auto [argument, slice] : llvm::zip(op.getSliceArguments(), slices))
      e.bind(argument, e.slice(slice, block, step));
    if (failed(e.emitBlock(op.getBody().front())))
      return failure();
    Value here;
    if (count)
      here = arith::CmpIOp::create(e.b, arith::CmpIPredicate::slt, e.index(step), count);
    for (auto [carry, value] : llvm::zip(carries, op.getNextCarries())) {
      Value next = e.tileOf(value);
      if (!next)
        return failure();
      carry = here ? arith::SelectOp::create(e.b, here, next, carry).getResult() : next;
    }
    for (auto [output, value] : llvm::zip(outputs, op.getYieldedOutputs())) {
      Value part = e.tileOf(value);
      if (!part)
        return failure();
      output = e.insert(part, output, block, step);
    }
  }
  for (auto [result, carry] : llvm::zip(op.getFinals(), carries))
    e.bind(result, carry);
  for (auto [result, output] : llvm::zip(op.getOutputs(), outputs))
    e.bind(result, output);
  return success();
}

//===----------------------------------------------------------------------===//
// Across the lanes
//===----------------------------------------------------------------------===//

namespace {

/// A recurrence along the lane: its body is computed for all elements at once, the
/// carries being what the scans gave.
class LaneScan {
public:
  LaneScan(KernelEmitter &e, RecurOp op) : e(e), op(op) {}
  LogicalResult run();

private:
  /// A value of the body for all elements.
  FailureOr<Value> demand(Value value);
  RankedTensorType along(Type type) {
    NamedDims dims = getDims(type);
    dims.push_back({op.getDimAttr(), op.getLength()});
    return e.frame.typeOf(dims, cast<RankedTensorType>(type).getElementType());
  }
  /// `tile` in the first `count` elements, else `fill`.
  Value keep(Value tile, double fill);

  KernelEmitter &e;
  RecurOp op;
  Value inside; // i32 positions below the count
  llvm::DenseMap<Value, Value> made;
};

Value LaneScan::keep(Value tile, double fill) {
  auto type = cast<RankedTensorType>(tile.getType());
  Value place = e.iota(type, type.getRank() - 1);
  Value count = op.getCount() ? arith::IndexCastOp::create(e.b, e.b.getI32Type(), e.of(op.getCount())).getResult()
                              : arith::ConstantIntOp::create(e.b, op.getLength(), 32).getResult();
  Value bound = BroadcastOp::create(e.b, type.clone(e.b.getI32Type()), count);
  Value valid = arith::CmpIOp::create(e.b, arith::CmpIPredicate::slt, place, bound);
  return arith::SelectOp::create(e.b, valid, tile, e.splat(type, fill));
}

FailureOr<Value> LaneScan::demand(Value value) {
  if (Value known = made.lookup(value))
    return known;
  Operation *def = value.getDefiningOp();
  if (!def || def->getBlock() != &op.getBody().front()) {
    if (value == op.getPosition())
      return e.refuse(op) << "a recurrence along the threads that asks for its position", failure();
    Value outside = e.tileOf(value);
    if (!outside)
      return failure();
    return outside;
  }
  SmallVector<Value> operands;
  if (isa<SpreadOp>(def) && !isTile(def->getOperand(0).getType()))
    return e.refuse(def) << "a recurrence along the threads that asks for its position", failure();
  for (Value operand : def->getOperands()) {
    FailureOr<Value> part = demand(operand);
    if (failed(part))
      return failure();
    operands.push_back(*part);
  }
  RankedTensorType type = along(def->getResult(0).getType());
  for (auto [part, operand] : llvm::zip(operands, def->getOperands()))
    part = e.spread(part, along(isa<SpreadOp>(def) ? def->getResult(0).getType() : operand.getType()));
  Value result;
  if (isa<SpreadOp>(def)) {
    result = operands[0];
  } else {
    OperationState state(def->getLoc(), def->getName());
    state.addOperands(operands);
    state.addTypes(type);
    state.addAttributes(def->getAttrs());
    result = e.b.create(state)->getResult(0);
  }
  made[value] = result;
  return result;
}

LogicalResult LaneScan::run() {
  std::string why;
  auto forms = asRunning(op, why);
  if (!forms)
    return e.refuse(op) << "a recurrence along '" << op.getDim() << "', which lies along the threads: " << why;
  for (auto [argument, slice] : llvm::zip(op.getSliceArguments(), op.getSlices())) {
    Value tile = e.tileOf(slice);
    if (!tile)
      return failure();
    made[argument] = tile;
  }
  UnitAttr reverse = op.getReverse() ? e.b.getUnitAttr() : UnitAttr();
  SmallVector<Value> finals;
  for (auto [form, init, next] : llvm::zip(*forms, op.getInits(), op.getNextCarries())) {
    RankedTensorType type = along(next.getType());
    FailureOr<Value> input = demand(form.input);
    FailureOr<Value> factors = form.factors ? demand(form.factors) : FailureOr<Value>(Value());
    Value start = e.tileOf(init);
    if (failed(input) || failed(factors) || !start)
      return failure();
    Value x = keep(e.spread(*input, type), identityOf(form.kind));
    auto kind = CombineAttr::get(e.b.getContext(), form.kind);
    Value first = e.spread(start, type), scale, h;
    if (form.factors) {
      scale = keep(e.spread(*factors, type), 1);
      Value from = ScanOp::create(e.b, type, CombineAttr::get(e.b.getContext(), Combine::MulF), scale, Value(), IntegerAttr(), reverse);
      h = ScanOp::create(e.b, type, kind, x, scale, IntegerAttr(), reverse);
      h = arith::AddFOp::create(e.b, h, arith::MulFOp::create(e.b, from, first));
    } else {
      h = ScanOp::create(e.b, type, kind, x, Value(), IntegerAttr(), reverse);
      h = combineTwo(e, form.kind, first, h);
    }
    made[next] = h;
    // The last one: elements beyond the count only repeat it.
    int64_t last = reverse ? 0 : type.getShape().back() - 1;
    Value place = e.iota(type, type.getRank() - 1);
    Value isLast = arith::CmpIOp::create(e.b, arith::CmpIPredicate::eq, place, e.splat(type.clone(e.b.getI32Type()), double(last)));
    Value only = arith::SelectOp::create(e.b, isLast, h, e.splat(type, 0));
    bool whole = type.getElementType().isInteger();
    finals.push_back(combineLane(e, whole ? Combine::AddI : Combine::AddF, only));
  }
  for (auto [result, final] : llvm::zip(op.getFinals(), finals))
    e.bind(result, final);
  for (auto [result, value] : llvm::zip(op.getOutputs(), op.getYieldedOutputs())) {
    FailureOr<Value> output = demand(value);
    if (failed(output))
      return failure();
    e.bind(result, e.spread(*output, e.frame.typeOf(result.getType())));
  }
  return success();
}

} // namespace

LogicalResult emitRecur(KernelEmitter &e, RecurOp op) {
  if (e.frame.isLane(op.getDimAttr()))
    return LaneScan(e, op).run();
  return emitSteps(e, op, e.frame.blockOf(op.getDimAttr()));
}

} // namespace ssm::tile
