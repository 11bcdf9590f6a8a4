//===- Shape.cpp - within and between tiles ---------------------------------===//
#include "Syntax.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace ssm::tile {

static RankedTensorType tileOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// Kind and element type agree.
static LogicalResult verifyCombine(Operation *op, Combine kind, Type element) {
  bool integer = kind == Combine::AddI;
  if (integer ? element.isInteger(32) : element.isF32())
    return success();
  return op->emitOpError() << stringifyCombine(kind) << " combines " << (integer ? "i32" : "f32") << ", not " << element;
}

//===----------------------------------------------------------------------===//
// fold, reduce, scan
//===----------------------------------------------------------------------===//

LogicalResult FoldOp::verify() {
  RankedTensorType source = tileOf(getSource()), result = tileOf(getResult());
  if (failed(verifyCombine(*this, getKind(), source.getElementType())))
    return failure();
  SmallVector<int64_t> shape(source.getShape());
  shape.back() = 4;
  auto expected = isa<AccAttr>(source.getEncoding())
                      ? RankedTensorType::get(shape, source.getElementType(), PartAttr::get(getContext()))
                      : RankedTensorType();
  if (!expected)
    return emitOpError() << "folds the columns of a tile with layout #tile.acc, not of " << source;
  if (result != expected)
    return emitOpError() << "gives " << expected << ", not " << result;
  return success();
}

/// The result of a reduction and whether warps are crossed; null with a reason where no rule fits.
static RankedTensorType reduceResult(RankedTensorType source, RankedTensorType result, bool &crossesWarps,
                                     std::string &why) {
  MLIRContext *context = source.getContext();
  SmallVector<int64_t> shape(source.getShape());
  Attribute layout = source.getEncoding();
  crossesWarps = false;
  if (isa<ColAttr>(result.getEncoding()) && isa<AccAttr>(layout)) {
    crossesWarps = shape[shape.size() - 2] >= 64;
    shape.erase(shape.end() - 2);
    return RankedTensorType::get(shape, source.getElementType(), ColAttr::get(context));
  }
  if (isa<PartAttr, AccAttr>(layout)) {
    shape.pop_back();
    return RankedTensorType::get(shape, source.getElementType(), RowAttr::get(context, {}));
  }
  if (auto lanes = dyn_cast<LanesAttr>(layout)) {
    crossesWarps = lanes.getWidth() > 32;
    shape.pop_back();
    if (shape.empty())
      shape.push_back(1);
    return RankedTensorType::get(shape, source.getElementType(), RowAttr::get(context, lanes));
  }
  why = "reduces #tile.part, #tile.acc or #tile.lanes";
  return {};
}

LogicalResult ReduceOp::verify() {
  RankedTensorType source = tileOf(getSource()), result = tileOf(getResult());
  if (failed(verifyCombine(*this, getKind(), source.getElementType())))
    return failure();
  bool crosses;
  std::string why;
  RankedTensorType expected = reduceResult(source, result, crosses, why);
  if (!expected)
    return emitOpError() << why << ", not " << source;
  if (result != expected)
    return emitOpError() << "gives " << expected << " of " << source << ", not " << result;
  if (crosses && !getVia())
    return emitOpError() << "crosses warps, so it goes through a scratch buffer (via)";
  if (!crosses && getVia())
    return emitOpError() << "stays inside a warp: it needs no scratch buffer";
  if (!getVia())
    return success();
  SmemType via = getVia().getType();
  int64_t needed = 4 * expected.getNumElements();
  if (via.getSwizzle() || via.getElementType() != source.getElementType() || via.getNumElements() < needed)
    return emitOpError() << "needs a plain scratch buffer of " << needed << " " << source.getElementType()
                         << ", one a warp and result";
  return success();
}

void ReduceOp::getEffects(SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  if (!getVia())
    return;
  for (SideEffects::Resource *resource : {static_cast<SideEffects::Resource *>(SharedMemory::get()),
                                          static_cast<SideEffects::Resource *>(Barriers::get())}) {
    effects.emplace_back(MemoryEffects::Read::get(), resource);
    effects.emplace_back(MemoryEffects::Write::get(), resource);
  }
}

Speculation::Speculatability ReduceOp::getSpeculatability() {
  return getVia() ? Speculation::NotSpeculatable : Speculation::Speculatable;
}

