//===- Shape.cpp - order, names, picking, shifting --------------------------===//
#include "Functions.h"
#include "Lowering.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace ssm {

LogicalResult lower(Lowering &l, AlignOp op) {
  l.set(op, l.align(l.named(op.getOperand()), l.dimsOf(op.getType())).tensor);
  return success();
}

LogicalResult lower(Lowering &l, RenameOp op) {
  // The same elements in the same order; the sizes were compared at the start.
  Named operand = l.named(op.getOperand());
  NamedDims renamed = operand.dims;
  for (auto [from, to] : llvm::zip(op.getFrom().getAsRange<StringAttr>(), op.getTo().getAsRange<StringAttr>()))
    renamed[*findDim(operand.dims, from)] = NamedDim{to};
  // Names that are swapped must not be found twice: take sizes after all is renamed.
  for (NamedDim &d : renamed)
    d = l.dim(d.name);
  auto type = l.plainType(renamed, getElement(op.getResult()));
  Value tensor = operand.tensor;
  if (tensor.getType() != type)
    tensor = tensor::CastOp::create(l.b, type, tensor);
  l.set(op, l.align({tensor, renamed}, l.dimsOf(op.getType())).tensor);
  return success();
}

/// An element at these places (i64, in the order of the tensor's dimensions), or
/// zero where one is outside.
static Value readInside(Loop &loop, Value tensor, ArrayRef<Value> places, Value inside) {
  ImplicitLocOpBuilder &b = loop.b;
  Type element = llvm::cast<RankedTensorType>(tensor.getType()).getElementType();
  auto read = scf::IfOp::create(
      b, inside,
      [&](OpBuilder &nested, Location loc) {
        SmallVector<Value> indices;
        for (Value place : places)
          indices.push_back(place.getType().isIndex()
                                ? place
                                : arith::IndexCastOp::create(nested, loc, nested.getIndexType(), place).getResult());
        Value value = tensor::ExtractOp::create(nested, loc, tensor, indices);
        scf::YieldOp::create(nested, loc, value);
      },
      [&](OpBuilder &nested, Location loc) {
        Value zero = emitCast(nested, loc, arith::ConstantIntOp::create(nested, loc, 0, 64), element);
        scf::YieldOp::create(nested, loc, zero);
      });
  return read.getResult(0);
}

LogicalResult lower(Lowering &l, GatherOp op) {
  Named operand = l.named(op.getOperand());
  SmallVector<Named> indices;
  for (Value index : op.getIndices())
    indices.push_back(l.named(index));
  SmallVector<Value> sizes;
  SmallVector<std::string> messages;
  auto picked = llvm::to_vector(op.getDims().getAsRange<StringAttr>());
  for (StringAttr dim : picked) {
    sizes.push_back(arith::IndexCastOp::create(l.b, l.b.getI64Type(), l.size(dim)));
    messages.push_back("index %a is outside of dimension '" + dim.str() + "' of size %b");
  }
  Named result = l.elementwise(l.dimsOf(op.getType()), getElement(op.getResult()), indices, [&](Loop &loop) {
    ImplicitLocOpBuilder &b = loop.b;
    Value zero = arith::ConstantIntOp::create(b, 0, 64), inside = arith::ConstantIntOp::create(b, 1, 1);
    SmallVector<Value> places(operand.dims.size());
    for (auto [i, dim] : llvm::enumerate(picked)) {
      Value index = loop.elements[i], size = sizes[i];
      Value negative = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, index, zero);
      Value place = arith::SelectOp::create(b, negative, arith::AddIOp::create(b, index, size), index);
      // One unsigned comparison says both 0 <= place and place < size.
      Value fits = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, place, size);
      l.failIf(b, arith::XOrIOp::create(b, fits, arith::ConstantIntOp::create(b, 1, 1)), messages[i], index, size);
      inside = arith::AndIOp::create(b, inside, fits);
      places[*findDim(operand.dims, dim)] = place;
    }
    for (auto [place, dim] : llvm::zip(places, operand.dims))
      if (!place)
        place = loop.index(dim.name);
    return readInside(loop, operand.tensor, places, inside);
  });
  l.set(op, result.tensor);
  return success();
}

LogicalResult lower(Lowering &l, ShiftOp op) {
  Named operand = l.named(op.getOperand());
  Value amount = l.scalar(l.get(op.getAmount()));
  Value size = arith::IndexCastOp::create(l.b, l.b.getI64Type(), l.size(op.getDim()));
  // Keep l - amount from wrapping round: beyond the size all is zero anyway.
  Value least = arith::SubIOp::create(l.b, arith::ConstantIntOp::create(l.b, 0, 64), size);
  amount = arith::MinSIOp::create(l.b, arith::MaxSIOp::create(l.b, amount, least), size);
  Named result = l.elementwise(l.dimsOf(op.getType()), getElement(op.getResult()), {}, [&](Loop &loop) {
    ImplicitLocOpBuilder &b = loop.b;
    SmallVector<Value> places;
    for (const NamedDim &d : operand.dims)
      places.push_back(loop.index(d.name));
    Value &along = places[*findDim(operand.dims, op.getDim())];
    along = arith::SubIOp::create(b, arith::IndexCastOp::create(b, b.getI64Type(), along), amount);
    Value inside = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, along, size);
    return readInside(loop, operand.tensor, places, inside);
  });
  l.set(op, result.tensor);
  return success();
}

} // namespace ssm
