//===- Ring.cpp - rings of slots, cursors, buffers --------------------------===//
#include "Syntax.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace ssm::tile {

//===----------------------------------------------------------------------===//
// ring, buffer
//===----------------------------------------------------------------------===//

/// Shared memory and barriers are made where all threads still run.
static LogicalResult verifyInPrologue(Operation *op) {
  if (op->getParentOfType<RoleOp>())
    return op->emitOpError() << "belongs in the kernel's prologue, before the roles";
  return success();
}

LogicalResult RingOp::verify() {
  if (getFull() < 1 || getEmpty() < 1)
    return emitOpError() << "a phase needs at least one arrival";
  return verifyInPrologue(*this);
}

LogicalResult BufferOp::verify() { return verifyInPrologue(*this); }

//===----------------------------------------------------------------------===//
// operations on a slot
//===----------------------------------------------------------------------===//

/// An array of rings wants an instance, a single ring has none.
template <typename Op> static LogicalResult verifySlot(Op op) {
  RingType ring = op.getRing().getType();
  if ((ring.getCopies() > 1) != bool(op.getInstance()))
    return op.emitOpError() << (op.getInstance() ? "indexes a ring that is no array" : "does not say which ring of the array");
  if (op.getInstance())
    if (std::optional<int64_t> i = getConstantIntValue(op.getInstance()); i && (*i < 0 || *i >= ring.getCopies()))
      return op.emitOpError() << "ring " << *i << " of an array of " << ring.getCopies();
  return success();
}

/// An arrival that is not always made, or is made elsewhere, says which slot it is for.
template <typename Op> static LogicalResult verifyNamed(Op op, bool elsewhere) {
  if (!op.getCursor() && (op.getPredicate() || elsewhere))
    return op.emitOpError() << (elsewhere ? "is for another CTA's slot" : "is made under a condition")
                            << ", so it names the slot: the role's own count does not";
  return verifySlot(op);
}

LogicalResult SlotOp::verify() { return verifySlot(*this); }
LogicalResult AcquireOp::verify() { return verifySlot(*this); }
LogicalResult PublishOp::verify() { return verifyNamed(*this, /*elsewhere=*/false); }

/// Without a cursor it counts.
void SlotOp::getEffects(SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  if (getCursor())
    return;
  effects.emplace_back(MemoryEffects::Read::get(), Barriers::get());
  effects.emplace_back(MemoryEffects::Write::get(), Barriers::get());
}

Speculation::Speculatability SlotOp::getSpeculatability() {
  return getCursor() ? Speculation::Speculatable : Speculation::NotSpeculatable;
}

LogicalResult AwaitOp::verify() { return verifySlot(*this); }
LogicalResult ReleaseOp::verify() {
  if (getAt() && getAcross())
    return emitOpError() << "is for one CTA (at) or for all along a dimension of the cluster (across), not both";
  if (getAcross() && failed(KernelOp::verifyAcross(*this, *getAcross())))
    return failure();
  return verifyNamed(*this, bool(getAt()));
}

template <typename Adaptor>
static LogicalResult inferViews(Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto ring = dyn_cast<RingType>(adaptor.getRing().getType());
  if (!ring)
    return failure();
  llvm::append_range(types, ring.getParts());
  return success();
}

#define SSM_INFER_VIEWS(OP)                                                                                            \
  LogicalResult OP::inferReturnTypes(MLIRContext *, std::optional<Location>, ValueRange operands, DictionaryAttr attrs, \
                                     OpaqueProperties properties, RegionRange regions, SmallVectorImpl<Type> &types) { \
    return inferViews(Adaptor(operands, attrs, properties, regions), types);                                           \
  }
SSM_INFER_VIEWS(SlotOp)
SSM_INFER_VIEWS(AcquireOp)
SSM_INFER_VIEWS(AwaitOp)
#undef SSM_INFER_VIEWS

//===----------------------------------------------------------------------===//
// sub
//===----------------------------------------------------------------------===//

SmallVector<OpFoldResult> SubOp::getMixedOffsets() { return mixed(getOffsets(), getStaticOffsets(), getContext()); }

LogicalResult SubOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location, ValueRange operands,
                                      DictionaryAttr attrs, OpaqueProperties properties, RegionRange regions,
                                      SmallVectorImpl<Type> &types) {
  Adaptor adaptor(operands, attrs, properties, regions);
  auto source = dyn_cast<SmemType>(adaptor.getSource().getType());
  if (!source || adaptor.getSizes().size() != source.getRank())
    return emitOptionalError(location, "'tile.sub' op has an offset and a size for every dimension of its source");
  ArrayRef<int64_t> sizes = adaptor.getSizes();
  while (sizes.size() > 2 && sizes.front() == 1)
    sizes = sizes.drop_front();
  // A row of an unswizzled buffer is a vector.
  if (!source.getSwizzle() && sizes.size() == 2 && sizes.front() == 1)
    sizes = sizes.drop_front();
  int64_t panelRows = sizes.size() < 2 ? 1 : source.getSwizzle() ? source.getPanelRows() : sizes[sizes.size() - 2];
  auto error = [&] { return mlir::emitError(location.value_or(UnknownLoc::get(context))) << "'tile.sub' op "; };
  auto view = SmemType::getChecked(error, context, sizes, source.getElementType(), source.getSwizzle(), panelRows);
  if (!view)
    return failure();
  types.push_back(view);
  return success();
}

