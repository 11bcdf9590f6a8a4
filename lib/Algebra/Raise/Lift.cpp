//===- Lift.cpp - a scan's step values as values of the whole sequence ------===//
#include "Lift.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace ssm {

Lift::Lift(NamedBuilder &b, ScanOp scan) : b(b), scan(scan) {
  for (auto [argument, slice] : llvm::zip_equal(scan.getSliceArguments(), scan.getSlices()))
    known.map(argument, slice);
}

/// Operations that mean the same element by element along one more dimension.
bool Lift::canLift(Operation *op) {
  auto varies = [&](Value operand) {
    return known.contains(operand) ? hasDim(known.lookup(operand), scan.getDim()) : canLift(operand) && [&] {
      // Conservative: anything computed in the body from a slice or the position.
      auto *def = operand.getDefiningOp();
      return !def || def->getBlock() == &scan.getBody().front();
    }();
  };
  if (!llvm::all_of(op->getOperands(), [&](Value operand) { return canLift(operand); }))
    return false;
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case<MapOp, ReduceOp, ContractOp, AlignOp, RenameOp, GatherOp, SoftmaxOp, CumulateOp, ConvOp, FftOp, PosOp,
            SizeOfOp, arith::ConstantOp, SplitOp, JoinOp>([](auto) { return true; })
      .Case([&](ShiftOp shift) { return !varies(shift.getAmount()); })
      .Default([](Operation *) { return false; });
}

bool Lift::canLift(Value value) {
  if (known.contains(value))
    return true;
  auto argument = llvm::dyn_cast<BlockArgument>(value);
  if (argument && argument.getOwner() == &scan.getBody().front())
    return argument == scan.getPosition();
  Operation *op = value.getDefiningOp();
  if (!op || op->getBlock() != &scan.getBody().front())
    return true; // from outside
  auto [at, fresh] = answers.try_emplace(value, false);
  if (!fresh)
    return at->second;
  bool answer = canLift(op);
  return answers[value] = answer;
}

/// The type of a result that was `inside`, with the scanned dimension if an operand has it.
static RankedTensorType withDim(Type inside, bool varies, NamedDim dim) {
  NamedDims dims = getDims(inside);
  if (varies)
    dims.push_back(dim);
  return getTensorType(dims, llvm::cast<RankedTensorType>(inside).getElementType());
}

Value Lift::lift(Operation *op, Value result) {
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    operands.push_back((*this)(operand));
  bool varies = llvm::any_of(operands, [&](Value operand) { return hasDim(operand, scan.getDim()); });
  b.setLoc(op->getLoc());
  if (!varies || isa<PosOp, SizeOfOp, arith::ConstantOp>(op)) {
    Operation *copy = op->cloneWithoutRegions();
    copy->setOperands(operands);
    return b.insert(copy)->getResult(0);
  }
  RankedTensorType type = withDim(result.getType(), varies, b.dim(scan.getDim()));
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case([&](MapOp map) -> Value {
        if (map.getFn() == MapFn::Cast)
          return MapOp::create(b, operands[0], getElement(result));
        return b.map(map.getFn(), operands);
      })
      .Case([&](AlignOp) { return b.align(operands[0], type); })
      .Case<SoftmaxOp, CumulateOp, ShiftOp>([&](auto) {
        Operation *copy = op->cloneWithoutRegions();
        copy->setOperands(operands);
        copy->getResult(0).setType(operands[0].getType());
        return b.insert(copy)->getResult(0);
      })
      .Default([&](Operation *) {
        Operation *copy = op->cloneWithoutRegions();
        copy->setOperands(operands);
        copy->getResult(0).setType(type);
        return b.insert(copy)->getResult(0);
      });
}

Value Lift::operator()(Value value) {
  if (Value lifted = known.lookupOrNull(value))
    return lifted;
  Operation *op = value.getDefiningOp();
  if (value == scan.getPosition()) {
    b.setLoc(scan.getLoc());
    Value position = b.pos(scan.getDim());
    known.map(value, position);
    return position;
  }
  if (!op || op->getBlock() != &scan.getBody().front())
    return value;
  Value lifted = lift(op, value);
  known.map(value, lifted);
  return lifted;
}

} // namespace ssm
