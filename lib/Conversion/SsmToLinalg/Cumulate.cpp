//===- Cumulate.cpp - running combinations, and where the largest is --------===//
#include "Functions.h"
#include "Lowering.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace ssm {

/// A loop along the dimension that carries what was combined so far (one element
/// for each place of the other dimensions) and writes it out at every step.
LogicalResult lower(Lowering &l, CumulateOp op) {
  Named operand = l.named(op.getOperand());
  StringRef dim = op.getDim();
  Monoid monoid = op.getMonoid();
  Type element = getElement(op.getResult());
  bool sums = monoid == Monoid::Add || monoid == Monoid::Mul || monoid == Monoid::LogSumExp;
  Type wide = sums ? accumulationType(element) : element;
  Location loc = op.getLoc();
  NamedDims rest = withoutDims(operand.dims, {dim});

  Value start = l.filled(rest, emitIdentity(l.b, loc, monoid, wide)), all = l.empty(operand.dims, element);
  auto loop = scf::ForOp::create(l.b, l.constantIndex(0), l.size(dim), l.constantIndex(1), ValueRange{start, all});
  OpBuilder::InsertionGuard guard(l.b);
  l.b.setInsertionPointToStart(loop.getBody());
  Value running = loop.getRegionIterArg(0), written = loop.getRegionIterArg(1);
  Slice slice = sliceAt(l, operand.dims, dim, loop.getInductionVar());
  Value at = tensor::ExtractSliceOp::create(l.b, l.plainType(rest, element), operand.tensor, slice.offsets,
                                            slice.sizes, slice.strides);
  Named next = l.elementwise(rest, wide, {{running, rest}, {at, rest}}, [&](Loop &inner) {
    return emitCombine(inner.b, loc, monoid, inner.elements[0], emitCast(inner.b, loc, inner.elements[1], wide));
  });
  Value rounded = l.elementwise(rest, element, {next}, [&](Loop &inner) {
                     return emitCast(inner.b, loc, inner.elements[0], element);
                   }).tensor;
  Value stored = tensor::InsertSliceOp::create(l.b, rounded, written, slice.offsets, slice.sizes, slice.strides);
  Value carried =
      bufferization::MaterializeInDestinationOp::create(l.b, running.getType(), next.tensor, running).getResult();
  scf::YieldOp::create(l.b, ValueRange{carried, stored});
  l.set(op, loop.getResult(1));
  return success();
}

/// The least index whose element equals the maximum; a NaN is the maximum.
LogicalResult lower(Lowering &l, ArgmaxOp op) {
  Named operand = l.named(op.getOperand());
  NamedDim dim = l.dim(op.getDim());
  NamedDims kept = l.dimsOf(op.getType());
  Type element = getElement(op.getOperand()), i64 = l.b.getI64Type();
  Location loc = op.getLoc();
  Named top = l.reduction(kept, {dim}, emitIdentity(l.b, loc, Monoid::Max, element), {operand},
                          [&](Loop &loop, Value acc) {
                            return emitCombine(loop.b, loc, Monoid::Max, acc, loop.elements[0]);
                          });
  Named place = l.reduction(
      kept, {dim}, emitIdentity(l.b, loc, Monoid::Min, i64), {operand, top}, [&](Loop &loop, Value acc) -> Value {
        ImplicitLocOpBuilder &b = loop.b;
        Value x = loop.elements[0], m = loop.elements[1], same;
        if (llvm::isa<FloatType>(element)) {
          // Equal, or both NaN: the maximum is NaN only where an element is.
          Value equal = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, x, m);
          Value nan = arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, x, x);
          same = arith::OrIOp::create(b, equal, nan);
        } else {
          same = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, x, m);
        }
        Value index = arith::IndexCastOp::create(b, i64, loop.index(dim.name));
        return arith::SelectOp::create(b, same, arith::MinSIOp::create(b, acc, index), acc);
      });
  l.set(op, place.tensor);
  return success();
}

} // namespace ssm
