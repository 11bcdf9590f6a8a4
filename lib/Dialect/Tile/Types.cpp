//===- Types.cpp - buffers, rings, maps, flights ----------------------------===//
#include "ssm/Dialect/Tile/Tile.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace ssm::tile {

static bool isSwizzle(int64_t bytes) { return bytes == 0 || bytes == 32 || bytes == 64 || bytes == 128; }

/// `, sw128` (or ` sw128` in a ring) or nothing.
static ParseResult parseSwizzle(AsmParser &parser, int64_t &swizzle) {
  StringRef word;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&word))
    return failure();
  swizzle = llvm::StringSwitch<int64_t>(word).Case("sw32", 32).Case("sw64", 64).Case("sw128", 128).Default(0);
  return swizzle ? success() : parser.emitError(loc, "expected sw32, sw64 or sw128");
}

//===----------------------------------------------------------------------===//
// smem
//===----------------------------------------------------------------------===//

SmemType SmemType::get(MLIRContext *context, ArrayRef<int64_t> shape, Type elementType, int64_t swizzle) {
  return get(context, shape, elementType, swizzle, shape.size() < 2 ? 1 : shape[shape.size() - 2]);
}

Type SmemType::parse(AsmParser &parser) {
  SmallVector<int64_t> shape;
  Type elementType;
  int64_t swizzle = 0, panelRows = 0;
  if (parser.parseLess() || parser.parseDimensionList(shape, /*allowDynamic=*/false) || parser.parseType(elementType))
    return {};
  while (succeeded(parser.parseOptionalComma())) {
    if (succeeded(parser.parseOptionalKeyword("rows"))) {
      if (parser.parseEqual() || parser.parseInteger(panelRows))
        return {};
    } else if (parseSwizzle(parser, swizzle)) {
      return {};
    }
  }
  if (parser.parseGreater())
    return {};
  if (!panelRows)
    panelRows = shape.size() < 2 ? 1 : shape[shape.size() - 2];
  return parser.getChecked<SmemType>(parser.getContext(), ArrayRef(shape), elementType, swizzle, panelRows);
}

static void printShape(AsmPrinter &printer, SmemType type) {
  for (int64_t size : type.getShape())
    printer << size << "x";
  printer << type.getElementType();
}

void SmemType::print(AsmPrinter &printer) const {
  printer << "<";
  printShape(printer, *this);
  if (getSwizzle())
    printer << ", sw" << getSwizzle();
  if (getPanelRows() != getRows())
    printer << ", rows = " << getPanelRows();
  printer << ">";
}

LogicalResult SmemType::verify(function_ref<InFlightDiagnostic()> emitError, ArrayRef<int64_t> shape, Type elementType,
                               int64_t swizzle, int64_t panelRows) {
  if (!elementType.isIntOrFloat() || elementType.getIntOrFloatBitWidth() % 8)
    return emitError() << "a shared buffer holds elements of whole bytes, not " << elementType;
  if (llvm::any_of(shape, [](int64_t size) { return size <= 0; }))
    return emitError() << "a shared buffer's sizes are positive";
  if (!isSwizzle(swizzle))
    return emitError() << "a swizzle is 32, 64 or 128 bytes, not " << swizzle;
  if (!swizzle)
    return success();
  if (shape.size() < 2)
    return emitError() << "only a tile of rows and columns can be swizzled";
  int64_t rows = shape[shape.size() - 2], bytes = shape.back() * elementType.getIntOrFloatBitWidth() / 8;
  if (rows % 8 || panelRows % 8)
    return emitError() << "a swizzled tile has a multiple of 8 rows, not " << rows;
  if (rows > panelRows)
    return emitError() << "a view of " << rows << " rows of panels of " << panelRows << " rows";
  if (bytes % swizzle)
    return emitError() << "rows of " << bytes << " bytes do not divide into panels of " << swizzle << " bytes";
  return success();
}

