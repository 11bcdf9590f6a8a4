//===- Cumulate.cpp - running sums and maxima as recurrences ----------------===//
//
//   sum[D] q * (cumsum[L] k * v)
//
// is linear attention as much as a scan over S + k * v is: the running value is a
// recurrence without decay in the semiring whose addition it is.
//
//===----------------------------------------------------------------------===//
#include "RaiseScans.h"
#include "Remarks.h"

#include <limits>

using namespace mlir;

namespace ssm {

static std::optional<Semiring> semiringOf(Monoid monoid) {
  switch (monoid) {
  case Monoid::Add:
    return Semiring::Real;
  case Monoid::Max:
    return Semiring::MaxPlus;
  case Monoid::Min:
    return Semiring::MinPlus;
  case Monoid::LogSumExp:
    return Semiring::LogPlus;
  case Monoid::Mul:
    break;
  }
  return std::nullopt;
}

LinearRecurrenceOp raiseCumulate(NamedBuilder &b, CumulateOp op) {
  std::optional<Semiring> semiring = semiringOf(op.getMonoid());
  Type element = getElement(op.getOperand());
  if (!semiring || element.isInteger()) {
    reportDeclined(op.getLoc(), "cumulate",
                   llvm::Twine("the running '") + stringifyMonoid(op.getMonoid()) + "' is no linear recurrence of numbers");
    return {};
  }
  b.setInsertionPoint(op);
  b.setLoc(op.getLoc());
  constexpr double infinity = std::numeric_limits<double>::infinity();
  double nothing = *semiring == Semiring::Real ? 0 : *semiring == Semiring::MinPlus ? infinity : -infinity;
  RankedTensorType state = getTensorType(withoutDims(getDims(op.getOperand()), {op.getDim()}), element);
  Value init = b.align(makeScalar(b, element, nothing), state);
  SmallVector<Value> inputs = splitProduct(b, op.getOperand(), *semiring);
  auto recurrence = LinearRecurrenceOp::create(
      b, state, TypeRange{op.getType()}, *semiring, op.getDim(), /*reverse=*/false, init, Value(), Value(),
      /*resets=*/false, inputs, ValueRange(), ArrayRef<int64_t>{0}, b.getArrayAttr({b.getArrayAttr({})}),
      b.getArrayAttr({}), IntegerAttr());
  op.getResult().replaceAllUsesWith(recurrence.getOutputs()[0]);
  op->erase();
  reportRaised(recurrence.getLoc(), "cumulate", "a running value along " + recurrence.getDim() + " is a recurrence");
  return recurrence;
}

} // namespace ssm
