//===- Copy.cpp - what the copy engine does ---------------------------------===//
#include "Syntax.h"

using namespace mlir;

namespace ssm::tile {

/// Where the role's kind is known already, it must be `kind`.
static LogicalResult verifyKind(Operation *op, RoleKind kind) {
  auto role = op->getParentOfType<RoleOp>();
  if (!role || role.getKind() == kind)
    return success();
  return op->emitOpError() << "is for a role of kind " << stringifyRoleKind(kind) << "; role @" << role.getName()
                           << " is a " << stringifyRoleKind(role.getKind());
}

//===----------------------------------------------------------------------===//
// fetch
//===----------------------------------------------------------------------===//

static unsigned rankOf(Type source) {
  if (auto map = dyn_cast<MapType>(source))
    return map.getRank();
  return cast<GlobalType>(source).getRank();
}

SmallVector<FetchOp::Entry> FetchOp::getEntries() {
  SmallVector<Entry> entries;
  ArrayRef<OpFoldResult> rest;
  SmallVector<OpFoldResult> values = mixed(getValues(), getStaticValues(), getContext());
  rest = values;
  auto source = getSources().begin();
  auto kernel = (*this)->getParentOfType<KernelOp>();
  for (auto [i, part, copied] : llvm::enumerate(getParts(), getCopies())) {
    Entry entry;
    entry.part = part;
    if (getAcross() && (*getAcross())[i] >= 0) {
      entry.across = (*getAcross())[i];
      entry.shares = kernel ? kernel.getClusterDim(*entry.across) : 1;
    }
    int64_t count;
    if (copied) {
      entry.source = *source++;
      count = rankOf(entry.source.getType());
    } else {
      count = getRing().getType().getPart(part).getNumElements();
    }
    count = std::min<int64_t>(count, rest.size());
    entry.values.assign(rest.begin(), rest.begin() + count);
    rest = rest.drop_front(count);
    entries.push_back(std::move(entry));
  }
  return entries;
}

int64_t FetchOp::getCopiedBytes() {
  int64_t bytes = 0;
  for (const Entry &entry : getEntries())
    bytes += getBytes(entry);
  return bytes;
}

int64_t FetchOp::getBytes(const Entry &entry) {
  if (!entry.source)
    return 0;
  if (auto map = dyn_cast<MapType>(entry.source.getType()))
    return map.getBoxBytes() * entry.shares;
  return getRing().getType().getPart(entry.part).getBytes();
}

/// `%ring[%c] part = %source[..] across 0, part = (..) hint(evict_first) : ring, sources`
ParseResult FetchOp::parse(OpAsmParser &parser, OperationState &result) {
  Unresolved ring;
  std::optional<Unresolved> instance, cursor;
  SmallVector<Unresolved> sources, values;
  SmallVector<SMLoc> partLocs;
  SmallVector<std::string> partNames;
  SmallVector<bool> copies;
  SmallVector<int64_t> constants;
  SmallVector<int32_t> across;
  /// How many values each entry has, and where they start among the operands.
  SmallVector<SmallVector<bool>> valueIsOperand;
  Builder &builder = parser.getBuilder();
  if (parseSlot(parser, ring, instance, cursor))
    return failure();
  auto parseValue = [&]() -> ParseResult {
    int64_t constant;
    OptionalParseResult integer = parser.parseOptionalInteger(constant);
    valueIsOperand.back().push_back(!integer.has_value());
    if (integer.has_value()) {
      constants.push_back(constant);
      return *integer;
    }
    constants.push_back(ShapedType::kDynamic);
    return parser.parseOperand(values.emplace_back());
  };
  auto parseEntry = [&]() -> ParseResult {
    StringRef name;
    partLocs.push_back(parser.getCurrentLocation());
    if (parser.parseKeyword(&name) || parser.parseEqual())
      return failure();
    partNames.push_back(name.str());
    valueIsOperand.emplace_back();
    across.push_back(-1);
    Unresolved source;
    OptionalParseResult operand = parser.parseOptionalOperand(source);
    copies.push_back(operand.has_value());
    if (operand.has_value()) {
      if (failed(*operand))
        return failure();
      sources.push_back(source);
      if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseValue))
        return failure();
      return succeeded(parser.parseOptionalKeyword("across")) ? parser.parseInteger(across.back()) : success();
    }
    return parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, parseValue);
  };
  if (parser.parseCommaSeparatedList(parseEntry))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("hint"))) {
    StringRef word;
    SMLoc loc = parser.getCurrentLocation();
    if (parser.parseLParen() || parser.parseKeyword(&word) || parser.parseRParen())
      return failure();
    std::optional<CacheHint> hint = symbolizeCacheHint(word);
    if (!hint)
      return parser.emitError(loc, "expected normal, evict_first or evict_last");
    result.addAttribute(getHintAttrName(result.name), CacheHintAttr::get(builder.getContext(), *hint));
  }
  RingType ringType;
  SmallVector<Type> sourceTypes;
  if (parser.parseOptionalAttrDict(result.attributes) || parser.parseColonType(ringType))
    return failure();
  for (unsigned i = 0; i < sources.size(); ++i)
    if (parser.parseComma() || parser.parseType(sourceTypes.emplace_back()))
      return failure();

  SmallVector<int32_t> parts;
  SmallVector<Type> valueTypes;
  for (auto [i, name] : llvm::enumerate(partNames)) {
    std::optional<unsigned> part = ringType.findPart(name);
    if (!part)
      return parser.emitError(partLocs[i]) << "the ring has no part '" << name << "'";
    parts.push_back(*part);
    bool isFloat = !copies[i] && ringType.getPart(*part).getElementType().isF32();
    for (bool isOperand : valueIsOperand[i])
      if (isOperand)
        valueTypes.push_back(isFloat ? Type(builder.getF32Type()) : builder.getIndexType());
  }
  result.addAttribute(getPartsAttrName(result.name), builder.getDenseI32ArrayAttr(parts));
  result.addAttribute(getCopiesAttrName(result.name), builder.getDenseBoolArrayAttr(copies));
  result.addAttribute(getStaticValuesAttrName(result.name), builder.getDenseI64ArrayAttr(constants));
  if (llvm::any_of(across, [](int32_t dim) { return dim >= 0; }))
    result.addAttribute(getAcrossAttrName(result.name), builder.getDenseI32ArrayAttr(across));
  auto resolveOne = [&](const Unresolved &operand, Type type) { return parser.resolveOperand(operand, type, result.operands); };
  if (resolveOne(ring, ringType) || (instance && resolveOne(*instance, builder.getIndexType())) ||
      (cursor && resolveOne(*cursor, cursorOf(ringType))) ||
      parser.resolveOperands(sources, sourceTypes, parser.getCurrentLocation(), result.operands) ||
      parser.resolveOperands(values, valueTypes, parser.getCurrentLocation(), result.operands))
    return failure();
  llvm::copy(ArrayRef<int32_t>{1, instance ? 1 : 0, cursor ? 1 : 0, int32_t(sources.size()), int32_t(values.size())},
             result.getOrAddProperties<Properties>().operandSegmentSizes.begin());
  return success();
}