LogicalResult ScanOp::verify() {
  RankedTensorType source = tileOf(getSource());
  auto lanes = dyn_cast<LanesAttr>(source.getEncoding());
  if (failed(verifyCombine(*this, getKind(), source.getElementType())))
    return failure();
  if (!lanes)
    return emitOpError() << "scans a tile with layout #tile.lanes, not " << source;
  if (lanes.getWidth() > 32)
    return emitOpError() << "scans within a warp; rows of " << lanes.getWidth() << " threads cross warps";
  if (getScale() && getKind() != Combine::AddF)
    return emitOpError() << "with factors it is h = a h + x, so addf";
  int64_t last = source.getShape().back();
  if (std::optional<int64_t> within = getWithin(); within && (*within < 1 || last % *within))
    return emitOpError() << "restarts every " << *within << " of " << last << " elements, which does not divide";
  return success();
}

LogicalResult GatherOp::verify() {
  RankedTensorType source = tileOf(getSource());
  AffineMap map = getMap();
  auto lanes = dyn_cast<LanesAttr>(source.getEncoding());
  if (!lanes || lanes.getWidth() > 32)
    return emitOpError() << "gathers within a warp, from a tile with layout #tile.lanes of at most 32 threads a row, not "
                         << source;
  if (map.getNumDims() != 1 || map.getNumSymbols() || map.getNumResults() != 1)
    return emitOpError() << "takes a map of one index to one index";
  int64_t size = source.getShape().back(), v = lanes.getVector(), wv = lanes.getWidth() * v;
  for (int64_t k = 0; k < size / wv; ++k)
    for (int64_t e = 0; e < v; ++e) {
      std::optional<int64_t> reg;
      for (int64_t t = 0; t < lanes.getWidth(); ++t) {
        int64_t i = k * wv + t * v + e;
        SmallVector<Attribute> folded;
        Attribute index = IntegerAttr::get(IndexType::get(getContext()), i);
        if (failed(map.constantFold({index}, folded)))
          return emitOpError() << "the map has no value at " << i;
        int64_t from = cast<IntegerAttr>(folded[0]).getInt();
        if (from < 0 || from >= size)
          return emitOpError() << "element " << i << " would take element " << from << " of " << size;
        int64_t register_ = from / wv * v + from % v;
        if (reg.value_or(register_) != register_)
          return emitOpError() << "register " << k * v + e << " would read registers " << *reg << " and " << register_
                               << ", depending on the thread";
        reg = register_;
      }
    }
  return success();
}

//===----------------------------------------------------------------------===//
// broadcast
//===----------------------------------------------------------------------===//

LogicalResult BroadcastOp::verify() {
  RankedTensorType result = tileOf(getResult());
  auto source = dyn_cast<RankedTensorType>(getSource().getType());
  if (!source) {
    Type scalar = getSource().getType();
    if (scalar != result.getElementType())
      return emitOpError() << "replicates " << scalar << " in a tile of " << result.getElementType();
    return success();
  }
  if (source.getElementType() != result.getElementType())
    return emitOpError() << "changes elements from " << source.getElementType() << " to " << result.getElementType();
  SmallVector<int64_t> shape(result.getShape());
  Attribute to = result.getEncoding();
  if (auto row = dyn_cast<RowAttr>(source.getEncoding())) {
    Attribute parent = parentOf(row);
    if (parent != to && !(isa<AccAttr>(parent) && isa<PartAttr>(to)))
      return emitOpError() << "a row of " << parent << " is replicated in a tile of that layout"
                           << (isa<AccAttr>(parent) ? " or #tile.part" : "") << ", not " << to;
    shape.pop_back();
    if (shape.empty())
      shape.push_back(1);
  } else if (isa<ColAttr>(source.getEncoding())) {
    if (!isa<AccAttr>(to))
      return emitOpError() << "a col is replicated in a tile with layout #tile.acc, not " << to;
    shape.erase(shape.end() - 2);
  } else if (auto lanes = dyn_cast<LanesAttr>(source.getEncoding())) {
    // A vector in each row, where one thread row has them all.
    if (to != lanes || source.getRank() != 1 || result.getRank() != 2)
      return emitOpError() << "replicates a vector over the rows of a tile of the same #tile.lanes layout";
    shape.erase(shape.begin());
  } else {
    return emitOpError() << "replicates a scalar, a row, a col or a vector of lanes, not " << source;
  }
  if (ArrayRef<int64_t>(shape) != source.getShape())
    return emitOpError() << source << " does not fit the rows and columns of " << result;
  return success();
}

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
// mask, iota, any, convert
//===----------------------------------------------------------------------===//