int64_t SmemType::getNumElements() const { return ShapedType::getNumElements(getShape()); }
int64_t SmemType::getBytes() const { return getNumElements() * getElementBits() / 8; }
int64_t SmemType::getNumTiles() const {
  return getRank() <= 2 ? 1 : ShapedType::getNumElements(getShape().drop_back(2));
}
int64_t SmemType::getPanelColumns() const {
  return getSwizzle() ? getSwizzle() * 8 / int64_t(getElementBits()) : getColumns();
}
int64_t SmemType::getPanelBytes() const {
  return getPanelRows() * (getSwizzle() ? getSwizzle() : getColumns() * getElementBits() / 8);
}
int64_t SmemType::getTileBytes() const {
  return getPanelBytes() * llvm::divideCeil(getColumns(), getPanelColumns());
}

//===----------------------------------------------------------------------===//
// ring
//===----------------------------------------------------------------------===//

/// `2 x 3, q: 192x64xbf16 sw128, at: 2xi32`
Type RingType::parse(AsmParser &parser) {
  int64_t slots, copies = 1;
  SmallVector<StringAttr> names;
  SmallVector<Type> parts;
  if (parser.parseLess() || parser.parseInteger(slots))
    return {};
  if (succeeded(parser.parseOptionalKeyword("x")) && parser.parseInteger(copies))
    return {};
  while (succeeded(parser.parseOptionalComma())) {
    StringRef name;
    SmallVector<int64_t> shape;
    Type elementType;
    int64_t swizzle = 0;
    SMLoc loc = parser.getCurrentLocation();
    if (parser.parseKeyword(&name))
      return {};
    names.push_back(StringAttr::get(parser.getContext(), name));
    if (parser.parseColon() || parser.parseDimensionList(shape, /*allowDynamic=*/false) ||
        parser.parseType(elementType))
      return {};
    for (auto [word, bytes] : {std::pair("sw32", 32), {"sw64", 64}, {"sw128", 128}})
      if (succeeded(parser.parseOptionalKeyword(word)))
        swizzle = bytes;
    auto error = [&] { return parser.emitError(loc); };
    auto part = SmemType::getChecked(error, parser.getContext(), ArrayRef(shape), elementType, swizzle,
                                     shape.size() < 2 ? 1 : shape[shape.size() - 2]);
    if (!part)
      return {};
    parts.push_back(part);
  }
  if (parser.parseGreater())
    return {};
  return parser.getChecked<RingType>(parser.getContext(), slots, copies, ArrayRef(names), ArrayRef(parts));
}

void RingType::print(AsmPrinter &printer) const {
  printer << "<" << getSlots();
  if (getCopies() != 1)
    printer << " x " << getCopies();
  for (unsigned i = 0; i < getNumParts(); ++i) {
    printer << ", " << getNames()[i].getValue() << ": ";
    printShape(printer, getPart(i));
    if (int64_t swizzle = getPart(i).getSwizzle())
      printer << " sw" << swizzle;
  }
  printer << ">";
}

LogicalResult RingType::verify(function_ref<InFlightDiagnostic()> emitError, int64_t slots, int64_t copies,
                               ArrayRef<StringAttr> names, ArrayRef<Type> parts) {
  if (slots < 1 || copies < 1)
    return emitError() << "a ring has at least one slot";
  if (names.size() != parts.size())
    return emitError() << "a ring's parts have a name each";
  llvm::DenseSet<StringAttr> seen;
  for (auto [name, part] : llvm::zip(names, parts)) {
    if (!isa<SmemType>(part))
      return emitError() << "a ring's part is a shared buffer, not " << part;
    if (!seen.insert(name).second)
      return emitError() << "two parts of a ring are called '" << name.getValue() << "'";
  }
  return success();
}

SmemType RingType::getPart(unsigned i) const { return cast<SmemType>(getParts()[i]); }

std::optional<unsigned> RingType::findPart(StringRef name) const {
  for (auto [i, part] : llvm::enumerate(getNames()))
    if (part.getValue() == name)
      return i;
  return std::nullopt;
}

static int64_t alignmentOf(SmemType part) { return part.getSwizzle() ? 1024 : 16; }

int64_t RingType::getPartOffset(unsigned i) const {
  int64_t offset = 0;
  for (unsigned k = 0; k < i; ++k)
    offset = llvm::alignTo(offset, alignmentOf(getPart(k))) + getPart(k).getBytes();
  return llvm::alignTo(offset, alignmentOf(getPart(i)));
}