void FetchOp::print(OpAsmPrinter &printer) {
  printer << ' ';
  printSlot(printer, *this, getRing(), getInstance(), getCursor());
  printer << ' ';
  auto printValue = [&](OpFoldResult value) {
    if (auto operand = dyn_cast<Value>(value))
      printer << operand;
    else
      printer << cast<IntegerAttr>(cast<Attribute>(value)).getInt();
  };
  llvm::interleaveComma(getEntries(), printer, [&](const Entry &entry) {
    printer << getRing().getType().getNames()[entry.part].getValue() << " = ";
    if (entry.source)
      printer << entry.source << "[";
    else
      printer << "(";
    llvm::interleaveComma(entry.values, printer, printValue);
    printer << (entry.source ? "]" : ")");
    if (entry.across)
      printer << " across " << *entry.across;
  });
  if (getHint() != CacheHint::Normal)
    printer << " hint(" << stringifyCacheHint(getHint()) << ")";
  printer.printOptionalAttrDict((*this)->getAttrs(),
                                {getHintAttrName(), getPartsAttrName(), getCopiesAttrName(), getAcrossAttrName(), getStaticValuesAttrName(),
                                 getOperandSegmentSizesAttrName()});
  printer << " : " << getRing().getType();
  for (Value source : getSources())
    printer << ", " << source.getType();
}

