//===- Layout.cpp - dimensions read as others: concat, split, join ----------===//
#include "Functions.h"
#include "Lowering.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace ssm {

LogicalResult lower(Lowering &l, ConcatOp op) {
  NamedDims dims = l.dimsOf(op.getType());
  unsigned place = *findDim(dims, op.getTo());
  Value result = l.empty(dims, getElement(op.getResult()));
  OpFoldResult offset = l.b.getIndexAttr(0);
  for (auto [value, along] : {std::pair<Value, StringRef>{op.getLhs(), op.getFirst()}, {op.getRhs(), op.getSecond()}}) {
    NamedDims part = dims;
    part[place] = l.dim(along);
    Named aligned = l.align(l.named(value), part);
    SmallVector<OpFoldResult> offsets(dims.size(), l.b.getIndexAttr(0)), strides(dims.size(), l.b.getIndexAttr(1));
    offsets[place] = offset;
    result = tensor::InsertSliceOp::create(l.b, aligned.tensor, result, offsets, l.sizesOf(part), strides);
    offset = l.size(along);
  }
  l.set(op, result);
  return success();
}

LogicalResult lower(Lowering &l, SplitOp op) {
  Named operand = l.named(op.getOperand());
  auto into = llvm::to_vector(op.getInto().getAsRange<StringAttr>());
  SmallVector<Value> sizes;
  for (StringAttr name : into)
    sizes.push_back(l.size(name));
  Named result = l.elementwise(l.dimsOf(op.getType()), getElement(op.getResult()), {}, [&](Loop &loop) -> Value {
    Value flat;
    for (auto [name, size] : llvm::zip(into, sizes)) {
      Value index = loop.index(name);
      flat = flat ? arith::AddIOp::create(loop.b, arith::MulIOp::create(loop.b, flat, size), index) : index;
    }
    SmallVector<Value> places;
    for (const NamedDim &d : operand.dims)
      places.push_back(d.name == op.getDim() ? flat : loop.index(d.name));
    return tensor::ExtractOp::create(loop.b, operand.tensor, places);
  });
  l.set(op, result.tensor);
  return success();
}

std::optional<SmallVector<ReassociationIndices>> joinedInOrder(JoinOp op) {
  NamedDims operand = getDims(op.getOperand());
  auto joined = llvm::to_vector(op.getDims().getAsRange<StringAttr>());
  SmallVector<ReassociationIndices> groups;
  unsigned next = 0;
  auto take = [&](StringAttr name) {
    if (next == operand.size() || operand[next].name != name)
      return false;
    groups.back().push_back(next++);
    return true;
  };
  for (const NamedDim &d : getDims(op.getResult())) {
    groups.emplace_back();
    if (d.name != op.getIntoAttr() ? !take(d.name) : !llvm::all_of(joined, take))
      return std::nullopt;
  }
  return groups;
}

/// What lies one after the other is joined by reading it so.
static bool joinInPlace(Lowering &l, JoinOp op, Named operand) {
  std::optional<SmallVector<ReassociationIndices>> groups = joinedInOrder(op);
  if (!groups)
    return false;
  SmallVector<int64_t> shape;
  for (const ReassociationIndices &group : *groups) {
    shape.push_back(1);
    for (int64_t place : group) {
      int64_t size = operand.dims[place].size;
      bool open = ShapedType::isDynamic(size) || ShapedType::isDynamic(shape.back());
      shape.back() = open ? ShapedType::kDynamic : shape.back() * size;
    }
  }
  Type element = getElement(op.getResult()), type = l.plainType(l.dimsOf(op.getType()), element);
  Value value = tensor::CollapseShapeOp::create(l.b, RankedTensorType::get(shape, element), operand.tensor, *groups);
  l.set(op, value.getType() == type ? value : tensor::CastOp::create(l.b, type, value).getResult());
  return true;
}

Value bufferBeforeJoin(Lowering &l, JoinOp op, Value buffer) {
  if (!joinedInOrder(op))
    return {};
  NamedDims dims = l.dimsOf(op.getOperand().getType());
  SmallVector<OpFoldResult> sizes = l.sizesOf(dims), strides(dims.size());
  OpFoldResult stride = l.b.getIndexAttr(1);
  for (unsigned i = dims.size(); i-- > 0;) {
    strides[i] = stride;
    if (std::optional<int64_t> size = getConstantIntValue(sizes[i]), known = getConstantIntValue(stride); size && known) {
      stride = l.b.getIndexAttr(*size * *known);
      continue;
    }
    auto value = [&](OpFoldResult number) { return getValueOrCreateConstantIndexOp(l.b, l.b.getLoc(), number); };
    stride = arith::MulIOp::create(l.b, value(stride), value(sizes[i])).getResult();
  }
  Type element = llvm::cast<MemRefType>(buffer.getType()).getElementType();
  auto type = MemRefType::get(l.plainType(dims, element).getShape(), element);
  return memref::ReinterpretCastOp::create(l.b, type, buffer, l.b.getIndexAttr(0), sizes, strides);
}

LogicalResult lower(Lowering &l, JoinOp op) {
  Named operand = l.named(op.getOperand());
  if (joinInPlace(l, op, operand))
    return success();
  auto joined = llvm::to_vector(op.getDims().getAsRange<StringAttr>());
  SmallVector<Value> sizes;
  for (StringAttr name : joined)
    sizes.push_back(l.size(name));
  Named result = l.elementwise(l.dimsOf(op.getType()), getElement(op.getResult()), {}, [&](Loop &loop) -> Value {
    Value rest = loop.index(op.getInto());
    llvm::StringMap<Value> places;
    for (auto [name, size] : llvm::reverse(llvm::zip_equal(joined, sizes))) {
      places[name] = arith::RemUIOp::create(loop.b, rest, size);
      rest = arith::DivUIOp::create(loop.b, rest, size);
    }
    SmallVector<Value> indices;
    for (const NamedDim &d : operand.dims)
      indices.push_back(places.count(d.name) ? places[d.name] : loop.index(d.name));
    return tensor::ExtractOp::create(loop.b, operand.tensor, indices);
  });
  l.set(op, result.tensor);
  return success();
}

} // namespace ssm