int64_t RingType::getSlotBytes() const {
  if (!getNumParts())
    return 0;
  int64_t alignment = 16;
  for (unsigned i = 0; i < getNumParts(); ++i)
    alignment = std::max(alignment, alignmentOf(getPart(i)));
  return llvm::alignTo(getPartOffset(getNumParts() - 1) + getPart(getNumParts() - 1).getBytes(), alignment);
}

//===----------------------------------------------------------------------===//
// map, global, cursor, flight, turns
//===----------------------------------------------------------------------===//

/// `bf16, 64x192x1x1, sw128`
Type MapType::parse(AsmParser &parser) {
  Type elementType;
  SmallVector<int64_t> box;
  int64_t swizzle = 0;
  if (parser.parseLess() || parser.parseType(elementType) || parser.parseComma() ||
      parser.parseDimensionList(box, /*allowDynamic=*/false, /*withTrailingX=*/false))
    return {};
  if (succeeded(parser.parseOptionalComma()) && parseSwizzle(parser, swizzle))
    return {};
  if (parser.parseGreater())
    return {};
  return parser.getChecked<MapType>(parser.getContext(), elementType, ArrayRef(box), swizzle);
}

void MapType::print(AsmPrinter &printer) const {
  printer << "<" << getElementType() << ", ";
  llvm::interleave(getBox(), printer.getStream(), "x");
  if (getSwizzle())
    printer << ", sw" << getSwizzle();
  printer << ">";
}

LogicalResult MapType::verify(function_ref<InFlightDiagnostic()> emitError, Type elementType, ArrayRef<int64_t> box,
                              int64_t swizzle) {
  if (!elementType.isIntOrFloat() || elementType.getIntOrFloatBitWidth() % 8)
    return emitError() << "a tensor map's elements are whole bytes, not " << elementType;
  if (box.empty() || box.size() > 5)
    return emitError() << "a tensor map has one to five dimensions, not " << box.size();
  for (int64_t size : box)
    if (size < 1 || size > 256)
      return emitError() << "a box is 1 to 256 elements along each dimension, not " << size;
  if (!isSwizzle(swizzle))
    return emitError() << "a swizzle is 32, 64 or 128 bytes, not " << swizzle;
  int64_t inner = box.front() * elementType.getIntOrFloatBitWidth() / 8;
  if (inner % 16)
    return emitError() << "a box's rows are multiples of 16 bytes, not " << inner;
  if (swizzle && inner > swizzle)
    return emitError() << "a box's rows of " << inner << " bytes do not fit a swizzle of " << swizzle << " bytes";
  return success();
}

int64_t MapType::getBoxBytes() const {
  return ShapedType::getNumElements(getBox()) * getElementType().getIntOrFloatBitWidth() / 8;
}

LogicalResult GlobalType::verify(function_ref<InFlightDiagnostic()> emitError, Type elementType, int64_t rank,
                                 int64_t vector) {
  if (!elementType.isIntOrFloat() || elementType.getIntOrFloatBitWidth() % 8)
    return emitError() << "a global view's elements are whole bytes, not " << elementType;
  if (rank < 0 || rank > 8)
    return emitError() << "a global view has zero to eight dimensions, not " << rank;
  if (vector < 1 || !llvm::isPowerOf2_64(vector) || vector * elementType.getIntOrFloatBitWidth() > 128)
    return emitError() << "a global view's vectors are a power of two of elements, 16 bytes at most";
  return success();
}

LogicalResult CursorType::verify(function_ref<InFlightDiagnostic()> emitError, int64_t slots) {
  return slots >= 1 ? success() : emitError() << "a cursor's ring has at least one slot";
}

LogicalResult TurnsType::verify(function_ref<InFlightDiagnostic()> emitError, int64_t count) {
  return count >= 2 ? success() : emitError() << "two or more take turns, not " << count;
}

LogicalResult FlightType::verify(function_ref<InFlightDiagnostic()> emitError, RankedTensorType tile) {
  if (isa_and_nonnull<AccAttr>(tile.getEncoding()) && tile.getElementType().isF32() && tile.getRank() == 2)
    return success();
  return emitError() << "a product in flight is an f32 tile of rows and columns with layout #tile.acc, not " << tile;
}

Type cursorOf(Type ring) { return CursorType::get(ring.getContext(), cast<RingType>(ring).getSlots()); }

} // namespace ssm::tile
