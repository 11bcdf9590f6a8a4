//===- EmitMatrix.cpp - operations on structured matrices -------------------===//
#include "Emitter.h"

using namespace mlir;

namespace ssm {

/// All dimensions of a matrix, and a matrix for each of those beside its rows and columns.
NamedDims Emitter::matrixDims(Value matrix) {
  Operation *op = matrix.getDefiningOp();
  auto type = llvm::cast<MatrixType>(matrix.getType());
  NamedDims all;
  // A part's last dimensions are the structure's own; here parts are made of
  // parameters without a batch, or scaled ones: those carry it in the factor.
  if (llvm::isa<StructuredOp>(op))
    all = dims.named({type.getRows(), type.getColumns()});
  else
    for (Value operand : op->getOperands())
      uniteDims(all, llvm::isa<MatrixType>(operand.getType()) ? matrixDims(operand) : getDims(operand));
  if (auto product = llvm::dyn_cast<MatrixMulOp>(op))
    all = withoutDims(all, {llvm::cast<MatrixType>(product.getLhs().getType()).getColumns()});
  auto written = matrixOrders.find(matrix);
  return written != matrixOrders.end() && sameDims(written->second, all) ? written->second : all;
}

Val Emitter::materialize(Val matrix) {
  MatrixType type = matrix.matrix();
  NamedDims result = matrixDims(matrix.v);
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
  Value rebuilt = b.create(state)->getResult(0);
  orderMatrix(rebuilt, matrixDims(matrix));
  return rebuilt;
}

Val Emitter::apply(Val matrix, Val operand) {
  Kind kind = join(matrix.kind, operand.kind);
  matrix = convertMatrix(matrix, kind);
  operand = convert(operand, kind);
  MatrixType type = matrix.matrix();
  NamedDims result = operand.dims();
  result[*findDim(result, type.getColumns())] = dims.named(type.getRows());
  uniteDims(result, withoutDims(matrixDims(matrix.v), {type.getRows(), type.getColumns()}));
  return {ApplyOp::create(b, getTensorType(result, type.getElementType()), matrix.v, operand.v), kind, {}};
}

} // namespace ssm
