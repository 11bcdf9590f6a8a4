//===- ShiftRegister.cpp - a state that only moves along is a short convolution --===//
//
//   scan[L] s = s { shift[T](s, 1) + b * u },  y = sum[T] c * s
//   =>  y = conv[L, T](u, K) + what s held at first,    K[m] = sum[j] c[m + j] b[j]
//
// T delays, each read once: a state of T elements moved at every step becomes T
// multiply-adds. b and c are constant in time. s may move either way; what it held at
// first is sum[j] c[j + t + 1] s[j] at step t, and gone after T steps. The last state is
// the same convolution of the last T inputs.
//
//===----------------------------------------------------------------------===//
#include "RaiseScans.h"
#include "Remarks.h"

using namespace mlir;

namespace ssm {

namespace {

struct ShiftRegister {
  StringRef taps;
  bool down = false;            // s[t] is s[t + 1] of the step before
  SmallVector<Value> gates, us; // b's factors, and u's
};

/// A sum over the taps of the states times what is constant in time, and what else the
/// product has.
struct Tapped {
  Operation *sum;
  SmallVector<Value> taps, others;
  SmallVector<StringRef> rest; // dimensions that it sums beside the taps
};

class Register {
public:
  Register(NamedBuilder &b, ScanOp scan) : b(b), scan(scan), lift(b, scan), dim(scan.getDim()) {}

  /// Why the carry is none, or "".
  std::string match();
  void replace();

private:
  bool varies(Value value) { return hasDim(value, dim); }
  std::string matchInput(Value value);
  std::string matchReadouts();
  /// sum[j] x[i + j] y[j].
  Value correlate(Value x, Value y) { return ConvOp::create(b, ConvMode::Anticausal, x, shift.taps, y, shift.taps); }
  Value product(ArrayRef<Value> factors);
  /// With a dimension for the taps, which what is the same for all of them lacks.
  Value tapped(Value value) {
    if (hasDim(value, shift.taps))
      return value;
    NamedDims dims = getDims(value);
    dims.push_back(b.dim(shift.taps));
    return b.align(value, getTensorType(dims, getElement(value)));
  }
  Value one() { return makeScalar(b, getElement(scan.getInits()[0]), 1); }
  Value nothing(Value like, StringRef from, StringRef to);
  std::pair<Value, StringAttr> joined(Value left, StringRef first, Value right, StringRef second);
  Value first(Value taps);
  Value last();

