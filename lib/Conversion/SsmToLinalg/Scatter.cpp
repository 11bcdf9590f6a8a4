//===- Scatter.cpp - sums at places by index --------------------------------===//
//
// Loops over the index's elements, in order; each adds a slice of the operand to
// a slice of the result.
//
//===----------------------------------------------------------------------===//
#include "Functions.h"
#include "Lowering.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace ssm {

namespace {

class Scatter {
public:
  Scatter(Lowering &l, ScatterAddOp op)
      : l(l), op(op), operand(l.named(op.getOperand())), index(l.named(op.getIndex())),
        dims(l.dimsOf(op.getType())), size(l.size(op.getInto())) {
    // The result in the operand's order, with `into` in the place of `dim`.
    written = operand.dims;
    written[*findDim(written, op.getDim())] = l.dim(op.getInto());
    rest = operand.dims;
    llvm::erase_if(rest, [&](const NamedDim &dim) { return findDim(index.dims, dim.name).has_value(); });
  }

  Value run() {
    Type element = getElement(op.getResult());
    Value zero = emitCast(l.b, l.b.getLoc(), arith::ConstantIntOp::create(l.b, 0, 64), element);
    Value sum = loopOver(0, l.filled(written, zero));
    return l.align({sum, written}, dims).tensor;
  }

private:
  Value loopOver(unsigned depth, Value sum) {
    if (depth == index.dims.size())
      return addAt(sum);
    auto loop = scf::ForOp::create(l.b, l.constantIndex(0), l.size(index.dims[depth].name), l.constantIndex(1), sum);
    OpBuilder::InsertionGuard guard(l.b);
    l.b.setInsertionPointToStart(loop.getBody());
    at.push_back(loop.getInductionVar());
    Value next = loopOver(depth + 1, loop.getRegionIterArgs()[0]);
    scf::YieldOp::create(l.b, next);
    return loop.getResult(0);
  }

  Value addAt(Value sum) {
    ImplicitLocOpBuilder &b = l.b;
    Value given = tensor::ExtractOp::create(b, index.tensor, at), zero = arith::ConstantIntOp::create(b, 0, 64);
    Value count = arith::IndexCastOp::create(b, b.getI64Type(), size);
    Value negative = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, given, zero);
    Value place = arith::SelectOp::create(b, negative, arith::AddIOp::create(b, given, count), given);
    Value inside = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, place, count);
    l.failIf(b, arith::XOrIOp::create(b, inside, arith::ConstantIntOp::create(b, 1, 1)),
             "index %a is outside of dimension '" + op.getInto().str() + "' of size %b", given, count);
    auto branch = scf::IfOp::create(b, TypeRange(sum.getType()), inside, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(b, sum);
    b.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(b, addSlice(sum, arith::IndexCastOp::create(b, b.getIndexType(), place)));
    return branch.getResult(0);
  }

  Value addSlice(Value sum, Value place) {
    Slice from = slice(operand.dims, {}), to = slice(written, place);
    RankedTensorType type = l.plainType(rest, getElement(op.getResult()));
    Value added = tensor::ExtractSliceOp::create(l.b, type, operand.tensor, from.offsets, from.sizes, from.strides);
    Value known = tensor::ExtractSliceOp::create(l.b, type, sum, to.offsets, to.sizes, to.strides);
    Named total = l.elementwise(rest, type.getElementType(), {{known, rest}, {added, rest}}, [&](Loop &loop) {
      return emitMap(loop.b, loop.b.getLoc(), MapFn::Add, loop.elements, type.getElementType());
    });
    return tensor::InsertSliceOp::create(l.b, total.tensor, sum, to.offsets, to.sizes, to.strides);
  }

  /// Where the loops' index lies; `place` is that along `into`.
  Slice slice(ArrayRef<NamedDim> dims, Value place) {
    Slice slice;
    slice.sizes = l.sizesOf(dims);
    slice.strides.assign(dims.size(), l.b.getIndexAttr(1));
    slice.offsets.assign(dims.size(), l.b.getIndexAttr(0));
    for (auto [i, dim] : llvm::enumerate(dims)) {
      std::optional<unsigned> depth = findDim(index.dims, dim.name);
      bool isPlace = place && dim.name == op.getInto();
      if (!depth && !isPlace)
        continue;
      slice.offsets[i] = isPlace ? place : at[*depth];
      slice.sizes[i] = l.b.getIndexAttr(1);
    }
    return slice;
  }

  Lowering &l;
  ScatterAddOp op;
  Named operand, index;
  NamedDims dims, written, rest;
  Value size;
  SmallVector<Value> at;
};

} // namespace

LogicalResult lower(Lowering &l, ScatterAddOp op) {
  l.set(op, Scatter(l, op).run());
  return success();
}

} // namespace ssm
