//===- Layouts.cpp - what shapes a layout can spread ------------------------===//
#include "ssm/Dialect/Tile/Tile.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace ssm::tile {

using EmitError = function_ref<InFlightDiagnostic()>;

Attribute layoutOf(Type type) {
  auto tensor = dyn_cast_or_null<RankedTensorType>(type);
  if (!tensor || !isa_and_nonnull<AccAttr, PartAttr, RowAttr, ColAttr, QuadAttr, LanesAttr, OpbAttr>(tensor.getEncoding()))
    return {};
  return tensor.getEncoding();
}

bool isRegisterTile(Type type) { return layoutOf(type) != nullptr; }

Attribute parentOf(RowAttr row) { return row.getParent() ? row.getParent() : AccAttr::get(row.getContext()); }

unsigned layoutRank(Attribute layout) { return isa<RowAttr, ColAttr>(layout) ? 1 : 2; }

static LogicalResult verifyRank(ArrayRef<int64_t> shape, unsigned rank, StringRef name, EmitError emitError) {
  if (shape.size() < rank)
    return emitError() << "a tile with layout #tile." << name << " has at least " << rank << " dimensions, not "
                       << shape.size();
  if (llvm::any_of(shape, [](int64_t size) { return size <= 0; }))
    return emitError() << "a tile's sizes are known and positive";
  return success();
}

static LogicalResult verifyElement(Type element, EmitError emitError) {
  if (element.isF32() || element.isInteger(32) || element.isBF16() || element.isF16() || element.isInteger(1))
    return success();
  return emitError() << "a tile's elements are f32, i32, bf16, f16 or i1, not " << element;
}

static LogicalResult verifyMultiple(int64_t size, int64_t of, StringRef what, StringRef name, EmitError emitError) {
  if (size % of == 0)
    return success();
  return emitError() << "a tile with layout #tile." << name << " has a multiple of " << of << " " << what << ", not " << size;
}

LogicalResult AccAttr::verifyEncoding(ArrayRef<int64_t> shape, Type element, EmitError emitError) const {
  if (failed(verifyRank(shape, 2, "acc", emitError)) || failed(verifyElement(element, emitError)) ||
      failed(verifyMultiple(shape[shape.size() - 2], 16, "rows", "acc", emitError)))
    return failure();
  return verifyMultiple(shape.back(), 8, "columns", "acc", emitError);
}

LogicalResult PartAttr::verifyEncoding(ArrayRef<int64_t> shape, Type element, EmitError emitError) const {
  if (failed(verifyRank(shape, 2, "part", emitError)) || failed(verifyElement(element, emitError)) ||
      failed(verifyMultiple(shape[shape.size() - 2], 16, "rows", "part", emitError)))
    return failure();
  if (shape.back() != 4)
    return emitError() << "a tile with layout #tile.part has 4 columns, one a lane of the quad, not " << shape.back();
  if (element.getIntOrFloatBitWidth() == 16)
    return emitError() << "a tile with layout #tile.part holds 32-bit values, not " << element;
  return success();
}

LogicalResult RowAttr::verify(EmitError emitError, Attribute parent) {
  if (!parent || isa<AccAttr, LanesAttr>(parent))
    return success();
  return emitError() << "a row's parent is #tile.acc or #tile.lanes, not " << parent;
}

LogicalResult RowAttr::verifyEncoding(ArrayRef<int64_t> shape, Type element, EmitError emitError) const {
  if (failed(verifyRank(shape, 1, "row", emitError)) || failed(verifyElement(element, emitError)))
    return failure();
  if (element.getIntOrFloatBitWidth() == 16)
    return emitError() << "a tile with layout #tile.row holds 32-bit values, not " << element;
  return isa<AccAttr>(parentOf(*this)) ? verifyMultiple(shape.back(), 16, "elements", "row", emitError) : success();
}

LogicalResult ColAttr::verifyEncoding(ArrayRef<int64_t> shape, Type element, EmitError emitError) const {
  if (failed(verifyRank(shape, 1, "col", emitError)) || failed(verifyElement(element, emitError)))
    return failure();
  return verifyMultiple(shape.back(), 8, "elements", "col", emitError);
}

LogicalResult QuadAttr::verifyEncoding(ArrayRef<int64_t> shape, Type element, EmitError emitError) const {
  if (failed(verifyRank(shape, 2, "quad", emitError)) || failed(verifyElement(element, emitError)) ||
      failed(verifyMultiple(shape[shape.size() - 2], 16, "rows", "quad", emitError)))
    return failure();
  if (element.getIntOrFloatBitWidth() != 16)
    return emitError() << "a tile with layout #tile.quad holds 16-bit elements, not " << element
                       << "; 32-bit ones are stored from #tile.acc as they are";
  return verifyMultiple(shape.back(), 32, "columns", "quad", emitError);
}

LogicalResult LanesAttr::verify(EmitError emitError, int64_t width, int64_t vector) {
  if (width < 1 || width > 128 || !llvm::isPowerOf2_64(width))
    return emitError() << "the threads that share a row are a power of two up to 128, not " << width;
  if (vector < 1 || vector > 32 || !llvm::isPowerOf2_64(vector))
    return emitError() << "a thread's contiguous elements are a power of two up to 32, not " << vector;
  return success();
}

LogicalResult LanesAttr::verifyEncoding(ArrayRef<int64_t> shape, Type element, EmitError emitError) const {
  if (failed(verifyRank(shape, 1, "lanes", emitError)) || failed(verifyElement(element, emitError)))
    return failure();
  if (element.getIntOrFloatBitWidth() == 16 && getVector() % 2)
    return emitError() << "16-bit elements are held in pairs: #tile.lanes<" << getWidth() << ", 1> splits them";
  return verifyMultiple(shape.back(), getWidth() * getVector(), "columns (threads of a row times vector)", "lanes", emitError);
}

LogicalResult OpbAttr::verifyEncoding(ArrayRef<int64_t> shape, Type element, EmitError emitError) const {
  if (failed(verifyRank(shape, 2, "opb", emitError)) ||
      failed(verifyMultiple(shape[shape.size() - 2], 16, "rows", "opb", emitError)))
    return failure();
  if (!element.isBF16() && !element.isF16())
    return emitError() << "a tile with layout #tile.opb holds bf16 or f16, not " << element;
  return verifyMultiple(shape.back(), 8, "columns", "opb", emitError);
}

} // namespace ssm::tile