LogicalResult MaskOp::verify() {
  RankedTensorType source = tileOf(getSource());
  IntegerSet set = getSet();
  unsigned dims = isa<RowAttr, ColAttr>(source.getEncoding()) || source.getRank() == 1 ? 1 : 2;
  if (set.getNumDims() != dims)
    return emitOpError() << "the set has " << set.getNumDims() << " dimensions; positions in " << source << " have " << dims;
  if (set.getNumSymbols() != getSymbols().size())
    return emitOpError() << "gives " << getSymbols().size() << " of the set's " << set.getNumSymbols() << " symbols";
  if (isa<PartAttr>(source.getEncoding()))
    return emitOpError() << "a column of #tile.part stands for many: mask the tile that it came from";
  return success();
}

OpFoldResult MaskOp::fold(FoldAdaptor adaptor) {
  if (auto predicate = dyn_cast_or_null<IntegerAttr>(adaptor.getPredicate()); predicate && predicate.getValue().isZero())
    return getSource();
  return {};
}

/// The smallest and largest value of an affine expression over a box of dimensions, all symbols constant;
/// nullopt where it is not linear in them.
static std::optional<std::pair<int64_t, int64_t>> boundsOf(AffineExpr expr, ArrayRef<int64_t> sizes,
                                                           ArrayRef<int64_t> symbols) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return std::pair(constant.getValue(), constant.getValue());
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return std::pair<int64_t, int64_t>(0, sizes[dim.getPosition()] - 1);
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return std::pair(symbols[symbol.getPosition()], symbols[symbol.getPosition()]);
  auto binary = cast<AffineBinaryOpExpr>(expr);
  auto lhs = boundsOf(binary.getLHS(), sizes, symbols), rhs = boundsOf(binary.getRHS(), sizes, symbols);
  if (!lhs || !rhs)
    return std::nullopt;
  if (binary.getKind() == AffineExprKind::Add)
    return std::pair(lhs->first + rhs->first, lhs->second + rhs->second);
  if (binary.getKind() == AffineExprKind::Mul && rhs->first == rhs->second) {
    int64_t a = lhs->first * rhs->first, b = lhs->second * rhs->first;
    return std::pair(std::min(a, b), std::max(a, b));
  }
  return std::nullopt;
}

/// Whether the set holds everywhere (true) or nowhere (false) on a tile, where its symbols are constants.
static std::optional<bool> holdsThroughout(MaskOp op) {
  SmallVector<int64_t> symbols, sizes;
  for (Value symbol : op.getSymbols()) {
    std::optional<int64_t> constant = getConstantIntValue(symbol);
    if (!constant)
      return std::nullopt;
    symbols.push_back(*constant);
  }
  IntegerSet set = op.getSet();
  sizes.assign(tileOf(op.getSource()).getShape().take_back(set.getNumDims()).begin(),
               tileOf(op.getSource()).getShape().end());
  bool always = true;
  for (unsigned i = 0; i < set.getNumConstraints(); ++i) {
    auto bounds = boundsOf(set.getConstraint(i), sizes, symbols);
    if (!bounds)
      return std::nullopt;
    auto [low, high] = *bounds;
    if (high < 0 || (set.isEq(i) && low > 0))
      return false;
    always &= set.isEq(i) ? low == 0 && high == 0 : low >= 0;
  }
  return always ? std::optional(true) : std::nullopt;
}

/// A mask whose set is everything is its source, one whose set is empty the filler.
static LogicalResult maskDecided(MaskOp op, PatternRewriter &rewriter) {
  std::optional<bool> holds = holdsThroughout(op);
  if (!holds)
    return rewriter.notifyMatchFailure(op, "the set cuts the tile, or its symbols are not known");
  if (*holds) {
    rewriter.replaceOp(op, op.getSource());
    return success();
  }
  if (op.getPredicate())
    return rewriter.notifyMatchFailure(op, "nothing is kept, but only under a condition");
  rewriter.replaceOpWithNewOp<BroadcastOp>(op, op.getType(), op.getFill());
  return success();
}

/// A condition that is always true goes away.
static LogicalResult maskAlways(MaskOp op, PatternRewriter &rewriter) {
  if (!op.getPredicate() || getConstantIntValue(op.getPredicate()).value_or(0) == 0)
    return rewriter.notifyMatchFailure(op, "no condition that is constantly true");
  rewriter.modifyOpInPlace(op, [&] { op.getPredicateMutable().clear(); });
  return success();
}

void MaskOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *) {
  patterns.add(maskDecided);
  patterns.add(maskAlways);
}

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
