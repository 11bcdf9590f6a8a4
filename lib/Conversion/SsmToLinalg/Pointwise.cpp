//===- Pointwise.cpp - maps, positions, sizes, checks -----------------------===//
#include "Functions.h"
#include "Lowering.h"

using namespace mlir;

namespace ssm {

LogicalResult lower(Lowering &l, MapOp op) {
  SmallVector<Named> operands;
  for (Value operand : op.getOperands())
    operands.push_back(l.named(operand));
  Type element = getElement(op.getResult());
  Named result = l.elementwise(l.dimsOf(op.getType()), element, operands, [&](Loop &loop) {
    return emitMap(loop.b, loop.b.getLoc(), op.getFn(), loop.elements, element);
  });
  l.set(op, result.tensor);
  return success();
}

LogicalResult lower(Lowering &l, PosOp op) {
  Named result = l.elementwise(l.dimsOf(op.getType()), l.b.getI64Type(), {}, [&](Loop &loop) -> Value {
    return arith::IndexCastOp::create(loop.b, loop.b.getI64Type(), loop.index(op.getDim()));
  });
  l.set(op, result.tensor);
  return success();
}

LogicalResult lower(Lowering &l, SizeOfOp op) {
  Value size = arith::IndexCastOp::create(l.b, l.b.getI64Type(), l.size(op.getDim()));
  l.set(op, l.fromScalar(size));
  return success();
}

LogicalResult lower(Lowering &l, CheckOp op) {
  SmallVector<Value> values;
  for (Value value : op.getValues())
    values.push_back(l.scalar(l.get(value)));
  values.resize(2);
  Value holds = l.scalar(l.get(op.getCondition()));
  Value no = arith::XOrIOp::create(l.b, holds, arith::ConstantIntOp::create(l.b, 1, 1));
  l.failIf(l.b, no, op.getMessage(), values[0], values[1]);
  return success();
}

} // namespace ssm