LogicalResult SubOp::verify() {
  SmemType source = getSource().getType();
  ArrayRef<int64_t> sizes = getSizes();
  if (getStaticOffsets().size() != source.getRank())
    return emitOpError() << "has an offset and a size for every dimension of its source";
  int64_t vector = source.getSwizzle() ? 128 / source.getElementBits() : 1;
  for (auto [i, offset] : llvm::enumerate(getStaticOffsets())) {
    int64_t extent = source.getShape()[i];
    bool rows = i + 2 == source.getRank(), columns = i + 1 == source.getRank();
    int64_t unit = !source.getSwizzle() ? 1 : rows ? 8 : columns ? vector : 1;
    if (sizes[i] < 1 || sizes[i] > extent || (!ShapedType::isDynamic(offset) && (offset < 0 || offset + sizes[i] > extent)))
      return emitOpError() << "leaves its source along dimension " << i << " of " << extent;
    if (sizes[i] % unit || (!ShapedType::isDynamic(offset) && offset % unit))
      return emitOpError() << "takes " << (rows ? "rows in eights" : "columns in multiples of 16 bytes")
                           << ", as the swizzle asks";
  }
  // The view is addressed by its own shape, so what it leaves out must lie outside it.
  bool partial = false;
  for (unsigned i = source.getRank(); i-- > 0;) {
    bool tile = i + 2 >= source.getRank() && source.getSwizzle();
    if (!tile && partial && sizes[i] > 1)
      return emitOpError() << "takes a part of dimension " << i + 1 << ", so dimension " << i
                           << " may have one element only: the view has no strides";
    partial |= sizes[i] != source.getShape()[i];
  }
  return success();
}

/// Constants among the offsets become attributes.
static LogicalResult foldOffsets(SubOp op, PatternRewriter &rewriter) {
  SmallVector<OpFoldResult> offsets = op.getMixedOffsets();
  bool changed = false;
  for (OpFoldResult &offset : offsets)
    if (auto value = dyn_cast<Value>(offset))
      if (std::optional<int64_t> constant = getConstantIntValue(value)) {
        offset = rewriter.getIndexAttr(*constant);
        changed = true;
      }
  if (!changed)
    return rewriter.notifyMatchFailure(op, "no offset is a constant");
  SmallVector<Value> values;
  SmallVector<int64_t> constants;
  split(offsets, values, constants);
  rewriter.replaceOpWithNewOp<SubOp>(op, op.getView().getType(), op.getSource(), values, constants, op.getSizes());
  return success();
}

/// A part of a part is a part of the whole.
static LogicalResult subOfSub(SubOp op, PatternRewriter &rewriter) {
  auto outer = op.getSource().getDefiningOp<SubOp>();
  if (!outer)
    return rewriter.notifyMatchFailure(op, "its source is no part of something");
  SmallVector<OpFoldResult> offsets = outer.getMixedOffsets(), inner = op.getMixedOffsets();
  size_t dropped = offsets.size() - inner.size();
  SmallVector<int64_t> sizes(dropped, 1);
  llvm::append_range(sizes, op.getSizes());
  for (size_t i = 0; i < inner.size(); ++i) {
    OpFoldResult &offset = offsets[dropped + i];
    std::optional<int64_t> a = getConstantIntValue(offset), b = getConstantIntValue(inner[i]);
    if (a && b)
      offset = rewriter.getIndexAttr(*a + *b);
    else if (a == 0)
      offset = inner[i];
    else if (b != 0)
      offset = arith::AddIOp::create(rewriter, op.getLoc(), getValueOrCreateConstantIndexOp(rewriter, op.getLoc(), offset),
                                     getValueOrCreateConstantIndexOp(rewriter, op.getLoc(), inner[i]))
                   .getResult();
  }
  SmallVector<Value> values;
  SmallVector<int64_t> constants;
  split(offsets, values, constants);
  rewriter.replaceOpWithNewOp<SubOp>(op, op.getView().getType(), outer.getSource(), values, constants, sizes);
  return success();
}

void SubOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *) {
  patterns.add(foldOffsets);
  patterns.add(subOfSub);
}

OpFoldResult SubOp::fold(FoldAdaptor) {
  // All of it.
  if (getView().getType() == getSource().getType() && llvm::all_of(getStaticOffsets(), [](int64_t o) { return o == 0; }))
    return getSource();
  return {};
}

//===----------------------------------------------------------------------===//
// cursor, next
//===----------------------------------------------------------------------===//

/// cursor of constant 0 is the start.
static LogicalResult startOfZero(CursorOp op, PatternRewriter &rewriter) {
  if (!op.getCount() || getConstantIntValue(op.getCount()) != 0)
    return rewriter.notifyMatchFailure(op, "no constant count of 0");
  rewriter.replaceOpWithNewOp<CursorOp>(op, op.getType(), Value());
  return success();
}

void CursorOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *) { patterns.add(startOfZero); }

OpFoldResult NextOp::fold(FoldAdaptor) {
  if (getBy() == 0)
    return getCursor();
  // next by a, then by b: next by a + b.
  if (auto before = getCursor().getDefiningOp<NextOp>()) {
    int64_t by = before.getBy() + getBy();
    if (by == 0)
      return before.getCursor();
    getCursorMutable().assign(before.getCursor());
    setBy(by);
    return getResult();
  }
  return {};
}

} // namespace ssm::tile
