//===- StepEntry.cpp - @step: one position at a time ------------------------===//
//
// The amended @forward with a sequence of length 1, which its arguments and
// results do not show.
//
//===----------------------------------------------------------------------===//
#include "DeriveStep.h"

using namespace mlir;

namespace ssm {

/// The type with the dimension of size 1.
static Type unitAlong(Type type, StringRef dim) {
  if (!isNamedTensor(type))
    return type;
  NamedDims dims = getDims(type);
  std::optional<unsigned> place = findDim(dims, dim);
  if (!place)
    return type;
  dims[*place].size = 1;
  return getTensorType(dims, llvm::cast<RankedTensorType>(type).getElementType());
}

static Type without(Type type, StringRef dim) {
  return getTensorType(withoutDims(getDims(type), {dim}), llvm::cast<RankedTensorType>(type).getElementType());
}

void makeStepEntry(func::FuncOp forward, StringRef dim) {
  OpBuilder b(forward.getContext());
  b.setInsertionPointAfter(forward);
  auto step = llvm::cast<func::FuncOp>(b.clone(*forward.getOperation()));
  step.setName("step");

  llvm::SmallVector<Attribute> table;
  for (auto entry : forward->getAttrOfType<ArrayAttr>(kDimsAttr).getAsRange<DimAttr>())
    table.push_back(entry.getName().getValue() == dim
                        ? DimAttr::get(b.getContext(), entry.getName(), SizeAttr::constant(b.getContext(), 1))
                        : entry);
  step->setAttr(kDimsAttr, b.getArrayAttr(table));

  step.walk([&](Operation *op) {
    for (Value result : op->getResults())
      result.setType(unitAlong(result.getType(), dim));
    for (Region &region : op->getRegions())
      for (Block &block : region)
        for (Value argument : block.getArguments())
          argument.setType(unitAlong(argument.getType(), dim));
  });
  Block &entry = step.getBody().front();
  b.setInsertionPointToStart(&entry);
  for (BlockArgument argument : entry.getArguments()) {
    if (!hasDim(argument, dim))
      continue;
    Type inside = argument.getType();
    argument.setType(without(inside, dim));
    auto align = AlignOp::create(b, argument.getLoc(), inside, argument);
    argument.replaceAllUsesExcept(align, align);
  }
  Operation *end = entry.getTerminator();
  b.setInsertionPoint(end);
  for (OpOperand &operand : end->getOpOperands()) {
    if (!hasDim(operand.get(), dim))
      continue;
    Location loc = end->getLoc();
    Value first = arith::ConstantOp::create(
        b, loc, DenseElementsAttr::get(RankedTensorType::get({}, b.getI64Type()), int64_t(0)));
    operand.set(GatherOp::create(b, loc, operand.get(), ArrayRef<StringRef>{dim}, ValueRange{first}));
  }
  step.setFunctionType(b.getFunctionType(entry.getArgumentTypes(), end->getOperandTypes()));
}

} // namespace ssm
