//===- SyncNames.cpp - positions, broadcasts, names -------------------------===//
#include "SyncSyntax.h"

using namespace mlir;

namespace ssm::tile {

LogicalResult PosOp::verify() {
  auto type = getType();
  if (type.getRank() != 1 || (!type.getElementType().isInteger(32) && !type.getElementType().isInteger(64)))
    return emitOpError() << "gives a vector of i32 or i64, not " << type;
  return success();
}

LogicalResult SpreadOp::verify() {
  Type element = getType().getElementType();
  auto tile = llvm::dyn_cast<RankedTensorType>(getOperand().getType());
  if (!tile) {
    Type scalar = getOperand().getType();
    if (scalar != element && !(scalar.isIndex() && element.isSignlessInteger()))
      return emitOpError() << "spreads " << scalar << " to elements of type " << element;
    return success();
  }
  if (tile.getElementType() != element)
    return emitOpError() << "keeps elements of type " << tile.getElementType() << ", not " << element;
  NamedDims result = ssm::getDims(getType());
  for (const NamedDim &dim : ssm::getDims(tile)) {
    std::optional<unsigned> place = findDim(result, dim.name);
    if (!place)
      return emitOpError() << "loses dimension '" << dim.name.getValue() << "'";
    if (result[*place].size != dim.size)
      return emitOpError() << "has " << dim.size << " elements along '" << dim.name.getValue() << "', not "
                           << result[*place].size;
  }
  return success();
}

OpFoldResult SpreadOp::fold(FoldAdaptor) {
  return getOperand().getType() == getType() ? OpFoldResult(getOperand()) : OpFoldResult();
}

LogicalResult RenameOp::verify() {
  auto from = llvm::cast<RankedTensorType>(getOperand().getType());
  if (from.getShape() != getType().getShape() || from.getElementType() != getType().getElementType())
    return emitOpError() << "keeps the shape and the elements of " << from << ", got " << getType();
  return success();
}

OpFoldResult RenameOp::fold(FoldAdaptor) {
  return getOperand().getType() == getType() ? OpFoldResult(getOperand()) : OpFoldResult();
}

/// Whether `whole` with `dim` written as `parts` is `split`: same order, and the
/// sizes of the parts multiply to the dimension's.
static LogicalResult verifySplit(Operation *op, RankedTensorType whole, llvm::StringRef dim, ArrayAttr parts,
                                 RankedTensorType split) {
  NamedDims wholeDims = getDims(whole), splitDims = getDims(split);
  std::optional<unsigned> place = findDim(wholeDims, dim);
  if (!place)
    return op->emitOpError() << "splits '" << dim << "', which " << formatDims(wholeDims) << " lacks";
  if (parts.empty() || splitDims.size() != wholeDims.size() - 1 + parts.size() ||
      whole.getElementType() != split.getElementType())
    return op->emitOpError() << "cannot make " << split << " of " << whole;
  int64_t product = 1;
  for (unsigned i = 0, k = 0; i < splitDims.size(); ++i) {
    if (i >= *place && i < *place + parts.size()) {
      if (splitDims[i].name != parts[i - *place])
        return op->emitOpError() << "has '" << splitDims[i].name.getValue() << "' where " << parts[i - *place]
                                 << " belongs";
      product *= splitDims[i].size;
      k = *place + 1;
      continue;
    }
    if (!(splitDims[i] == wholeDims[k++]))
      return op->emitOpError() << "cannot make " << formatDims(splitDims) << " of " << formatDims(wholeDims);
  }
  if (product != wholeDims[*place].size)
    return op->emitOpError() << "makes " << product << " elements of " << wholeDims[*place].size;
  return success();
}

LogicalResult PartOp::verify() {
  return verifySplit(*this, llvm::cast<RankedTensorType>(getOperand().getType()), getDim(), getParts(), getType());
}

LogicalResult JoinOp::verify() {
  return verifySplit(*this, getType(), getDim(), getParts(), llvm::cast<RankedTensorType>(getOperand().getType()));
}

LogicalResult PickOp::verify() {
  NamedDims dims = ssm::getDims(getOperand());
  llvm::SmallVector<llvm::StringRef> names;
  for (llvm::StringRef name : getDims().getAsValueRange<StringAttr>()) {
    if (!findDim(dims, name))
      return emitOpError() << "picks along '" << name << "', which " << formatDims(dims) << " lacks";
    names.push_back(name);
  }
  if (names.size() != getAt().size())
    return emitOpError() << "has " << getAt().size() << " indices and " << names.size() << " names";
  RankedTensorType expected = getTensorType(withoutDims(dims, names), getElement(getOperand()));
  if (getType() != expected)
    return emitOpError() << "gives " << expected << ", not " << getType();
  return success();
}

LogicalResult GetOp::verify() {
  auto tile = llvm::cast<RankedTensorType>(getOperand().getType());
  if (tile.getRank() != 0)
    return emitOpError() << "takes a tile without dimensions, not " << tile;
  Type element = tile.getElementType(), result = getType();
  if (result != element && !(result.isIndex() && element.isSignlessInteger()))
    return emitOpError() << "cannot give " << result << " of " << tile;
  return success();
}

} // namespace ssm::tile
