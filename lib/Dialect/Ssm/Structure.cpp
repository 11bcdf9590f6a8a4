//===- Structure.cpp - structured matrices as values ------------------------===//
#include "Verify.h"
#include "ssm/Dialect/Ssm/Structure.h"

using namespace mlir;

namespace ssm {

LogicalResult StructuredOp::verify() {
  llvm::ArrayRef<llvm::StringRef> names = getStructureParts(getStructure()), arguments = getStructureArguments(getStructure());
  if (getParts().size() != names.size())
    return emitOpError() << "'" << stringifyStructure(getStructure()) << "' has " << names.size() << " parts, got "
                         << getParts().size();
  if (getParameters().size() != arguments.size())
    return emitOpError() << "'" << stringifyStructure(getStructure()) << "' has " << arguments.size()
                         << " arguments, got " << getParameters().size();
  if (std::string why = checkStructureArguments(getStructure(), getParameters()); !why.empty())
    return emitOpError() << why;
  for (auto [i, part] : llvm::enumerate(getParts())) {
    bool index = getStructure() == Structure::BlockSparse && i > 0;
    Type expected = index ? IntegerType::get(getContext(), 64) : getType().getElementType();
    if (getElement(part) != expected)
      return emitOpError() << "part '" << names[i] << "' holds " << getElement(part) << ", not " << expected;
  }
  std::string why;
  if (failed(bindStructure(*this, why)))
    return emitOpError() << why;
  return success();
}

LogicalResult MatrixAddOp::verify() {
  if (getLhs().getType() != getType() || getRhs().getType() != getType())
    return emitOpError() << "adds " << getLhs().getType() << " and " << getRhs().getType();
  return success();
}

LogicalResult MatrixScaleOp::verify() {
  if (hasDim(getFactor(), getType().getRows()) || hasDim(getFactor(), getType().getColumns()))
    return emitOpError() << "scales by a value with the matrix's own dimensions";
  if (getMatrix().getType() != getType() || getElement(getFactor()) != getType().getElementType())
    return emitOpError() << "keeps the matrix's type";
  return success();
}

LogicalResult MatrixMulOp::verify() {
  MatrixType lhs = getLhs().getType(), rhs = getRhs().getType();
  if (lhs.getColumns() != rhs.getRows() || lhs.getElementType() != rhs.getElementType())
    return emitOpError() << "multiplies " << lhs << " by " << rhs;
  if (getType() != MatrixType::get(getContext(), lhs.getRows(), rhs.getColumns(), lhs.getElementType()))
    return emitOpError() << "gives rows of the first and columns of the second";
  return success();
}

LogicalResult TransposeOp::verify() {
  MatrixType from = getMatrix().getType();
  if (getType() != MatrixType::get(getContext(), from.getColumns(), from.getRows(), from.getElementType()))
    return emitOpError() << "swaps rows and columns";
  return success();
}

OpFoldResult TransposeOp::fold(FoldAdaptor) {
  auto inner = getMatrix().getDefiningOp<TransposeOp>();
  return inner && inner.getMatrix().getType() == getType() ? inner.getMatrix() : OpFoldResult();
}

LogicalResult ApplyOp::verify() {
  MatrixType matrix = getMatrix().getType();
  NamedDims dims = getDims(getOperand());
  std::optional<unsigned> place = findDim(dims, matrix.getColumns());
  if (!place)
    return emitOpError() << "sums over '" << matrix.getColumns().getValue() << "', which " << formatDims(dims)
                         << " lacks";
  if (matrix.getRows() != matrix.getColumns() && findDim(dims, matrix.getRows()))
    return emitOpError() << "gives '" << matrix.getRows().getValue() << "', which the operand has already";
  // A batch of matrices may add dimensions of its own.
  for (const NamedDim &dim : withoutDims(dims, {matrix.getColumns()}))
    if (!hasDim(getResult(), dim.name))
      return emitOpError() << "loses dimension '" << dim.name.getValue() << "'";
  if (!hasDim(getResult(), matrix.getRows()) || hasDim(getResult(), matrix.getColumns()))
    return emitOpError() << "gives '" << matrix.getRows().getValue() << "' in place of '"
                         << matrix.getColumns().getValue() << "'";
  if (getElement(getResult()) != matrix.getElementType() || getElement(getOperand()) != matrix.getElementType())
    return emitOpError() << "works on elements of type " << matrix.getElementType();
  return success();
}

LogicalResult MaterializeOp::verify() {
  MatrixType matrix = getMatrix().getType();
  if (!hasDim(getResult(), matrix.getRows()) || !hasDim(getResult(), matrix.getColumns()) ||
      getElement(getResult()) != matrix.getElementType())
    return emitOpError() << "writes out rows and columns of its matrix";
  return success();
}

} // namespace ssm
