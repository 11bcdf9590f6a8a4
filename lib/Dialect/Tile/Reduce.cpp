//===- Reduce.cpp - folds, reductions, scans, gathers -----------------------===//
#include "ssm/Dialect/Tile/Tile.h"

using namespace mlir;

namespace ssm::tile {

static RankedTensorType tileOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// Kind and element type agree.
static LogicalResult verifyCombine(Operation *op, Combine kind, Type element) {
  bool integer = kind == Combine::AddI || kind == Combine::MaxSI || kind == Combine::MinSI;
  if (integer ? element.isInteger(32) : element.isF32())
    return success();
  return op->emitOpError() << stringifyCombine(kind) << " combines " << (integer ? "i32" : "f32") << ", not " << element;
}

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

} // namespace ssm::tile