LogicalResult FetchOp::verify() {
  RingType ring = getRing().getType();
  if ((ring.getCopies() > 1) != bool(getInstance()))
    return emitOpError() << (getInstance() ? "indexes a ring that is no array" : "does not say which ring of the array");
  if (failed(verifyKind(*this, RoleKind::Thread)))
    return failure();
  if (getParts().size() != getCopies().size() ||
      llvm::count(getCopies(), true) != int64_t(getSources().size()))
    return emitOpError() << "has a source for each copied part";
  if (getAcross() && getAcross()->size() != getParts().size())
    return emitOpError() << "says for each part across which CTAs it is copied";
  auto kernel = (*this)->getParentOfType<KernelOp>(); // none in a function that will be inlined
  bool shared = false;
  SmallVector<int64_t> copied(ring.getNumParts(), 0);
  SmallVector<bool> written(ring.getNumParts(), false);
  size_t used = 0;
  for (const Entry &entry : getEntries()) {
    if (entry.part >= ring.getNumParts())
      return emitOpError() << "the ring has no part " << entry.part;
    SmemType part = ring.getPart(entry.part);
    StringRef name = ring.getNames()[entry.part];
    used += entry.values.size();
    size_t wanted = entry.source ? rankOf(entry.source.getType()) : part.getNumElements();
    if (entry.values.size() != wanted)
      return emitOpError() << "gives " << entry.values.size() << " values for '" << name << "', which takes " << wanted;
    if (!entry.source) {
      if (written[entry.part] || copied[entry.part])
        return emitOpError() << "writes '" << name << "' twice";
      written[entry.part] = true;
      if (!part.getElementType().isInteger(32) && !part.getElementType().isF32())
        return emitOpError() << "stores scalars in '" << name << "' of " << part.getElementType() << ": i32 and f32 can be";
      continue;
    }
    if (written[entry.part])
      return emitOpError() << "writes '" << name << "' twice";
    if (auto map = dyn_cast<MapType>(entry.source.getType())) {
      if (map.getElementType() != part.getElementType())
        return emitOpError() << "copies " << map.getElementType() << " to '" << name << "' of " << part.getElementType();
      if (map.getSwizzle() != part.getSwizzle())
        return emitOpError() << "copies with a swizzle of " << map.getSwizzle() << " bytes to '" << name << "' of "
                             << part.getSwizzle();
      if (part.getSwizzle() && map.getBox().front() != part.getPanelColumns())
        return emitOpError() << "a box of " << map.getBox().front() << " columns for '" << name << "', whose panels have "
                             << part.getPanelColumns();
      if (!part.getSwizzle() && part.getRank() > 1 && map.getBox().front() != part.getColumns())
        return emitOpError() << "a box of " << map.getBox().front() << " columns for '" << name << "', which has "
                             << part.getColumns();
      if (entry.across && failed(KernelOp::verifyAcross(*this, *entry.across)))
        return failure();
      shared |= entry.across.has_value();
      copied[entry.part] += getBytes(entry);
      continue;
    }
    if (entry.across)
      return emitOpError() << "copies '" << name << "' across CTAs by boxes of a tensor map, not from a view";
    auto global = cast<GlobalType>(entry.source.getType());
    if (global.getElementType() != part.getElementType())
      return emitOpError() << "copies " << global.getElementType() << " to '" << name << "' of " << part.getElementType();
    if (part.getSwizzle())
      return emitOpError() << "copies contiguous bytes to '" << name << "', which is swizzled: a tensor map can";
    if (part.getBytes() % 16 || global.getVector() * part.getElementBits() != 128)
      return emitOpError() << "copies contiguous bytes to '" << name
                           << "': a multiple of 16 bytes, from a view that promises vectors of 16 bytes";
    copied[entry.part] += part.getBytes();
  }
  if (used != getStaticValues().size())
    return emitOpError() << "has values that belong to no part";
  for (unsigned i = 0; i < ring.getNumParts(); ++i)
    if (copied[i] && (kernel || !shared) && copied[i] != ring.getPart(i).getBytes())
      return emitOpError() << "the boxes bring " << copied[i] << " bytes to '" << ring.getNames()[i].getValue()
                           << "', which has " << ring.getPart(i).getBytes();
  return success();
}

