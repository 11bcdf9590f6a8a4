//===- Readout.cpp - what sums the state away joins the recurrence ----------===//
//
//   %s = ssm.linear_recurrence ... read(() over [])
//   %y = ssm.contract(%c, %s) over ["N"]
//   =>  %y = ssm.linear_recurrence ... read((%c) over ["N"])
//
// Only where every use of the state is such a sum: else it is in memory anyway. In
// (max, +) the sum is a maximum of additions.
//
//===----------------------------------------------------------------------===//
#include "RaiseScans.h"

#include "ssm/Dialect/Ssm/Semiring.h"
#include "Remarks.h"

using namespace mlir;

namespace ssm {

namespace {

struct Readout {
  SmallVector<Value> factors;
  SmallVector<StringRef> over;
  /// What the operation's result replaces.
  Value replaced;
};

} // namespace

/// Dimensions that a read-out may sum: not the recurrence's own.
static bool readOver(LinearRecurrenceOp op, ArrayAttr dims, SmallVectorImpl<StringRef> &over) {
  for (auto name : dims.getAsValueRange<StringAttr>()) {
    if (name == op.getDim())
      return false;
    over.push_back(name);
  }
  return true;
}

/// The other factors of a product in which the state stands once, or false.
static bool otherFactors(NamedBuilder &b, LinearRecurrenceOp op, ValueRange product, Value states,
                         SmallVectorImpl<Value> &factors) {
  unsigned found = 0;
  Type element = getElement(states), part = element;
  if (auto complex = llvm::dyn_cast<ComplexType>(element))
    part = complex.getElementType();
  for (Value operand : product)
    for (Value factor : splitProduct(b, operand, op.getSemiring())) {
      if (factor == states)
        ++found;
      else if (getElement(factor) == element || getElement(factor) == part)
        factors.push_back(factor);
      else
        return false;
    }
  return found == 1;
}

/// The sum over a product that is used for nothing else, from one of its factors.
static Operation *throughProduct(LinearRecurrenceOp op, Operation *user) {
  MapFn times = op.getSemiring() == Semiring::Real ? MapFn::Mul : MapFn::Add;
  while (user->hasOneUse() && user->getNumResults() == 1) {
    auto map = llvm::dyn_cast<MapOp>(user);
    if (!isa<AlignOp>(user) && !(map && map.getFn() == times))
      break;
    user = *user->user_begin();
  }
  return user;
}

/// A use of the states as a read-out.
static std::optional<Readout> matchReadout(NamedBuilder &b, LinearRecurrenceOp op, Value states, Operation *user) {
  Readout readout;
  if (auto contract = llvm::dyn_cast<ContractOp>(user)) {
    if (op.getSemiring() != Semiring::Real || !readOver(op, contract.getDims(), readout.over) ||
        getElement(contract) != getElement(states) ||
        !otherFactors(b, op, contract.getOperands(), states, readout.factors))
      return std::nullopt;
    readout.replaced = contract.getResult();
    return readout;
  }
  auto reduce = llvm::dyn_cast<ReduceOp>(user);
  if (!reduce || reduce.getMonoid() != additionMonoid(op.getSemiring()) ||
      !readOver(op, reduce.getDims(), readout.over) ||
      !otherFactors(b, op, reduce.getOperand(), states, readout.factors))
    return std::nullopt;
  readout.replaced = reduce.getResult();
  return readout;
}

/// sum[N] q * re(s) = re(sum[N] q * s) for real q: the real part is taken last.
static void sinkRealParts(NamedBuilder &b, Value states) {
  for (Operation *user : llvm::make_early_inc_range(states.getUsers())) {
    auto part = llvm::dyn_cast<MapOp>(user);
    if (!part || (part.getFn() != MapFn::Re && part.getFn() != MapFn::Im))
      continue;
    for (Operation *reader : llvm::make_early_inc_range(part->getUsers())) {
      auto contract = llvm::dyn_cast<ContractOp>(reader);
      auto reduce = llvm::dyn_cast<ReduceOp>(reader);
      if ((!contract || llvm::count(contract.getOperands(), part.getResult()) != 1) &&
          (!reduce || reduce.getMonoid() != Monoid::Add))
        continue;
      b.setInsertionPoint(reader);
      b.setLoc(reader->getLoc());
      SmallVector<Value> operands;
      for (Value operand : reader->getOperands())
        operands.push_back(operand == part.getResult()
                               ? states
                               : MapOp::create(b, operand, getElement(states)).getResult());
      ArrayAttr dims = contract ? contract.getDims() : reduce.getDims();
      SmallVector<StringRef> names(dims.getAsValueRange<StringAttr>());
      Value sum = b.map(part.getFn(), b.contract(operands, names));
      reader->getResult(0).replaceAllUsesWith(b.align(sum, llvm::cast<RankedTensorType>(reader->getResult(0).getType())));
      reader->erase();
    }
    if (part->use_empty())
      part->erase();
  }
}

/// Moves what the operation needs in front of it, where that may be.
static bool hoistBefore(Value value, Operation *point) {
  Operation *op = value.getDefiningOp();
  if (!op || op->getBlock() != point->getBlock() || op->isBeforeInBlock(point))
    return true;
  if (!isMemoryEffectFree(op) || op == point || op->getNumRegions())
    return false;
  for (Value operand : op->getOperands())
    if (operand.getDefiningOp() == point || !hoistBefore(operand, point))
      return false;
  op->moveBefore(point);
  return true;
}

/// Erases what the rules left behind the value and nobody uses.
static void eraseDeadBehind(Value value) {
  SmallVector<Operation *> behind;
  llvm::SmallPtrSet<Operation *, 16> seen;
  SmallVector<Value> open{value};
  while (!open.empty())
    for (Operation *user : open.pop_back_val().getUsers())
      if (seen.insert(user).second) {
        behind.push_back(user);
        llvm::append_range(open, user->getResults());
      }
  bool changed = true;
  while (changed) {
    changed = false;
    for (Operation *&op : behind)
      if (op && isOpTriviallyDead(op)) {
        op->erase();
        op = nullptr;
        changed = true;
      }
  }
}

LinearRecurrenceOp absorbReadouts(NamedBuilder &b, LinearRecurrenceOp op) {
  Value states = op.getOutputs()[0];
  eraseDeadBehind(states);
  sinkRealParts(b, states);
  if (states.use_empty()) {
    // The final state alone.
    b.setInsertionPoint(op);
    b.setLoc(op.getLoc());
    auto last = LinearRecurrenceOp::create(
        b, op.getFinal().getType(), TypeRange(), op.getSemiring(), op.getDim(), op.getReverse(), op.getInit(),
        op.getDecay(), op.getLogDecay(), op.getResets(), op.getInputs(), ValueRange(), ArrayRef<int64_t>(),
        b.getArrayAttr({}), op.getForms(), op.getScoreGroupAttr());
    op.getFinal().replaceAllUsesWith(last.getFinal());
    op->erase();
    return last;
  }
  SmallVector<Readout> readouts;
  SmallVector<Value> factors;
  SmallVector<int64_t> counts;
  SmallVector<Attribute> over;
  SmallVector<Type> types;
  for (Operation *user : SmallVector<Operation *>(states.getUsers())) {
    b.setInsertionPoint(user);
    user = throughProduct(op, user);
    std::optional<Readout> readout = user->getBlock() == op->getBlock() ? matchReadout(b, op, states, user) : std::nullopt;
    if (readout)
      for (Value factor : readout->factors)
        if (!hoistBefore(factor, op)) {
          readout.reset();
          break;
        }
    if (!readout) {
      reportDeclined(op.getLoc(), "readout",
                     llvm::Twine("the state of every position is kept: '") + user->getName().getStringRef() +
                         "' uses it, which does not sum it away");
      return op;
    }
    factors.append(readout->factors);
    counts.push_back(readout->factors.size());
    over.push_back(b.getStrArrayAttr(readout->over));
    types.push_back(readout->replaced.getType());
    readouts.push_back(std::move(*readout));
  }
  b.setInsertionPoint(op);
  b.setLoc(op.getLoc());
  auto read = LinearRecurrenceOp::create(b, op.getFinal().getType(), types, op.getSemiring(), op.getDim(),
                                         op.getReverse(), op.getInit(), op.getDecay(), op.getLogDecay(),
                                         op.getResets(), op.getInputs(), factors, counts, b.getArrayAttr(over),
                                         op.getForms(), op.getScoreGroupAttr());
  op.getFinal().replaceAllUsesWith(read.getFinal());
  for (auto [readout, result] : llvm::zip_equal(readouts, read.getOutputs())) {
    readout.replaced.replaceAllUsesWith(result);
    readout.replaced.getDefiningOp()->erase();
  }
  eraseDeadBehind(states);
  op->erase();
  return read;
}

} // namespace ssm
