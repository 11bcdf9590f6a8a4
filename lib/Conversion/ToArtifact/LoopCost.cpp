//===- LoopCost.cpp - how much work an iteration is -------------------------===//
#include "LoopCost.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace ssm {

Value tripCount(ImplicitLocOpBuilder &b, Value lower, Value upper, Value step) {
  if (matchPattern(lower, m_Zero()) && matchPattern(step, m_One()))
    return upper;
  Value zero = arith::ConstantIndexOp::create(b, 0);
  Value length = b.createOrFold<arith::SubIOp>(upper, lower);
  Value trips = b.createOrFold<arith::CeilDivSIOp>(length, step);
  return b.createOrFold<arith::MaxSIOp>(trips, zero);
}

namespace {

class Estimate {
public:
  Estimate(ImplicitLocOpBuilder &b, scf::ParallelOp loop) : b(b), loop(loop) {}

  Value block(Block &body) {
    int64_t fixed = 0;
    Value sum = constant(0);
    for (Operation &op : body) {
      if (auto inner = dyn_cast<scf::ForOp>(op))
        sum = add(sum, times(trips(inner.getLowerBound(), inner.getUpperBound(), inner.getStep()), block(*inner.getBody())));
      else if (auto inner = dyn_cast<scf::ParallelOp>(op))
        sum = add(sum, nest(inner));
      else if (op.getNumRegions())
        sum = add(sum, regions(op));
      else
        fixed += weight(op);
    }
    return add(sum, constant(fixed));
  }

private:
  /// A guess at what cannot be known before the loop.
  static constexpr int64_t unknownTrips = 16;

  static int64_t weight(Operation &op) {
    if (op.hasTrait<OpTrait::ConstantLike>() || op.hasTrait<OpTrait::IsTerminator>())
      return 0;
    if (isa<math::AbsFOp, math::AbsIOp, math::CopySignOp, math::FloorOp, math::CeilOp, math::RoundEvenOp, math::FmaOp>(op))
      return 1;
    if (isa<arith::DivFOp, arith::DivSIOp, arith::RemSIOp, math::SqrtOp, complex::MulOp>(op))
      return 5;
    if (isa<math::MathDialect>(op.getDialect()) || isa<func::CallOp>(op))
      return 20;
    return 1;
  }

  Value constant(int64_t value) { return arith::ConstantIntOp::create(b, value, 64); }
  Value add(Value x, Value y) { return b.createOrFold<arith::AddIOp>(x, y); }
  Value times(Value x, Value y) { return b.createOrFold<arith::MulIOp>(x, y); }

  bool isKnown(Value value) { return !loop->isAncestor(value.getParentRegion()->getParentOp()); }

  /// A value as it is before the loop: the same, or a constant's copy, or null.
  Value before(Value value) {
    APInt known;
    if (matchPattern(value, m_ConstantInt(&known)))
      return arith::ConstantIndexOp::create(b, known.getSExtValue());
    return isKnown(value) ? value : Value();
  }

  Value trips(Value lower, Value upper, Value step) {
    lower = before(lower);
    upper = before(upper);
    step = before(step);
    if (!lower || !upper || !step)
      return constant(unknownTrips);
    return b.createOrFold<arith::IndexCastOp>(b.getI64Type(), tripCount(b, lower, upper, step));
  }

  Value nest(scf::ParallelOp inner) {
    Value cost = block(*inner.getBody());
    for (auto [lower, upper, step] : llvm::zip(inner.getLowerBound(), inner.getUpperBound(), inner.getStep()))
      cost = times(cost, trips(lower, upper, step));
    return cost;
  }

  /// All branches of a condition together; a loop of unknown length.
  Value regions(Operation &op) {
    Value sum = constant(0);
    for (Region &region : op.getRegions())
      for (Block &body : region)
        sum = add(sum, block(body));
    return isa<scf::WhileOp>(op) ? times(sum, constant(unknownTrips)) : sum;
  }

  ImplicitLocOpBuilder &b;
  scf::ParallelOp loop;
};

} // namespace

Value iterationCost(ImplicitLocOpBuilder &b, scf::ParallelOp loop) { return Estimate(b, loop).block(*loop.getBody()); }

} // namespace ssm