//===----------------------------------------------------------------------===//
// send, send_wait
//===----------------------------------------------------------------------===//

SmallVector<OpFoldResult> SendOp::getMixedCoords() { return mixed(getCoords(), getStaticCoords(), getContext()); }

LogicalResult SendOp::verify() {
  SmemType view = getSource().getType();
  MapType map = getMap().getType();
  if (failed(verifyKind(*this, RoleKind::Thread)))
    return failure();
  if (getStaticCoords().size() != map.getRank())
    return emitOpError() << "has " << getStaticCoords().size() << " coordinates for a map of " << map.getRank() << " dimensions";
  if (map.getElementType() != view.getElementType() || map.getSwizzle() != view.getSwizzle())
    return emitOpError() << "the view and the map differ in element or swizzle";
  if (map.getBoxBytes() != view.getBytes())
    return emitOpError() << "the box has " << map.getBoxBytes() << " bytes, the view " << view.getBytes();
  if (map.getBox().front() != view.getPanelColumns())
    return emitOpError() << "a box of " << map.getBox().front() << " columns for panels of " << view.getPanelColumns();
  if (view.getPanelRows() != view.getRows() && view.getColumns() > view.getPanelColumns())
    return emitOpError() << "the view has " << view.getRows() << " of " << view.getPanelRows()
                         << " rows of several panels, which are not contiguous";
  return success();
}

LogicalResult SendWaitOp::verify() { return verifyKind(*this, RoleKind::Thread); }

//===----------------------------------------------------------------------===//
// copy
//===----------------------------------------------------------------------===//

SmallVector<OpFoldResult> CopyOp::getMixedOffsets() { return mixed(getOffsets(), getStaticOffsets(), getContext()); }

/// `%x[%r, 0][16, 64] -> %s by lanes<8, 8> arrive %R[%c] : global, smem, ring`
ParseResult CopyOp::parse(OpAsmParser &parser, OperationState &result) {
  Builder &builder = parser.getBuilder();
  Unresolved source, target, ring;
  std::optional<Unresolved> instance, cursor;
  SmallVector<Unresolved> offsets;
  DenseI64ArrayAttr constants, sizes;
  LanesAttr layout;
  GlobalType sourceType;
  SmemType targetType;
  RingType ringType;
  if (parser.parseOperand(source) || parseIndices(parser, offsets, constants) || parseSizes(parser, sizes) ||
      parser.parseArrow() || parser.parseOperand(target) || parser.parseKeyword("by") || parser.parseKeyword("lanes") || parser.parseCustomAttributeWithFallback(layout))
    return failure();
  bool arrives = succeeded(parser.parseOptionalKeyword("arrive"));
  if ((arrives && parseSlot(parser, ring, instance, cursor)) || parser.parseOptionalAttrDict(result.attributes) ||
      parser.parseColonType(sourceType) || parser.parseComma() || parser.parseType(targetType) ||
      (arrives && (parser.parseComma() || parser.parseType(ringType))))
    return failure();
  result.addAttribute(getStaticOffsetsAttrName(result.name), constants);
  if (sizes)
    result.addAttribute(getSizesAttrName(result.name), sizes);
  result.addAttribute(getLayoutAttrName(result.name), layout);
  auto resolveOne = [&](const Unresolved &operand, Type type) { return parser.resolveOperand(operand, type, result.operands); };
  if (resolveOne(source, sourceType) || parser.resolveOperands(offsets, builder.getIndexType(), result.operands) ||
      resolveOne(target, targetType) || (arrives && resolveOne(ring, ringType)) ||
      (instance && resolveOne(*instance, builder.getIndexType())) || (cursor && resolveOne(*cursor, cursorOf(ringType))))
    return failure();
  llvm::copy(ArrayRef<int32_t>{1, int32_t(offsets.size()), 1, arrives, instance ? 1 : 0, cursor ? 1 : 0},
             result.getOrAddProperties<Properties>().operandSegmentSizes.begin());
  return success();
}

