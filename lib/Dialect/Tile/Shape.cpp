//===- Shape.cpp - parts, copies and positions of tiles ---------------------===//
#include "Syntax.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace ssm::tile {

static RankedTensorType tileOf(Value value) { return cast<RankedTensorType>(value.getType()); }

//===----------------------------------------------------------------------===//
// broadcast
//===----------------------------------------------------------------------===//

/// Says what keeps a value of type `from` from being replicated in `result`, if anything does.
static LogicalResult verifySpread(Type from, RankedTensorType result, function_ref<InFlightDiagnostic()> error) {
  auto complain = [&](auto... words) {
    if (error)
      (error() << ... << words);
    return failure();
  };
  auto source = dyn_cast<RankedTensorType>(from);
  if (!source)
    return from == result.getElementType() ? success() : complain("replicates ", from, " in a tile of ", result.getElementType());
  if (source.getElementType() != result.getElementType())
    return complain("changes elements from ", source.getElementType(), " to ", result.getElementType());
  SmallVector<int64_t> shape(result.getShape());
  Attribute to = result.getEncoding();
  if (auto row = dyn_cast_or_null<RowAttr>(source.getEncoding())) {
    Attribute parent = parentOf(row);
    if (parent != to && !(isa<AccAttr>(parent) && isa_and_nonnull<PartAttr>(to)))
      return complain("a row of ", parent, " is replicated in a tile of that layout", isa<AccAttr>(parent) ? " or #tile.part" : "",
                      ", not ", to);
    shape.pop_back();
    if (shape.empty())
      shape.push_back(1);
  } else if (isa_and_nonnull<ColAttr>(source.getEncoding())) {
    if (!isa_and_nonnull<AccAttr>(to))
      return complain("a col is replicated in a tile with layout #tile.acc, not ", to);
    shape.erase(shape.end() - 2);
  } else if (auto lanes = dyn_cast_or_null<LanesAttr>(source.getEncoding())) {
    // A vector in each row, where one thread row has them all.
    if (to != lanes || source.getRank() != 1 || result.getRank() != 2)
      return complain("replicates a vector over the rows of a tile of the same #tile.lanes layout");
    shape.erase(shape.begin());
  } else {
    return complain("replicates a scalar, a row, a col or a vector of lanes, not ", source);
  }
  if (ArrayRef<int64_t>(shape) != source.getShape())
    return complain(source, " does not fit the rows and columns of ", result);
  return success();
}

LogicalResult BroadcastOp::verify() {
  return verifySpread(getSource().getType(), tileOf(getResult()), [&] { return emitOpError(); });
}

bool BroadcastOp::spreads(Type from, RankedTensorType to) { return succeeded(verifySpread(from, to, nullptr)); }

OpFoldResult BroadcastOp::fold(FoldAdaptor adaptor) {
  RankedTensorType result = tileOf(getResult());
  if (auto value = dyn_cast_or_null<TypedAttr>(adaptor.getSource()); value && !isa<ShapedType>(value.getType()))
    return SplatElementsAttr::get(result, Attribute(value));
  if (auto splat = dyn_cast_or_null<SplatElementsAttr>(adaptor.getSource()))
    return SplatElementsAttr::get(result, splat.getSplatValue<Attribute>());
  return {};
}

//===----------------------------------------------------------------------===//
// slice, insert
//===----------------------------------------------------------------------===//

SmallVector<OpFoldResult> SliceOp::getMixedOffsets() { return mixed(getOffsets(), getStaticOffsets(), getContext()); }
SmallVector<OpFoldResult> InsertOp::getMixedOffsets() { return mixed(getOffsets(), getStaticOffsets(), getContext()); }

