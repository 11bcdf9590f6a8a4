//===- SyncSyntax.cpp - what the synchronous operations write alike ---------===//
#include "SyncSyntax.h"

using namespace mlir;

namespace ssm::tile {

using Unresolved = OpAsmParser::UnresolvedOperand;

void printName(AsmPrinter &printer, llvm::StringRef name) {
  bool bare = !name.empty() && (llvm::isAlpha(name[0]) || name[0] == '_') &&
              llvm::all_of(name, [](char c) { return llvm::isAlnum(c) || c == '_' || c == '.' || c == '$'; });
  if (bare)
    printer << name;
  else
    printer << '"' << name << '"';
}

ParseResult parseName(AsmParser &parser, StringAttr &name) {
  std::string text;
  if (failed(parser.parseKeywordOrString(&text)))
    return failure();
  name = StringAttr::get(parser.getContext(), text);
  return success();
}

/// `[name = one, ...]`; each `one` is what `parseOne` takes.
static ParseResult parseNamed(OpAsmParser &parser, ArrayAttr &dims, llvm::function_ref<ParseResult()> parseOne) {
  llvm::SmallVector<Attribute> names;
  ParseResult result = parser.parseCommaSeparatedList(AsmParser::Delimiter::OptionalSquare, [&]() -> ParseResult {
    StringAttr name;
    if (parseName(parser, name) || parser.parseEqual() || parseOne())
      return failure();
    names.push_back(name);
    return success();
  });
  dims = ArrayAttr::get(parser.getContext(), names);
  return result;
}

static void printNamed(OpAsmPrinter &printer, ArrayAttr dims, llvm::function_ref<void(unsigned)> printOne) {
  if (dims.empty())
    return;
  printer << "[";
  llvm::interleaveComma(llvm::enumerate(dims.getAsValueRange<StringAttr>()), printer, [&](auto item) {
    printName(printer, item.value());
    printer << " = ";
    printOne(item.index());
  });
  printer << "]";
}

ParseResult parseCoordinates(OpAsmParser &parser, ArrayAttr &dims, llvm::SmallVectorImpl<Unresolved> &coordinates,
                             llvm::SmallVectorImpl<Type> &types) {
  return parseNamed(parser, dims, [&]() -> ParseResult {
    Type type = parser.getBuilder().getIndexType();
    if (parser.parseOperand(coordinates.emplace_back()) ||
        (succeeded(parser.parseOptionalColon()) && parser.parseType(type)))
      return failure();
    types.push_back(type);
    return success();
  });
}

void printCoordinates(OpAsmPrinter &printer, Operation *, ArrayAttr dims, OperandRange coordinates, TypeRange types) {
  printNamed(printer, dims, [&](unsigned i) {
    printer << coordinates[i];
    if (!types[i].isIndex())
      printer << " : " << types[i];
  });
}

ParseResult parsePicks(OpAsmParser &parser, ArrayAttr &dims, llvm::SmallVectorImpl<Unresolved> &at) {
  return parseNamed(parser, dims, [&] { return parser.parseOperand(at.emplace_back()); });
}

void printPicks(OpAsmPrinter &printer, Operation *, ArrayAttr dims, OperandRange at) {
  printNamed(printer, dims, [&](unsigned i) { printer << at[i]; });
}

ParseResult parseCounts(OpAsmParser &parser, ArrayAttr &dims, llvm::SmallVectorImpl<Unresolved> &counts) {
  if (succeeded(parser.parseOptionalKeyword("counts")))
    return parsePicks(parser, dims, counts);
  dims = ArrayAttr::get(parser.getContext(), {});
  return success();
}

void printCounts(OpAsmPrinter &printer, Operation *op, ArrayAttr dims, OperandRange counts) {
  if (dims.empty())
    return;
  printer << " counts ";
  printPicks(printer, op, dims, counts);
}

ParseResult parseBindings(OpAsmParser &parser, llvm::StringRef keyword,
                          llvm::SmallVectorImpl<OpAsmParser::Argument> &arguments,
                          llvm::SmallVectorImpl<Unresolved> &values, llvm::SmallVectorImpl<Type> &types) {
  if (failed(parser.parseOptionalKeyword(keyword)))
    return success();
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, [&]() -> ParseResult {
    OpAsmParser::Argument argument;
    if (parser.parseArgument(argument) || parser.parseEqual() || parser.parseOperand(values.emplace_back()) ||
        parser.parseColonType(types.emplace_back()))
      return failure();
    arguments.push_back(argument);
    return success();
  });
}

void printBindings(OpAsmPrinter &printer, llvm::StringRef keyword, ValueRange arguments, ValueRange values) {
  if (values.empty())
    return;
  printer << " " << keyword << "(";
  llvm::interleaveComma(llvm::zip(arguments, values), printer, [&](auto pair) {
    auto [argument, value] = pair;
    printer.printOperand(argument);
    printer << " = " << value << " : " << value.getType();
  });
  printer << ")";
}

} // namespace ssm::tile