void CopyOp::print(OpAsmPrinter &printer) {
  printer << ' ' << getSource();
  printIndices(printer, *this, getOffsets(), getStaticOffsetsAttr());
  printSizes(printer, *this, getSizesAttr());
  printer << " -> " << getTarget() << " by lanes";
  printer.printStrippedAttrOrType(getLayout());
  if (getRing()) {
    printer << " arrive ";
    printSlot(printer, *this, getRing(), getInstance(), getCursor());
  }
  printer.printOptionalAttrDict((*this)->getAttrs(), {getStaticOffsetsAttrName(), getSizesAttrName(), getLayoutAttrName(),
                                                      getOperandSegmentSizesAttrName()});
  printer << " : " << getSource().getType() << ", " << getTarget().getType();
  if (getRing())
    printer << ", " << getRing().getType();
}

LogicalResult CopyOp::verify() {
  GlobalType source = getSource().getType();
  SmemType target = getTarget().getType();
  auto role = (*this)->getParentOfType<RoleOp>();
  if (role && role.getKind() == RoleKind::Thread)
    return emitOpError() << "is done by many threads; role @" << role.getName() << " is one (fetch is its operation)";
  if (int64_t(getStaticOffsets().size()) != source.getRank() ||
      (getSizes() && int64_t(getSizes()->size()) != source.getRank()))
    return emitOpError() << "has an index (and a size) for every dimension of its source";
  if (source.getElementType() != target.getElementType())
    return emitOpError() << "copies " << source.getElementType() << " to " << target.getElementType();
  int64_t bytes = getLayout().getVector() * target.getElementBits() / 8;
  if (bytes != 4 && bytes != 8 && bytes != 16)
    return emitOpError() << "copies 4, 8 or 16 bytes a thread at once, not " << bytes;
  if (source.getVector() % getLayout().getVector())
    return emitOpError() << "copies vectors of " << getLayout().getVector() << " from a view that promises vectors of "
                         << source.getVector();
  if (target.getColumns() % (getLayout().getWidth() * getLayout().getVector()))
    return emitOpError() << "rows of " << target.getColumns() << " do not divide among " << getLayout().getWidth()
                         << " threads of " << getLayout().getVector();
  int64_t elements = 1;
  for (int64_t size : getSizes() ? *getSizes() : target.getShape())
    elements *= size;
  if (elements != target.getNumElements())
    return emitOpError() << "copies " << elements << " elements to a buffer of " << target.getNumElements();
  if (!getRing() && getCursor())
    return emitOpError() << "arrives at a slot of a ring";
  if (getRing() && ((getCursor() && getCursor().getType() != cursorOf(getRing().getType())) ||
                    (getRing().getType().getCopies() > 1) != bool(getInstance())))
    return emitOpError() << "the slot does not belong to the ring";
  return success();
}

} // namespace ssm::tile
