//===- Memory.cpp - loads, stores, fills, counters --------------------------===//
#include "Syntax.h"

using namespace mlir;

namespace ssm::tile {

//===----------------------------------------------------------------------===//
// global
//===----------------------------------------------------------------------===//

SmallVector<OpFoldResult> GlobalOp::getMixedOffsets() { return mixed(getOffsets(), getStaticOffsets(), getContext()); }
SmallVector<OpFoldResult> GlobalOp::getMixedSizes() { return mixed(getSizes(), getStaticSizes(), getContext()); }
SmallVector<OpFoldResult> GlobalOp::getMixedStrides() { return mixed(getStrides(), getStaticStrides(), getContext()); }

LogicalResult GlobalOp::verify() {
  GlobalType source = getSource().getType(), view = getView().getType();
  if (source.getElementType() != view.getElementType())
    return emitOpError() << "a view has its source's elements";
  if (int64_t(getStaticOffsets().size()) != source.getRank())
    return emitOpError() << "has an index for every dimension of its source";
  if (int64_t(getStaticSizes().size()) != view.getRank() || int64_t(getStaticStrides().size()) != view.getRank())
    return emitOpError() << "has a size and a stride for every dimension of its result";
  if (view.getRank() && getStaticStrides().back() != 1)
    return emitOpError() << "a view's innermost stride is 1 (a dimension of size 1 at the end makes another one possible)";
  return success();
}

//===----------------------------------------------------------------------===//
// load, store
//===----------------------------------------------------------------------===//

static unsigned rankOf(Type memory) {
  if (auto smem = dyn_cast<SmemType>(memory))
    return smem.getRank();
  return cast<GlobalType>(memory).getRank();
}

static Type elementOf(Type memory) {
  if (auto smem = dyn_cast<SmemType>(memory))
    return smem.getElementType();
  return cast<GlobalType>(memory).getElementType();
}

SmallVector<OpFoldResult> LoadOp::getMixedOffsets() { return mixed(getOffsets(), getStaticOffsets(), getContext()); }
SmallVector<OpFoldResult> StoreOp::getMixedOffsets() { return mixed(getOffsets(), getStaticOffsets(), getContext()); }

/// The extent along each dimension of the memory: what is written, or the tile along the last ones.
template <typename Op> static SmallVector<int64_t> extentsOf(Op op, Type memory, Type value) {
  if (op.getSizes())
    return SmallVector<int64_t>(*op.getSizes());
  SmallVector<int64_t> extents(rankOf(memory), 1);
  if (auto tile = dyn_cast<RankedTensorType>(value)) {
    SmallVector<int64_t> shape(tile.getShape());
    if (op.getTranspose() && shape.size() >= 2)
      std::swap(shape.back(), shape[shape.size() - 2]);
    for (size_t i = 0; i < shape.size() && i < extents.size(); ++i)
      extents[extents.size() - 1 - i] = shape[shape.size() - 1 - i];
  }
  return extents;
}

SmallVector<int64_t> LoadOp::getExtents() { return extentsOf(*this, getSource().getType(), getResult().getType()); }
SmallVector<int64_t> StoreOp::getExtents() { return extentsOf(*this, getTarget().getType(), getValue().getType()); }

/// What both ask of memory, tile and indices.
template <typename Op> static LogicalResult verifyAccess(Op op, Type memory, Type value) {
  unsigned rank = rankOf(memory);
  if (op.getStaticOffsets().size() != rank || (op.getSizes() && op.getSizes()->size() != rank))
    return op.emitOpError() << "has an index (and a size) for every dimension of " << memory;
  Type element = elementOf(memory);
  auto role = op->template getParentOfType<RoleOp>();
  auto tile = dyn_cast<RankedTensorType>(value);
  if (!tile) {
    if (op.getSizes() || op.getTranspose() || op.getImage())
      return op.emitOpError() << "a scalar is one element: no sizes, transposition or image";
    bool integer = value.isIndex() || value.isInteger(32);
    bool widened = value.isF32() && (element.isBF16() || element.isF16());
    if (!widened && (integer ? !element.isInteger(32) : value != element))
      return op.emitOpError() << "moves " << value << " to or from elements of " << element;
    return success();
  }
  if (!isRegisterTile(tile))
    return op.emitOpError() << "moves tiles with a layout, not " << tile;
  if (op.getRelaxed())
    return op.emitOpError() << "only scalars are relaxed";
  if (role && role.getKind() == RoleKind::Thread)
    return op.emitOpError() << "role @" << role.getName() << " is one thread: it has scalars, no tiles";
  bool widened = isa<RowAttr>(tile.getEncoding()) && isa<GlobalType>(memory) && tile.getElementType().isF32() &&
                 (element.isBF16() || element.isF16());
  if (tile.getElementType() != element && !widened)
    return op.emitOpError() << "moves " << tile.getElementType() << " to or from elements of " << element;
  if (op.getImage())
    return success();
  SmallVector<int64_t> extents = op.getExtents(), shape(tile.getShape());
  if (op.getTranspose()) {
    if (shape.size() < 2)
      return op.emitOpError() << "transposes the last two dimensions; the tile has one";
    std::swap(shape.back(), shape[shape.size() - 2]);
  }
  auto drop = [](ArrayRef<int64_t> list) {
    SmallVector<int64_t> kept;
    llvm::copy_if(list, std::back_inserter(kept), [](int64_t size) { return size != 1; });
    return kept;
  };
  if (drop(extents) != drop(shape) || (!op.getSizes() && shape.size() > rank))
    return op.emitOpError() << "the sizes, ones aside, are not those of " << tile
                            << (op.getTranspose() ? " transposed" : "");
  if (auto smem = dyn_cast<SmemType>(memory))
    for (auto [i, extent] : llvm::enumerate(extents)) {
      int64_t offset = op.getStaticOffsets()[i], size = smem.getShape()[i];
      if (extent > size || (!ShapedType::isDynamic(offset) && (offset < 0 || offset + extent > size)))
        return op.emitOpError() << "leaves the buffer along dimension " << i << " of " << size;
    }
  return success();
}

LogicalResult LoadOp::verify() { return verifyAccess(*this, getSource().getType(), getResult().getType()); }
LogicalResult StoreOp::verify() { return verifyAccess(*this, getTarget().getType(), getValue().getType()); }

void LoadOp::getEffects(SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  SideEffects::Resource *resource = SharedMemory::get();
  if (isa<GlobalType>(getSource().getType()))
    resource = GlobalMemory::get();
  effects.emplace_back(MemoryEffects::Read::get(), &getSourceMutable(), resource);
  // What another role may change at any time is read anew each time.
  if (getRelaxed())
    effects.emplace_back(MemoryEffects::Write::get(), resource);
}

void StoreOp::getEffects(SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  SideEffects::Resource *resource = SharedMemory::get();
  if (isa<GlobalType>(getTarget().getType()))
    resource = GlobalMemory::get();
  effects.emplace_back(MemoryEffects::Write::get(), &getTargetMutable(), resource);
}

//===----------------------------------------------------------------------===//
// fill, atomic_add
//===----------------------------------------------------------------------===//

LogicalResult FillOp::verify() {
  SmallVector<Type> parts;
  if (auto ring = dyn_cast<RingType>(getTarget().getType()))
    llvm::append_range(parts, ring.getParts());
  else
    parts.push_back(getTarget().getType());
  for (Type part : parts)
    if (cast<SmemType>(part).getElementType() != getValue().getType())
      return emitOpError() << "fills " << part << " with a " << getValue().getType();
  auto role = (*this)->getParentOfType<RoleOp>();
  if (role && role.getKind() != RoleKind::Group)
    return emitOpError() << "is for the prologue or a warpgroup; role @" << role.getName() << " is a "
                         << stringifyRoleKind(role.getKind());
  return success();
}

SmallVector<OpFoldResult> AtomicAddOp::getMixedOffsets() { return mixed(getOffsets(), getStaticOffsets(), getContext()); }

LogicalResult AtomicAddOp::verify() {
  GlobalType target = getTarget().getType();
  if (!target.getElementType().isInteger(32))
    return emitOpError() << "adds to an i32, not to " << target.getElementType();
  if (int64_t(getStaticOffsets().size()) != target.getRank())
    return emitOpError() << "has an index for every dimension of " << target;
  auto role = (*this)->getParentOfType<RoleOp>();
  if (role && role.getKind() != RoleKind::Thread)
    return emitOpError() << "draws one number for one thread; role @" << role.getName() << " is a "
                         << stringifyRoleKind(role.getKind());
  return success();
}

} // namespace ssm::tile
