//===- SyncMemory.cpp - views, reads, writes --------------------------------===//
#include "SyncSyntax.h"

using namespace mlir;

namespace ssm::tile {

LogicalResult ViewOp::verify() {
  auto source = llvm::cast<ShapedType>(getSource().getType());
  if (source.getShape() != getType().getShape())
    return emitOpError() << "gives the shape of " << source << ", not of " << getType();
  if (source.getElementType() != getType().getElementType())
    return emitOpError() << "gives elements of type " << source.getElementType() << ", not "
                         << getType().getElementType();
  return success();
}

LogicalResult ScratchOp::verify() {
  int64_t open = llvm::count_if(getType().getShape(), ShapedType::isDynamic);
  if (open != static_cast<int64_t>(getSizes().size()))
    return emitOpError() << "has " << getSizes().size() << " sizes for " << open << " open dimensions";
  return success();
}

/// Checks coordinates and counts of a read or write against the view and the tiles.
template <typename Access> static LogicalResult verifyAccess(Access op, ViewType view, TypeRange tiles) {
  if (tiles.size() != view.getNumTiles())
    return op.emitOpError() << "moves " << view.getNumTiles() << " tiles of " << view.getElementType()
                            << " elements, got " << tiles.size();
  for (Type tile : tiles)
    if (tile != tiles.front() || llvm::cast<RankedTensorType>(tile).getElementType() != view.getTileElement())
      return op.emitOpError() << "moves tiles of one type with elements of type " << view.getTileElement() << ", not "
                              << tile;
  NamedDims tileDims = ssm::getDims(tiles.front()), viewDims = view.getDims(), needed;
  llvm::StringMap<Value> given;
  if (op.getDims().size() != op.getCoordinates().size())
    return op.emitOpError() << "has " << op.getCoordinates().size() << " coordinates and " << op.getDims().size()
                            << " names";
  for (auto [name, coordinate] : llvm::zip(op.getDims().template getAsValueRange<StringAttr>(), op.getCoordinates())) {
    if (!findDim(viewDims, name))
      return op.emitOpError() << "has a coordinate for '" << name << "', which " << formatDims(viewDims) << " lacks";
    if (!given.try_emplace(name, coordinate).second)
      return op.emitOpError() << "has two coordinates for '" << name << "'";
  }
  for (const NamedDim &dim : viewDims) {
    Value coordinate = given.lookup(dim.name);
    if (coordinate && llvm::isa<RankedTensorType>(coordinate.getType())) {
      if (std::optional<StringAttr> clash = uniteDims(needed, ssm::getDims(coordinate)))
        return op.emitOpError() << "has coordinates of different sizes along '" << clash->getValue() << "'";
      continue;
    }
    if (std::optional<unsigned> place = findDim(tileDims, dim.name)) {
      if (std::optional<StringAttr> clash = uniteDims(needed, {tileDims[*place]}))
        return op.emitOpError() << "has coordinates of different sizes along '" << clash->getValue() << "'";
    } else if (!coordinate) {
      return op.emitOpError() << "needs a coordinate for '" << dim.name.getValue() << "', which the tile lacks";
    }
  }
  if (!sameDims(needed, tileDims))
    return op.emitOpError() << "moves " << formatDims(needed) << " of the view, not " << formatDims(tileDims);
  if (op.getCountDims().size() != op.getCounts().size())
    return op.emitOpError() << "has " << op.getCounts().size() << " counts and " << op.getCountDims().size()
                            << " names";
  for (llvm::StringRef name : op.getCountDims().template getAsValueRange<StringAttr>())
    if (!findDim(viewDims, name))
      return op.emitOpError() << "counts '" << name << "', which " << formatDims(viewDims) << " lacks";
  return success();
}

LogicalResult ReadOp::verify() {
  ViewType view = getView().getType();
  if (getFill() && getFillAttr().getType() != view.getTileElement())
    return emitOpError() << "fills with " << getFillAttr() << " what holds " << view.getTileElement();
  return verifyAccess(*this, view, getResultTypes());
}

LogicalResult WriteOp::verify() { return verifyAccess(*this, getView().getType(), getValues().getTypes()); }

void ReadOp::build(OpBuilder &builder, OperationState &state, TypeRange results, Value view,
                   llvm::ArrayRef<llvm::StringRef> dims, ValueRange coordinates, TypedAttr fill) {
  build(builder, state, results, view, builder.getStrArrayAttr(dims), coordinates, builder.getStrArrayAttr({}),
        ValueRange(), fill);
}

void WriteOp::build(OpBuilder &builder, OperationState &state, ValueRange values, Value view,
                    llvm::ArrayRef<llvm::StringRef> dims, ValueRange coordinates) {
  build(builder, state, values, view, builder.getStrArrayAttr(dims), coordinates, builder.getStrArrayAttr({}),
        ValueRange(), /*accumulate=*/false);
}

} // namespace ssm::tile
