//===- Scan.cpp - recurrences as loops over tensors -------------------------===//
//
// One scf.for: carries and stacked outputs travel as loop values, so that
// bufferization keeps each in one buffer. A next carry is written over the last
// one, and an output into its slice.
//
//===----------------------------------------------------------------------===//
#include "Lowering.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace ssm {

Slice sliceAt(Lowering &l, ArrayRef<NamedDim> dims, StringRef dim, Value index) {
  Slice slice;
  slice.offsets.assign(dims.size(), l.b.getIndexAttr(0));
  slice.strides.assign(dims.size(), l.b.getIndexAttr(1));
  slice.sizes = l.sizesOf(dims);
  unsigned place = *findDim(dims, dim);
  slice.offsets[place] = index;
  slice.sizes[place] = l.b.getIndexAttr(1);
  return slice;
}

LogicalResult lower(Lowering &l, ScanOp op) {
  StringRef dim = op.getDim();
  Location loc = op.getLoc();
  SmallVector<Value> start;
  for (Value init : op.getInits())
    start.push_back(l.get(init));
  SmallVector<NamedDims> stacked;
  for (Value output : op.getOutputs()) {
    stacked.push_back(l.dimsOf(output.getType()));
    start.push_back(l.empty(stacked.back(), getElement(output)));
  }
  Value zero = l.constantIndex(0), one = l.constantIndex(1), size = l.size(dim);
  auto loop = scf::ForOp::create(l.b, zero, size, one, start);

  OpBuilder::InsertionGuard guard(l.b);
  l.b.setInsertionPointToStart(loop.getBody());
  Value index = loop.getInductionVar();
  if (op.getReverse())
    index = arith::SubIOp::create(l.b, arith::SubIOp::create(l.b, size, one), index);
  l.set(op.getPosition(), l.fromScalar(arith::IndexCastOp::create(l.b, l.b.getI64Type(), index)));
  unsigned carries = op.getInits().size();
  for (auto [argument, value] : llvm::zip(op.getCarries(), loop.getRegionIterArgs()))
    l.set(argument, value);
  for (auto [argument, operand] : llvm::zip(op.getSliceArguments(), op.getSlices())) {
    Named whole = l.named(operand);
    Slice slice = sliceAt(l, whole.dims, dim, index);
    l.set(argument, tensor::ExtractSliceOp::create(l.b, l.plainType(argument.getType()), whole.tensor, slice.offsets,
                                                   slice.sizes, slice.strides));
  }
  if (failed(l.lowerBlock(op.getBody().front())))
    return failure();
  l.b.setLoc(loc);

  SmallVector<Value> next;
  for (auto [i, output] : llvm::enumerate(op.getYieldedOutputs())) {
    Named value = l.align(l.named(output), withoutDims(stacked[i], {dim}));
    Slice slice = sliceAt(l, stacked[i], dim, index);
    next.push_back(tensor::InsertSliceOp::create(l.b, value.tensor, loop.getRegionIterArgs()[carries + i],
                                                 slice.offsets, slice.sizes, slice.strides));
  }
  SmallVector<Value> carried;
  NamedDim along = l.dim(dim);
  bool onlyStep = along.isStatic() && along.size <= 1;
  for (auto [value, carry] : llvm::zip(op.getNextCarries(), loop.getRegionIterArgs().take_front(carries))) {
    Value computed = l.get(value);
    // A loop of one step becomes its body, where the carry is what it starts from: not ours to write.
    if (computed != carry && !onlyStep)
      computed = bufferization::MaterializeInDestinationOp::create(l.b, carry.getType(), computed, carry).getResult();
    carried.push_back(computed);
  }
  carried.append(next);
  scf::YieldOp::create(l.b, carried);

  l.b.setInsertionPointAfter(loop);
  for (auto [result, value] : llvm::zip(op.getFinals(), loop.getResults()))
    l.set(result, value);
  for (auto [result, value] : llvm::zip(op.getOutputs(), loop.getResults().drop_front(carries)))
    l.set(result, value);
  return success();
}

} // namespace ssm