/// What a part of `whole` must be a multiple of along dimension `i`, with the layout's own dimensions counted.
static int64_t granule(RankedTensorType whole, unsigned i, bool inWarp) {
  Attribute layout = whole.getEncoding();
  unsigned rank = layoutRank(layout), last = whole.getRank() - 1;
  if (isa<LanesAttr>(layout)) {
    auto lanes = cast<LanesAttr>(layout);
    return i == last ? lanes.getWidth() * lanes.getVector() : 1;
  }
  if (i + rank <= last)
    return 1; // a register block
  bool columns = i == last && (rank == 2 || isa<ColAttr>(layout));
  if (!columns) {
    auto row = dyn_cast<RowAttr>(layout);
    if (row && !isa<AccAttr>(parentOf(row)))
      return 1;
    return isa<OpbAttr>(layout) ? 16 : inWarp ? 16 : 64;
  }
  if (isa<PartAttr>(layout))
    return 4;
  if (isa<QuadAttr>(layout))
    return 32;
  return whole.getElementTypeBitWidth() == 16 && isa<AccAttr>(layout) ? 16 : 8;
}

static LogicalResult verifyPart(Operation *op, RankedTensorType part, RankedTensorType whole, ArrayRef<int64_t> offsets) {
  if (part.getEncoding() != whole.getEncoding() || part.getElementType() != whole.getElementType())
    return op->emitOpError() << part << " is no part of " << whole << ": layout and elements differ";
  if (int64_t(offsets.size()) != whole.getRank() || part.getRank() > whole.getRank())
    return op->emitOpError() << "has an offset for every dimension of " << whole;
  auto role = op->getParentOfType<RoleOp>();
  bool inWarp = op->getParentOfType<PerWarpOp>() || (role && role.getKind() == RoleKind::Warp) || !role;
  unsigned dropped = whole.getRank() - part.getRank();
  if (dropped > whole.getRank() - layoutRank(whole.getEncoding()) && !isa<LanesAttr>(whole.getEncoding()))
    return op->emitOpError() << "drops a dimension that the layout spreads";
  for (unsigned i = 0; i < whole.getRank(); ++i) {
    int64_t size = i < dropped ? 1 : part.getDimSize(i - dropped), offset = offsets[i];
    int64_t extent = whole.getDimSize(i);
    if (size > extent || (!ShapedType::isDynamic(offset) && (offset < 0 || offset + size > extent)))
      return op->emitOpError() << "leaves the tile along dimension " << i << " of " << extent;
    int64_t unit = granule(whole, i, inWarp);
    if (size != extent && (size % unit || (!ShapedType::isDynamic(offset) && offset % unit)))
      return op->emitOpError() << "along dimension " << i << " of " << whole << " parts come in multiples of " << unit
                               << " (what a register of all threads covers)";
  }
  return success();
}

LogicalResult SliceOp::verify() { return verifyPart(*this, tileOf(getResult()), tileOf(getSource()), getStaticOffsets()); }
LogicalResult InsertOp::verify() { return verifyPart(*this, tileOf(getSource()), tileOf(getDest()), getStaticOffsets()); }

/// Constants among the offsets become attributes.
static bool constantOffsets(SmallVector<OpFoldResult> &offsets, Builder &builder) {
  bool changed = false;
  for (OpFoldResult &offset : offsets)
    if (auto value = dyn_cast<Value>(offset))
      if (std::optional<int64_t> constant = getConstantIntValue(value)) {
        offset = builder.getIndexAttr(*constant);
        changed = true;
      }
  return changed;
}

static LogicalResult sliceConstants(SliceOp op, PatternRewriter &rewriter) {
  SmallVector<OpFoldResult> offsets = op.getMixedOffsets();
  if (!constantOffsets(offsets, rewriter))
    return rewriter.notifyMatchFailure(op, "no offset is a constant");
  SmallVector<Value> values;
  SmallVector<int64_t> constants;
  split(offsets, values, constants);
  rewriter.replaceOpWithNewOp<SliceOp>(op, op.getType(), op.getSource(), values, constants);
  return success();
}

static LogicalResult insertConstants(InsertOp op, PatternRewriter &rewriter) {
  SmallVector<OpFoldResult> offsets = op.getMixedOffsets();
  if (!constantOffsets(offsets, rewriter))
    return rewriter.notifyMatchFailure(op, "no offset is a constant");
  SmallVector<Value> values;
  SmallVector<int64_t> constants;
  split(offsets, values, constants);
  rewriter.replaceOpWithNewOp<InsertOp>(op, op.getType(), op.getSource(), op.getDest(), values, constants);
  return success();
}

