//===- Product.cpp - products in registers ----------------------------------===//
//
// Of a matrix and a vector, of vectors, and of whatever the tensor cores have no
// place for: multiplied element by element, and summed. Along a block dimension one
// element after the other, so that the whole product never exists.
//
//===----------------------------------------------------------------------===//
#include "Kernel.h"

using namespace mlir;

namespace ssm::tile {

/// As f32.
static Value widened(KernelEmitter &e, Value tile) {
  auto type = cast<RankedTensorType>(tile.getType());
  Type element = type.getElementType();
  if (!element.isBF16() && !element.isF16())
    return tile;
  return arith::ExtFOp::create(e.b, type.clone(e.b.getF32Type()), tile);
}

LogicalResult emitProduct(KernelEmitter &e, ProductOp op) {
  Value lhs = e.tileOf(op.getLhs()), rhs = e.tileOf(op.getRhs());
  Value acc = op.getAcc() ? e.tileOf(op.getAcc()) : Value();
  if (!lhs || !rhs || (op.getAcc() && !acc))
    return failure();
  Type element = getElement(op.getResult());
  if (element.isF64())
    return e.refuse(op) << "a product in f64";
  RankedTensorType type = e.frame.typeOf(op.getType());
  lhs = widened(e, lhs);
  rhs = widened(e, rhs);
  SmallVector<int64_t> blocks;
  StringAttr lane;
  NamedDims left = getDims(op.getLhs());
  for (auto dim : op.getDims().getAsRange<StringAttr>())
    if (e.frame.isLane(dim))
      lane = dim;
    else
      blocks.push_back(e.frame.blockOf(dim));
  int64_t steps = 1;
  for (int64_t block : blocks)
    steps *= cast<RankedTensorType>(lhs.getType()).getDimSize(block);
  if (steps * type.getNumElements() / e.frame.threads > 2048)
    return e.refuse(op) << "a product that takes " << steps * type.getNumElements() / e.frame.threads
                        << " multiplications in each thread";
  // The type of a step: one element of each summed block.
  NamedDims dims = getDims(op.getType());
  if (lane)
    dims.push_back(left[*findDim(left, lane)]);
  RankedTensorType step = e.frame.typeOf(dims, element);
  Value sum;
  auto add = [&](Value a, Value c) {
    Value x = e.spread(a, step), y = e.spread(c, step);
    if (element.isInteger()) {
      Value product = arith::MulIOp::create(e.b, x, y);
      sum = sum ? arith::AddIOp::create(e.b, sum, product).getResult() : product;
      return;
    }
    auto fast = arith::FastMathFlags::contract;
    if (!sum && !lane && acc)
      sum = acc;
    Value product = arith::MulFOp::create(e.b, x, y, fast);
    sum = sum ? arith::AddFOp::create(e.b, sum, product, fast).getResult() : product;
  };
  std::function<void(Value, Value, ArrayRef<int64_t>)> walk = [&](Value a, Value c, ArrayRef<int64_t> rest) {
    if (rest.empty())
      return add(a, c);
    int64_t dim = rest.front(), count = cast<RankedTensorType>(a.getType()).getDimSize(dim);
    for (int64_t i = 0; i < count; ++i)
      walk(e.slice(a, dim, i), e.slice(c, dim, i), rest.drop_front());
  };
  walk(lhs, rhs, blocks);
  bool added = !element.isInteger() && !lane && acc;
  if (lane) {
    Combine kind = element.isInteger() ? Combine::AddI : Combine::AddF;
    sum = combineLane(e, kind, e.keepFirst(sum, left[*findDim(left, lane)].size, 0));
  }
  if (acc && !added)
    sum = combineTwo(e, element.isInteger() ? Combine::AddI : Combine::AddF, acc, sum);
  if (sum.getType() != type)
    return e.refuse(op) << "a product whose result does not lie as its operands do";
  e.bind(op, sum);
  return success();
}

} // namespace ssm::tile
