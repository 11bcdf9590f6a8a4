//===- InPlace.cpp - operands that a product reads where they lie -----------===//
//
// A product takes its columns from scratch, where they lie beside each other. To lay
// them there costs a load and a store each, which only many rows pay for:
//
//   %w = tile.read %W[K = %k]             // [K, N], as it lies in memory
//   %y = tile.product %x, %w over ["K"]   // of 8 rows: each element of %w serves once
//
// Where few rows meet them, or where this program laid them out before, they are loaded
// from the view itself.
//
//===----------------------------------------------------------------------===//
#include "Schedule.h"

#include "Point.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace ssm::tile {

/// Rows of a register tile or two.
static constexpr int64_t fewRows = 16;

bool isReadInPlace(ProductOp op, Value operand) {
  auto read = operand.getDefiningOp<ReadOp>();
  NamedDims result = ssm::getDims(op.getType());
  if (!read || read->getBlock() != op->getBlock() || result.empty() || op.getLhs() == op.getRhs() || op.getAcc() == operand)
    return false;
  StringAttr lane = result.back().name;
  NamedDims dims = ssm::getDims(operand);
  Value others = operand == op.getLhs() ? op.getRhs() : op.getLhs();
  if (dims.empty() || dims.back().name != lane || hasDim(others, lane))
    return false;
  // Whole vectors of plain numbers, side by side.
  ViewType view = read.getView().getType();
  Type element = view.getElementType();
  if (!element.isF32() && !element.isF64())
    return false;
  if (view.getDims().back().name != lane || dims.back().size % lanesFor(dims.back().size, 16) != 0 ||
      llvm::any_of(read.getCoordinates(), [](Value at) { return llvm::isa<RankedTensorType>(at.getType()); }))
    return false;
  if (Attribute fill = read.getFillAttr(); fill && !matchPattern(fill, m_AnyZeroFloat()))
    return false; // what lies outside is not left out
  if (read.getView().getDefiningOp<ScratchOp>())
    return true;
  int64_t rows = 1;
  for (const NamedDim &dim : result)
    if (!findDim(dims, dim.name))
      rows *= dim.size;
  return rows <= fewRows;
}

} // namespace ssm::tile