/// A slice of something else that an insert left alone looks past the insert.
static LogicalResult sliceBesideInsert(SliceOp op, PatternRewriter &rewriter) {
  auto insert = op.getSource().getDefiningOp<InsertOp>();
  if (!insert || !op.getOffsets().empty() || !insert.getOffsets().empty())
    return rewriter.notifyMatchFailure(op, "no slice of an insert, both at constant offsets");
  RankedTensorType whole = tileOf(insert.getResult());
  auto sizeOf = [&](RankedTensorType part, unsigned i) {
    unsigned dropped = whole.getRank() - part.getRank();
    return i < dropped ? int64_t(1) : part.getDimSize(i - dropped);
  };
  for (unsigned i = 0; i < whole.getRank(); ++i) {
    int64_t a = op.getStaticOffsets()[i], b = insert.getStaticOffsets()[i];
    if (a + sizeOf(tileOf(op.getResult()), i) <= b || b + sizeOf(tileOf(insert.getSource()), i) <= a) {
      rewriter.modifyOpInPlace(op, [&] { op.getSourceMutable().assign(insert.getDest()); });
      return success();
    }
  }
  return rewriter.notifyMatchFailure(op, "the slice meets what was inserted");
}

void SliceOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *) {
  patterns.add(sliceConstants);
  patterns.add(sliceBesideInsert);
}
void InsertOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *) { patterns.add(insertConstants); }

OpFoldResult SliceOp::fold(FoldAdaptor adaptor) {
  if (getSource().getType() == getType())
    return getSource();
  if (auto splat = dyn_cast_or_null<SplatElementsAttr>(adaptor.getSource()))
    return splat.resizeSplat(tileOf(getResult()));
  auto insert = getSource().getDefiningOp<InsertOp>();
  if (insert && getOffsets().empty() && insert.getOffsets().empty() && insert.getSource().getType() == getType() &&
      insert.getStaticOffsets() == getStaticOffsets())
    return insert.getSource();
  return {};
}

OpFoldResult InsertOp::fold(FoldAdaptor) {
  return getSource().getType() == getType() ? OpFoldResult(getSource()) : OpFoldResult();
}

//===----------------------------------------------------------------------===//
// iota, any, convert
//===----------------------------------------------------------------------===//

LogicalResult IotaOp::verify() {
  RankedTensorType result = tileOf(getResult());
  if (!result.getElementType().isInteger(32))
    return emitOpError() << "gives i32, not " << result.getElementType();
  if (int64_t(getDim()) >= result.getRank())
    return emitOpError() << "counts along dimension " << getDim() << " of " << result.getRank();
  if (isa<PartAttr>(result.getEncoding()))
    return emitOpError() << "a column of #tile.part stands for many";
  return success();
}

LogicalResult AnyOp::verify() {
  if (!tileOf(getSource()).getElementType().isInteger(1))
    return emitOpError() << "votes on i1, not on " << tileOf(getSource()).getElementType();
  auto role = (*this)->getParentOfType<RoleOp>();
  if (role && role.getKind() == RoleKind::Group && !(*this)->getParentOfType<PerWarpOp>())
    return emitOpError() << "is a warp's vote: in a warp role or tile.per_warp";
  return success();
}

LogicalResult ConvertOp::verify() {
  RankedTensorType source = tileOf(getSource()), result = tileOf(getResult());
  if (source.getShape() != result.getShape() || source.getElementType() != result.getElementType())
    return emitOpError() << "changes the layout alone, not " << source << " to " << result;
  Attribute from = source.getEncoding(), to = result.getEncoding();
  if ((isa<AccAttr>(from) && isa<QuadAttr>(to)) || (isa<QuadAttr>(from) && isa<AccAttr>(to)) || from == to)
    return success();
  return emitOpError() << "no registers and shuffles of a quad take " << from << " to " << to
                       << ": store the tile to a shared buffer and load it from there";
}

OpFoldResult ConvertOp::fold(FoldAdaptor) {
  if (getSource().getType() == getType())
    return getSource();
  auto before = getSource().getDefiningOp<ConvertOp>();
  return before && before.getSource().getType() == getType() ? OpFoldResult(before.getSource()) : OpFoldResult();
}

} // namespace ssm::tile
