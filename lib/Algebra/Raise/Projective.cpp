//===- Projective.cpp - carries that are linear up to a scale ---------------===//
//
//   alpha = (sum[Z] a * W) * exp(emit)        a' = alpha / sum[Z] alpha
//
// The division by a value of the carry's own, with fewer dimensions, only rescales:
// the carry is linear up to a factor that may be applied later.
//
//===----------------------------------------------------------------------===//
#include "RaiseScans.h"

using namespace mlir;

namespace ssm {

namespace {

class Projective {
public:
  Projective(NamedBuilder &b, ScanOp scan) : lift(b, scan), linearity(b, lift, scan, Semiring::Real, element(scan)) {}

  static Type element(ScanOp scan) { return getElement(scan.getInits()[0]); }

  /// Linear without a constant, but for what starts it.
  std::optional<LinearForm> homogeneous(Value value) {
    std::optional<LinearForm> form = linearity.evaluate(value);
    if (!form || form->isFree() || (form->constant && !form->constantAtStart))
      return std::nullopt;
    return form;
  }

  /// A scale by which the value may be divided: it grows with the carry as the carry
  /// does (a sum or a maximum over elements), or is free of it.
  bool isScale(Value scale, Value of) {
    Operation *op = scale.getDefiningOp();
    if (auto reduce = llvm::dyn_cast_or_null<ReduceOp>(op))
      return (reduce.getMonoid() == Monoid::Add || reduce.getMonoid() == Monoid::Max) &&
             homogeneous(reduce.getOperand()).has_value() && getDims(scale).size() < getDims(of).size();
    if (auto contract = llvm::dyn_cast_or_null<ContractOp>(op))
      return homogeneous(scale).has_value() && getDims(scale).size() < getDims(of).size();
    return false;
  }

private:
  Lift lift;
  Linearity linearity;
};

} // namespace

std::optional<std::string> matchProjective(NamedBuilder &b, ScanOp scan) {
  b.setInsertionPoint(scan);
  Projective projective(b, scan);
  Value next = scan.getNextCarries()[0];
  while (auto align = next.getDefiningOp<AlignOp>())
    next = align.getOperand();
  auto divide = next.getDefiningOp<MapOp>();
  if (!divide || divide.getFn() != MapFn::Div)
    return std::nullopt;
  Value above = divide.getOperands()[0], below = divide.getOperands()[1];
  if (!projective.homogeneous(above) || !projective.isScale(below, above))
    return std::nullopt;
  return "linear up to a division by a value along " + formatDims(getDims(below));
}

} // namespace ssm