  NamedBuilder &b;
  ScanOp scan;
  Lift lift;
  StringRef dim;
  ShiftRegister shift;
  SmallVector<Tapped> readouts;
  Value gate, u; // b, u
};

Value stripped(Value value) {
  while (auto align = value.getDefiningOp<AlignOp>())
    value = align.getOperand();
  return value;
}

Value Register::product(ArrayRef<Value> factors) {
  Value whole;
  Type element = getElement(scan.getInits()[0]);
  for (Value factor : factors) {
    if (getElement(factor) != element)
      factor = MapOp::create(b, factor, element);
    whole = whole ? b.map(MapFn::Mul, {whole, factor}) : factor;
  }
  return whole ? whole : one();
}

std::string Register::matchInput(Value value) {
  if (!lift.canLift(value))
    return "what it takes in depends on its state";
  for (Value factor : splitProduct(b, lift(value), Semiring::Real)) {
    if (hasDim(factor, shift.taps) && varies(factor))
      return "what it takes in varies along " + shift.taps.str() + " as in time";
    (hasDim(factor, shift.taps) ? shift.gates : shift.us).push_back(factor);
  }
  return "";
}

std::string Register::matchReadouts() {
  if (scan.getOutputs().empty())
    return "";
  for (Operation *user : scan.getOutputs()[0].getUsers()) {
    auto contract = llvm::dyn_cast<ContractOp>(user);
    auto reduce = llvm::dyn_cast<ReduceOp>(user);
    if (!contract && !(reduce && reduce.getMonoid() == Monoid::Add))
      return "its state is read by '" + user->getName().getStringRef().str() + "', which does not sum it";
    Tapped readout{user, {}, {}, {}};
    bool sums = false;
    for (StringRef name : (contract ? contract.getDims() : reduce.getDims()).getAsValueRange<StringAttr>()) {
      sums |= name == shift.taps;
      if (name != shift.taps)
        readout.rest.push_back(name);
    }
    if (!sums || llvm::is_contained(readout.rest, dim))
      return "a sum of its states is not over " + shift.taps.str() + ", or over time too";
    unsigned states = 0;
    for (Value operand : user->getOperands()) {
      if (operand == scan.getOutputs()[0]) {
        ++states;
        continue;
      }
      if (hasDim(operand, shift.taps) && varies(operand))
        return "it is read by what varies along " + shift.taps.str() + " as in time";
      (hasDim(operand, shift.taps) ? readout.taps : readout.others).push_back(operand);
    }
    if (states != 1)
      return "its states are multiplied with each other";
    readouts.push_back(std::move(readout));
  }
  return "";
}

std::string Register::match() {
  Type element = getElement(scan.getInits()[0]);
  Value carry = scan.getCarries()[0], next = stripped(scan.getNextCarries()[0]), input;
  if (!element.isF32() && !element.isF64() && !llvm::isa<ComplexType>(element))
    return "it carries no floating point numbers";
  auto moves = [&](Value value) {
    auto op = stripped(value).getDefiningOp<ShiftOp>();
    if (!op || stripped(op.getOperand()) != carry)
      return false;
    std::optional<double> amount = getScalar(op.getAmount());
    if (!amount || std::abs(*amount) != 1)
      return false;
    shift.taps = op.getDim();
    shift.down = *amount < 0;
    return true;
  };
  // The sum, or a choice of what is taken in where some taps are.
  auto map = next.getDefiningOp<MapOp>();
  if (map && map.getFn() == MapFn::Add)
    input = moves(map.getOperands()[0]) ? map.getOperands()[1] : moves(map.getOperands()[1]) ? map.getOperands()[0] : Value();
  if (!input)
    return "it is no state that moves by one and takes something in";
  if (!b.dim(shift.taps).isStatic() || b.dim(dim).size == 1)
    return "its length is open, or there is one step alone";
  for (Value output : scan.getYieldedOutputs())
    if (stripped(output) != next)
      return "what it held before a step is wanted too";
  if (std::string why = matchInput(input); !why.empty())
    return why;
  if (scan.getOutputs().size() > 1)
    return "its states are given out more than once";
  if (std::string why = matchReadouts(); !why.empty())
    return why;
  if (scan.getReverse() && getScalar(scan.getInits()[0]) != 0.0)
    return "it runs from the end and does not start from nothing";
  return "";
}

/// Zero, with one dimension in the place of another.
Value Register::nothing(Value like, StringRef from, StringRef to) {
  NamedDims dims = getDims(like);
  for (NamedDim &d : dims)
    if (d.name == from)
      d = b.dim(to);
  return b.align(makeScalar(b, getElement(like), 0), getTensorType(dims, getElement(like)));
}

/// One after the other, along a dimension of its own.
std::pair<Value, StringAttr> Register::joined(Value left, StringRef first, Value right, StringRef second) {
  auto size = [&](StringRef name) { return SizeAttr::ofDim(b.getStringAttr(name)); };
  StringAttr whole = b.freshDim(dim + Twine(".all"), SizeAttr::make(SizeOp::Add, {size(first), size(second)}));
  NamedDims dims = getDims(left);
  for (NamedDim &d : dims)
    if (d.name == first)
      d = b.dim(whole);
  return {ConcatOp::create(b, getTensorType(dims, getElement(left)), left, first, right, second, whole), whole};
}

/// What the state held at first gives at each step, under the read-out's factors.
Value Register::first(Value taps) {
  Value init = scan.getInits()[0];
  if (getScalar(init) == 0.0)
    return {};
  Value all = shift.down ? correlate(init, taps) : correlate(taps, init);
  all = ShiftOp::create(b, all.getType(), all, shift.taps, b.integer(-1));
  auto [padded, whole] = joined(all, shift.taps, nothing(all, shift.taps, dim), dim);
  return b.gather(padded, whole, b.pos(dim));
}

/// The state behind the last step: of the last inputs, the latest first, and of what it held.
Value Register::last() {
  Value init = scan.getInits()[0], length = b.size(dim), index = b.pos(shift.taps);
  Value none = nothing(u, dim, shift.taps);
  auto [padded, whole] = scan.getReverse() ? joined(u, dim, none, shift.taps) : joined(none, shift.taps, u, dim);
  if (!scan.getReverse())
    index = b.map(MapFn::Sub, {b.map(MapFn::Sub, b.size(whole), 1), index});
  Value recent = b.gather(padded, whole, index);
  Value taken = shift.down ? correlate(gate, recent) : ConvOp::create(b, ConvMode::Causal, recent, shift.taps, gate, shift.taps).getResult();
  auto type = llvm::cast<RankedTensorType>(scan.getFinals()[0].getType());
  if (getScalar(init) == 0.0)
    return b.align(taken, type);
  Value amount = shift.down ? b.map(MapFn::Neg, length) : length;
  Value held = ShiftOp::create(b, init.getType(), init, shift.taps, amount);
  return b.align(b.map(MapFn::Add, {held, taken}), type);
}

void Register::replace() {
  b.setInsertionPoint(scan);
  gate = tapped(product(shift.gates));
  u = product(shift.us);
  ConvMode mode = scan.getReverse() ? ConvMode::Anticausal : ConvMode::Causal;
  if (!varies(u)) { // the same at every step
    NamedDims dims = getDims(u);
    dims.push_back(b.dim(dim));
    u = b.align(u, getTensorType(dims, getElement(u)));
  }
  if (!scan.getFinals()[0].use_empty())
    scan.getFinals()[0].replaceAllUsesWith(last());
  for (Tapped &readout : readouts) {
    b.setInsertionPoint(readout.sum);
    b.setLoc(readout.sum->getLoc());
    Value taps = tapped(product(readout.taps));
    Value kernel = shift.down ? correlate(gate, taps) : correlate(taps, gate);
    Value y = ConvOp::create(b, mode, u, dim, kernel, shift.taps);
    if (Value held = first(taps))
      y = b.map(MapFn::Add, {y, held});
    SmallVector<Value> factors{y};
    llvm::append_range(factors, readout.others);
    y = readout.rest.empty() ? product(factors) : b.contract(factors, readout.rest);
    Value old = readout.sum->getResult(0);
    old.replaceAllUsesWith(b.align(y, llvm::cast<RankedTensorType>(old.getType())));
    readout.sum->erase();
  }
  reportRaised(scan.getLoc(), "shift-register", "a state that moves along " + shift.taps.str() + " is a convolution along " + dim.str());
  scan.erase();
}

} // namespace

bool raiseShiftRegister(NamedBuilder &b, ScanOp scan) {
  bool moves = false;
  scan.getBody().walk([&](ShiftOp op) { moves |= stripped(op.getOperand()) == scan.getCarries()[0]; });
  if (!moves)
    return false;
  b.setInsertionPoint(scan);
  b.setLoc(scan.getLoc());
  Register found(b, scan);
  if (std::string why = found.match(); !why.empty()) {
    reportDeclined(scan.getLoc(), "shift-register", "the scan along " + scan.getDim() + " stays a scan: " + why);
    return false;
  }
  found.replace();
  return true;
}

} // namespace ssm
