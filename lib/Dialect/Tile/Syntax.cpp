//===- Syntax.cpp - pieces of the tile dialect's text -----------------------===//
#include "Syntax.h"

using namespace mlir;

namespace ssm::tile {

ParseResult parseSlot(OpAsmParser &parser, Unresolved &ring, std::optional<Unresolved> &instance,
                      std::optional<Unresolved> &cursor) {
  Unresolved index;
  if (parser.parseOperand(ring))
    return failure();
  if (failed(parser.parseOptionalLSquare()))
    return success();
  if (parser.parseOperand(index) || parser.parseRSquare())
    return failure();
  if (failed(parser.parseOptionalLSquare())) {
    cursor = index;
    return success();
  }
  instance = index;
  if (succeeded(parser.parseOptionalRSquare()))
    return success();
  cursor.emplace();
  return failure(parser.parseOperand(*cursor) || parser.parseRSquare());
}

void printSlot(OpAsmPrinter &printer, Operation *, Value ring, Value instance, Value cursor) {
  printer << ring;
  if (instance)
    printer << "[" << instance << "]";
  if (cursor)
    printer << "[" << cursor << "]";
  else if (instance)
    printer << "[]";
}

ParseResult parseIndices(OpAsmParser &parser, SmallVectorImpl<Unresolved> &values, DenseI64ArrayAttr &constants) {
  SmallVector<int64_t> list;
  auto parseOne = [&]() -> ParseResult {
    int64_t constant;
    OptionalParseResult integer = parser.parseOptionalInteger(constant);
    if (integer.has_value()) {
      list.push_back(constant);
      return *integer;
    }
    list.push_back(ShapedType::kDynamic);
    return parser.parseOperand(values.emplace_back());
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseOne))
    return failure();
  constants = parser.getBuilder().getDenseI64ArrayAttr(list);
  return success();
}

void printIndices(OpAsmPrinter &printer, Operation *, ValueRange values, DenseI64ArrayAttr constants) {
  printer << "[";
  auto value = values.begin();
  llvm::interleaveComma(constants.asArrayRef(), printer, [&](int64_t constant) {
    if (ShapedType::isDynamic(constant) && value != values.end())
      printer << *value++;
    else
      printer << constant;
  });
  printer << "]";
}

ParseResult parseSizes(OpAsmParser &parser, DenseI64ArrayAttr &sizes) {
  SmallVector<int64_t> list;
  if (failed(parser.parseOptionalLSquare()))
    return success();
  if (parser.parseCommaSeparatedList([&] { return parser.parseInteger(list.emplace_back()); }) ||
      parser.parseRSquare())
    return failure();
  sizes = parser.getBuilder().getDenseI64ArrayAttr(list);
  return success();
}

void printSizes(OpAsmPrinter &printer, Operation *, DenseI64ArrayAttr sizes) {
  if (!sizes)
    return;
  printer << "[";
  llvm::interleaveComma(sizes.asArrayRef(), printer);
  printer << "]";
}

ParseResult parseSize(OpAsmParser &parser, Attribute &size) {
  size = SizeAttr::parse(parser, {});
  return success(size != nullptr);
}

void printSize(OpAsmPrinter &printer, Operation *, Attribute size) {
  if (auto expression = dyn_cast_or_null<SizeAttr>(size))
    expression.print(printer);
  else
    printer << size;
}

ParseResult parseSizeList(OpAsmParser &parser, ArrayAttr &sizes) {
  SmallVector<Attribute> list;
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square,
                                     [&] { return parseSize(parser, list.emplace_back()); }))
    return failure();
  sizes = parser.getBuilder().getArrayAttr(list);
  return success();
}

void printSizeList(OpAsmPrinter &printer, Operation *op, ArrayAttr sizes) {
  printer << "[";
  llvm::interleaveComma(sizes, printer, [&](Attribute size) { printSize(printer, op, size); });
  printer << "]";
}

/// A list of sizes behind a keyword, or nothing.
static ParseResult parseSizesBehind(OpAsmParser &parser, StringRef keyword, ArrayAttr &sizes) {
  return failed(parser.parseOptionalKeyword(keyword)) ? success() : parseSizeList(parser, sizes);
}

static void printSizesBehind(OpAsmPrinter &printer, Operation *op, StringRef keyword, ArrayAttr sizes) {
  if (!sizes)
    return;
  printer << " " << keyword << " ";
  printSizeList(printer, op, sizes);
}

ParseResult parseOptionalSizes(OpAsmParser &parser, ArrayAttr &sizes) { return parseSizesBehind(parser, "sizes", sizes); }
void printOptionalSizes(OpAsmPrinter &printer, Operation *op, ArrayAttr sizes) { printSizesBehind(printer, op, "sizes", sizes); }
ParseResult parseOptionalWhere(OpAsmParser &parser, ArrayAttr &sizes) { return parseSizesBehind(parser, "where", sizes); }
void printOptionalWhere(OpAsmPrinter &printer, Operation *op, ArrayAttr sizes) { printSizesBehind(printer, op, "where", sizes); }

ParseResult parseOptionalOffset(OpAsmParser &parser, Attribute &offset) {
  return failed(parser.parseOptionalKeyword("offset")) ? success() : parseSize(parser, offset);
}

void printOptionalOffset(OpAsmPrinter &printer, Operation *op, Attribute offset) {
  if (!offset)
    return;
  printer << " offset ";
  printSize(printer, op, offset);
}

SmallVector<OpFoldResult> mixed(ValueRange values, ArrayRef<int64_t> constants, MLIRContext *context) {
  SmallVector<OpFoldResult> list;
  auto value = values.begin();
  Builder builder(context);
  for (int64_t constant : constants) {
    if (ShapedType::isDynamic(constant) && value != values.end())
      list.push_back(*value++);
    else
      list.push_back(builder.getIndexAttr(constant));
  }
  return list;
}

void split(ArrayRef<OpFoldResult> list, SmallVectorImpl<Value> &values, SmallVectorImpl<int64_t> &constants) {
  for (OpFoldResult entry : list) {
    if (auto value = dyn_cast<Value>(entry)) {
      values.push_back(value);
      constants.push_back(ShapedType::kDynamic);
    } else {
      constants.push_back(cast<IntegerAttr>(cast<Attribute>(entry)).getInt());
    }
  }
}

} // namespace ssm::tile
