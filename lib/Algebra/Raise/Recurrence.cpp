//===- Recurrence.cpp - scans of one linear carry ---------------------------===//
//
// The next carry is taken apart into coefficient * carry + constant, in the first
// semiring in which that works; both are values of the whole sequence. The constant's
// factors are the inputs. Whatever the scan stacked is computed from the states.
//
//===----------------------------------------------------------------------===//
#include "RaiseScans.h"
#include "Remarks.h"

using namespace mlir;

namespace ssm {

LinearRecurrenceOp createRecurrence(NamedBuilder &b, ScanOp scan, Semiring semiring, const RaisedState &state) {
  b.setLoc(scan.getLoc());
  NamedDims dims{b.dim(scan.getDim())};
  llvm::append_range(dims, getDims(state.init));
  Type states = getTensorType(dims, getElement(state.init));
  return LinearRecurrenceOp::create(b, state.init.getType(), TypeRange{states}, semiring, scan.getDim(),
                                    scan.getReverse(), state.init, state.decay, state.logDecay, state.resets,
                                    state.inputs, ValueRange{}, ArrayRef<int64_t>{0},
                                    b.getArrayAttr({b.getArrayAttr({})}), b.getArrayAttr({}), IntegerAttr());
}

Value previousStates(NamedBuilder &b, ScanOp scan, Value init, Value states) {
  b.setLoc(scan.getLoc());
  StringRef dim = scan.getDim();
  Value shifted = ShiftOp::create(b, states.getType(), states, dim, b.integer(scan.getReverse() ? -1 : 1));
  Value first = b.integer(0);
  if (scan.getReverse())
    first = b.map(MapFn::Sub, b.size(dim), 1);
  Value start = b.map(MapFn::Eq, {b.pos(dim), first});
  return b.map(MapFn::Select, {start, init, shifted});
}

/// The earlier positions of where(pos(L) + earlier == 0, ..): null where there are none.
static Value earlierPositions(Value condition) {
  auto equal = condition.getDefiningOp<MapOp>();
  for (Value side : equal.getOperands())
    if (auto sum = side.getDefiningOp<MapOp>())
      for (Value operand : sum.getOperands())
        if (llvm::isa<BlockArgument>(operand))
          return operand;
  return {};
}

/// where(pos(L) == 0, 0, a): the state before the first position does not count. The
/// initial value becomes zero there, and the decay one.
static void peelStart(NamedBuilder &b, ScanOp scan, Semiring semiring, Coefficient &decay, RaisedState &state) {
  if (scan.getReverse() || semiring != Semiring::Real)
    return;
  for (Value &factor : decay.factors) {
    auto select = factor.getDefiningOp<MapOp>();
    if (!select || select.getFn() != MapFn::Select || !isStartCondition(select.getOperands()[0], scan.getDim()) ||
        getScalar(select.getOperands()[1]) != 0.0)
      continue;
    Value condition = select.getOperands()[0], zero = makeScalar(b, getElement(state.init), 0);
    if (Value earlier = earlierPositions(condition))
      state.init = b.align(
          b.map(MapFn::Select, {b.map(MapFn::Eq, {earlier, b.integer(0)}), zero, state.init}),
          llvm::cast<RankedTensorType>(state.init.getType()));
    else
      state.init = b.align(zero, llvm::cast<RankedTensorType>(state.init.getType()));
    Value rest = select.getOperands()[2];
    Value one = makeScalar(b, getElement(rest), 1);
    // An exponential stays one: its argument is what is chosen.
    auto exp = rest.getDefiningOp<MapOp>();
    if (exp && exp.getFn() == MapFn::Exp)
      factor = b.map(MapFn::Exp, b.map(MapFn::Select, {condition, makeScalar(b, getElement(rest), 0),
                                                       exp.getOperands()[0]}));
    else
      factor = b.map(MapFn::Select, {condition, one, rest});
  }
}

void setDecay(NamedBuilder &b, ScanOp scan, Semiring semiring, Coefficient decay, RaisedState &state) {
  if (decay.isOne())
    return;
  peelStart(b, scan, semiring, decay, state);
  std::string why;
  if (semiring == Semiring::Real)
    if (std::optional<LogDecay> log = takeLogarithm(b, decay, why)) {
      state.logDecay = log->log;
      state.resets = log->resets;
      return;
    }
  Lift lift(b, scan);
  Linearity writer(b, lift, scan, semiring, getElement(state.init));
  state.decay = writer.write(decay);
}

/// The scan's outputs from the states, or false where one does not follow from them.
static bool rebuildOutputs(NamedBuilder &b, ScanOp scan, Lift &after, SmallVectorImpl<Value> &outputs) {
  for (auto [value, output] : llvm::zip_equal(scan.getYieldedOutputs(), scan.getOutputs())) {
    if (!after.canLift(value))
      return false;
    outputs.push_back(b.align(after(value), llvm::cast<RankedTensorType>(output.getType())));
  }
  return true;
}

FailureOr<LinearRecurrenceOp> raiseLinear(NamedBuilder &b, ScanOp scan, CarryAttr &known) {
  Value init = scan.getInits()[0], next = scan.getNextCarries()[0];
  Type element = getElement(init);
  bool floating = element.isF32() || element.isF64() || llvm::isa<ComplexType>(element);
  auto keep = [&](CarryKind kind, const Twine &why) {
    known = CarryAttr::get(b.getContext(), kind, b.getStringAttr(why));
    return failure();
  };
  if (!floating)
    return keep(CarryKind::Nonlinear, "it carries integers");

  std::string firstWhy;
  for (Semiring semiring : {Semiring::Real, Semiring::MaxPlus, Semiring::MinPlus, Semiring::LogPlus}) {
    if (semiring != Semiring::Real && llvm::isa<ComplexType>(element))
      break;
    b.setInsertionPoint(scan);
    Lift lift(b, scan);
    Linearity linearity(b, lift, scan, semiring, element);
    std::optional<LinearForm> form = linearity.evaluate(next);
    if (!form) {
      if (semiring == Semiring::Real)
        firstWhy = linearity.why;
      continue;
    }
    if (form->isFree())
      return keep(CarryKind::Linear, "the next value does not depend on the last");
    if (form->dense)
      return keep(CarryKind::Linear, "its elements are joined with each other");
    RaisedState state{init, {}, {}, false, {}};
    setDecay(b, scan, semiring, form->carries.front().second, state);
    if (form->constant)
      state.inputs = splitProduct(b, form->constant, semiring);
    else
      state.inputs = {linearity.zero()};
    auto op = createRecurrence(b, scan, semiring, state);
    b.setInsertionPointAfter(op);
    Lift after(b, scan);
    after.substitute(next, op.getOutputs()[0]);
    bool previous = llvm::any_of(scan.getCarries()[0].getUsers(),
                                 [](Operation *user) { return isa<YieldOp>(user); });
    auto outputsRest = llvm::make_filter_range(scan.getYieldedOutputs(), [&](Value v) { return v != next; });
    if (previous || !outputsRest.empty())
      after.substitute(scan.getCarries()[0], previousStates(b, scan, init, op.getOutputs()[0]));
    SmallVector<Value> outputs{op.getFinal()};
    if (state.init != init) { // the start moved into it, which an empty sequence has not
      Value empty = b.map(MapFn::Eq, {b.size(scan.getDim()), b.integer(0)});
      outputs[0] = b.align(b.map(MapFn::Select, {empty, init, op.getFinal()}),
                           llvm::cast<RankedTensorType>(init.getType()));
    }
    if (!rebuildOutputs(b, scan, after, outputs)) {
      op->erase();
      return keep(CarryKind::Linear, "an output of the scan does not follow from its states alone");
    }
    reportRaised(scan.getLoc(), "linearity", "a linear recurrence along " + scan.getDim() + " in the semiring " +
                                                 stringifySemiring(semiring));
    scan->replaceAllUsesWith(outputs);
    scan->erase();
    return op;
  }
  if (std::optional<std::string> why = matchProjective(b, scan))
    return keep(CarryKind::Projective, *why);
  return keep(CarryKind::Nonlinear, firstWhy);
}

} // namespace ssm
