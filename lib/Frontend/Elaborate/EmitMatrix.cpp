//===- EmitMatrix.cpp - operations on structured matrices -------------------===//
#include "Emitter.h"

using namespace mlir;

namespace ssm {

/// The dimensions that a matrix has beside its rows and columns: a matrix for each.
NamedDims Emitter::matrixBatch(Value matrix) {
  Operation *op = matrix.getDefiningOp();
  NamedDims batch;
  if (auto structured = llvm::dyn_cast<StructuredOp>(op)) {
    // A part's last dimensions are the structure's own; here parts are made of
    // parameters without a batch, or scaled ones: those carry it in the factor.
    return batch;
  }
  if (auto scale = llvm::dyn_cast<MatrixScaleOp>(op))
    uniteDims(batch, getDims(scale.getFactor()));
  for (Value operand : op->getOperands())
    if (llvm::isa<MatrixType>(operand.getType()))
      uniteDims(batch, matrixBatch(operand));
  return batch;
}

Val Emitter::materialize(Val matrix) {
  MatrixType type = matrix.matrix();
  NamedDims result = matrixBatch(matrix.v);
  uniteDims(result, dims.named({type.getRows(), type.getColumns()}));
  return {MaterializeOp::create(b, getTensorType(result, type.getElementType()), matrix.v), matrix.kind, {}};
}

Val Emitter::convertMatrix(Val matrix, Kind kind) {
  Type element = computeType(b.getContext(), kind);
  if (matrix.matrix().getElementType() == element)
    return {matrix.v, kind, {}};
  return {rebuild(matrix.v, element, matrix.kind), kind, {}};
}

/// The operations that made the matrix again, on parts of another element type.
Value Emitter::rebuild(Value matrix, Type element, Kind kind) {
  Operation *op = matrix.getDefiningOp();
  llvm::SmallVector<Value> operands;
  for (Value operand : op->getOperands()) {
    if (llvm::isa<MatrixType>(operand.getType()))
      operand = rebuild(operand, element, kind);
    else if (!getElement(operand).isInteger(64)) // where blocks stand stays whole
      operand = MapOp::create(b, operand, element);
    operands.push_back(operand);
  }
  auto type = llvm::cast<MatrixType>(matrix.getType());
  OperationState state(b.getLoc(), op->getName());
  state.addOperands(operands);
  state.addTypes(MatrixType::get(b.getContext(), type.getRows(), type.getColumns(), element));
  state.attributes = op->getAttrDictionary();
  return b.create(state)->getResult(0);
}

Val Emitter::apply(Val matrix, Val operand) {
  Kind kind = join(matrix.kind, operand.kind);
  matrix = convertMatrix(matrix, kind);
  operand = convert(operand, kind);
  MatrixType type = matrix.matrix();
  NamedDims result = operand.dims();
  result[*findDim(result, type.getColumns())] = dims.named(type.getRows());
  uniteDims(result, matrixBatch(matrix.v));
  return {ApplyOp::create(b, getTensorType(result, type.getElementType()), matrix.v, operand.v), kind, {}};
}

} // namespace ssm
