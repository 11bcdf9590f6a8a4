//===- Host.cpp - launches, and what is bound to them -----------------------===//
#include "ssm/Dialect/Tile/Tile.h"

using namespace mlir;

namespace ssm::tile {

/// Lists of sizes hold expressions of dimensions.
static LogicalResult verifySizes(Operation *op, ArrayAttr sizes, int64_t count, StringRef what) {
  if (int64_t(sizes.size()) != count)
    return op->emitOpError() << "has " << sizes.size() << " " << what << ", not " << count;
  for (Attribute size : sizes)
    if (!isa<SizeAttr>(size))
      return op->emitOpError() << size << " is no expression of dimensions";
  return success();
}

LogicalResult AllocOp::verify() {
  auto type = cast<RankedTensorType>(getResult().getType());
  if (getSizes())
    return verifySizes(*this, *getSizes(), type.getRank(), "sizes");
  if (!type.hasStaticShape() && !isa_and_nonnull<DimsAttr>(type.getEncoding()))
    return emitOpError() << "open dimensions want names in the type, or sizes";
  return success();
}

SizeAttr SizeOp::getExpression() { return cast<SizeAttr>(getSize()); }

LogicalResult SizeOp::verify() {
  return isa<SizeAttr>(getSize()) ? success() : emitOpError() << getSize() << " is no expression of dimensions";
}

LogicalResult GlobalViewOp::verify() {
  GlobalType view = getView().getType();
  auto source = cast<RankedTensorType>(getSource().getType());
  Type element = source.getElementType();
  if (auto complex = dyn_cast<ComplexType>(element)) // its parts side by side
    element = complex.getElementType();
  if (view.getElementType() != element)
    return emitOpError() << "views " << source.getElementType() << " as " << view.getElementType();
  if (getOffset() && !isa<SizeAttr>(*getOffset()))
    return emitOpError() << *getOffset() << " is no expression of dimensions";
  if (failed(verifySizes(*this, getSizes(), view.getRank(), "sizes")) ||
      failed(verifySizes(*this, getStrides(), view.getRank(), "strides")))
    return failure();
  if (view.getRank() && cast<SizeAttr>(getStrides().getValue().back()).constantValue() != 1)
    return emitOpError() << "a view's innermost stride is 1 (a dimension of size 1 at the end makes another one possible)";
  return success();
}

LogicalResult TensorMapOp::verify() {
  MapType map = getMap().getType();
  auto source = cast<RankedTensorType>(getSource().getType());
  if (map.getElementType() != source.getElementType())
    return emitOpError() << "maps " << source.getElementType() << " as " << map.getElementType();
  if (getTf32() && !map.getElementType().isF32())
    return emitOpError() << "rounds to tf32 what is " << map.getElementType() << ", not f32";
  if (getOffset() && !isa<SizeAttr>(*getOffset()))
    return emitOpError() << *getOffset() << " is no expression of dimensions";
  if (failed(verifySizes(*this, getDims(), map.getRank(), "dimensions")) ||
      failed(verifySizes(*this, getStrides(), map.getRank() - 1, "strides (all but the innermost, which is 1)")))
    return failure();
  for (Attribute stride : getStrides())
    if (std::optional<int64_t> constant = cast<SizeAttr>(stride).constantValue())
      if (*constant < 1 || *constant * map.getElementType().getIntOrFloatBitWidth() % 128)
        return emitOpError() << "a stride of " << *constant << " elements is no multiple of 16 bytes";
  return success();
}

/// The launch after this one, or before it: what binds sizes and views may stand between.
static LaunchOp neighbour(LaunchOp launch, bool after) {
  for (Operation *op = launch;;) {
    op = after ? op->getNextNode() : op->getPrevNode();
    if (!op || isa<LaunchOp>(op))
      return dyn_cast_or_null<LaunchOp>(op);
  }
}

LaunchOp LaunchOp::getAlternative() {
  LaunchOp next = neighbour(*this, /*after=*/true);
  return next && next.getOtherwise() ? next : LaunchOp();
}

LogicalResult LaunchOp::verify() {
  if (getWhere() && failed(verifySizes(*this, *getWhere(), getWhere()->size(), "conditions")))
    return failure();
  if (getWhere() && !getAlternative())
    return emitOpError() << "says where it fits, and no launch after it says what runs otherwise";
  if (getOtherwise() && !neighbour(*this, /*after=*/false))
    return emitOpError() << "runs otherwise, and no launch stands before it";
  return verifySizes(*this, getGrid(), 3, "sizes of a grid");
}

LogicalResult LaunchOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto kernel = symbols.lookupNearestSymbolFrom<KernelOp>(*this, getKernelAttr());
  if (!kernel)
    return emitOpError() << "there is no kernel @" << getKernel();
  if (kernel.getArgumentTypes().size() != getArgs().size())
    return emitOpError() << "gives " << getArgs().size() << " arguments to @" << getKernel() << ", which takes "
                         << kernel.getArgumentTypes().size();
  for (auto [i, type] : llvm::enumerate(kernel.getArgumentTypes()))
    if (type != getArgs()[i].getType())
      return emitOpError() << "argument " << i << " of @" << getKernel() << " is " << type << ", not "
                           << getArgs()[i].getType();
  return success();
}

} // namespace ssm::tile
