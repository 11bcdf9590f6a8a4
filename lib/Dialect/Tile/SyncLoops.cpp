//===- SyncLoops.cpp - work items, folds, recurrences -----------------------===//
#include "SyncSyntax.h"

using namespace mlir;

namespace ssm::tile {

using Argument = OpAsmParser::Argument;
using Unresolved = OpAsmParser::UnresolvedOperand;

// tile.program owns(B = %b : 1 of %n, ...) { ... }

void ProgramOp::build(OpBuilder &builder, OperationState &state, llvm::ArrayRef<llvm::StringRef> dims,
                      llvm::ArrayRef<int64_t> steps, ValueRange extents) {
  state.addOperands(extents);
  state.getOrAddProperties<Properties>().dims = builder.getStrArrayAttr(dims);
  state.getOrAddProperties<Properties>().steps = builder.getDenseI64ArrayAttr(steps);
  OpBuilder::InsertionGuard guard(builder);
  Region *region = state.addRegion();
  Block *body = builder.createBlock(region);
  for (size_t i = 0; i < dims.size(); ++i)
    body->addArgument(builder.getIndexType(), state.location);
  ensureTerminator(*region, builder, state.location);
}

ParseResult ProgramOp::parse(OpAsmParser &parser, OperationState &state) {
  Builder &builder = parser.getBuilder();
  llvm::SmallVector<Argument> arguments;
  llvm::SmallVector<Attribute> dims;
  llvm::SmallVector<int64_t> steps;
  llvm::SmallVector<Unresolved> extents;
  StringAttr name;
  if (parser.parseOptionalSymbolName(name))
    name = {};
  if (parser.parseKeyword("owns") ||
      parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren,
                                     [&]() -> ParseResult {
                                       StringAttr dim;
                                       Argument &argument = arguments.emplace_back();
                                       if (parseName(parser, dim) || parser.parseEqual() ||
                                           parser.parseArgument(argument) || parser.parseColon() ||
                                           parser.parseInteger(steps.emplace_back()) || parser.parseKeyword("of") ||
                                           parser.parseOperand(extents.emplace_back()))
                                         return failure();
                                       argument.type = builder.getIndexType();
                                       dims.push_back(dim);
                                       return success();
                                     }) ||
      parser.resolveOperands(extents, builder.getIndexType(), state.operands) ||
      parser.parseOptionalAttrDictWithKeyword(state.attributes) || parser.parseRegion(*state.addRegion(), arguments))
    return failure();
  state.getOrAddProperties<Properties>().dims = builder.getArrayAttr(dims);
  state.getOrAddProperties<Properties>().steps = builder.getDenseI64ArrayAttr(steps);
  if (name)
    state.getOrAddProperties<Properties>().name = name;
  ensureTerminator(*state.regions.front(), builder, state.location);
  return success();
}

void ProgramOp::print(OpAsmPrinter &printer) {
  if (getName()) {
    printer << " ";
    printer.printSymbolName(*getName());
  }
  printer << " owns(";
  llvm::interleaveComma(llvm::enumerate(getDims().getAsValueRange<StringAttr>()), printer, [&](auto item) {
    printName(printer, item.value());
    printer << " = " << getBody().getArgument(item.index()) << " : " << getSteps()[item.index()] << " of "
            << getExtents()[item.index()];
  });
  printer << ")";
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs(), {"dims", "steps", "name"});
  printer << " ";
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false, /*printBlockTerminators=*/false);
}

LogicalResult ProgramOp::verify() {
  if (getDims().size() != getExtents().size() || getSteps().size() != getExtents().size())
    return emitOpError() << "owns " << getDims().size() << " dimensions, with " << getSteps().size() << " steps and "
                         << getExtents().size() << " extents";
  for (int64_t step : getSteps())
    if (step <= 0)
      return emitOpError() << "takes " << step << " elements at a time";
  if ((*this)->getParentOfType<ProgramOp>())
    return emitOpError() << "stands in another program";
  return success();
}

LogicalResult ProgramOp::verifyRegions() {
  if (getBody().getNumArguments() != getDims().size() ||
      !llvm::all_of(getBody().getArgumentTypes(), [](Type type) { return type.isIndex(); }))
    return emitOpError() << "needs a block with an index for each of " << getDims().size() << " dimensions";
  if (llvm::cast<YieldOp>(getBody().front().getTerminator()).getValues().size() != 0)
    return emitOpError() << "yields nothing";
  return success();
}

// tile.loop M = %j : 128 from %lo to %hi order any carry(...) { ... } merge { ... }

void LoopOp::build(OpBuilder &builder, OperationState &state, llvm::StringRef dim, int64_t step, Order order,
                   Value from, Value to, ValueRange inits) {
  state.addOperands({from, to});
  state.addOperands(inits);
  state.addTypes(inits.getTypes());
  Properties &properties = state.getOrAddProperties<Properties>();
  properties.dim = builder.getStringAttr(dim);
  properties.step = builder.getI64IntegerAttr(step);
  properties.order = OrderAttr::get(builder.getContext(), order);
  OpBuilder::InsertionGuard guard(builder);
  Block *body = builder.createBlock(state.addRegion());
  body->addArgument(builder.getIndexType(), state.location);
  for (Value init : inits)
    body->addArgument(init.getType(), state.location);
  state.addRegion();
}

ParseResult LoopOp::parse(OpAsmParser &parser, OperationState &state) {
  Builder &builder = parser.getBuilder();
  Properties &properties = state.getOrAddProperties<Properties>();
  llvm::SmallVector<Argument> arguments(1);
  llvm::SmallVector<Unresolved> inits;
  llvm::SmallVector<Type> types;
  StringAttr dim;
  int64_t step;
  Unresolved from, to;
  llvm::StringRef order;
  llvm::SMLoc place = parser.getCurrentLocation();
  if (parseName(parser, dim) || parser.parseEqual() || parser.parseArgument(arguments.front()) ||
      parser.parseColon() || parser.parseInteger(step) || parser.parseKeyword("from") || parser.parseOperand(from) ||
      parser.parseKeyword("to") || parser.parseOperand(to) || parser.parseKeyword("order") ||
      parser.parseKeyword(&order))
    return failure();
  std::optional<Order> known = symbolizeOrder(order);
  if (!known)
    return parser.emitError(place, "a loop runs up, down, or in any order");
  if (parseBindings(parser, "carry", arguments, inits, types) ||
      parser.resolveOperand(from, builder.getIndexType(), state.operands) ||
      parser.resolveOperand(to, builder.getIndexType(), state.operands) ||
      parser.resolveOperands(inits, types, place, state.operands) ||
      parser.parseOptionalAttrDictWithKeyword(state.attributes))
    return failure();
  arguments.front().type = builder.getIndexType();
  for (auto [argument, type] : llvm::zip(llvm::drop_begin(arguments), types))
    argument.type = type;
  properties.dim = dim;
  properties.step = builder.getI64IntegerAttr(step);
  properties.order = OrderAttr::get(builder.getContext(), *known);
  state.addTypes(types);
  Region *body = state.addRegion(), *merge = state.addRegion();
  if (parser.parseRegion(*body, arguments))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("merge")) && parser.parseRegion(*merge))
    return failure();
  if (body->empty())
    body->emplaceBlock().addArgument(builder.getIndexType(), state.location);
  if (body->front().empty() || !llvm::isa<YieldOp>(body->front().back())) {
    OpBuilder end(builder.getContext());
    end.setInsertionPointToEnd(&body->front());
    YieldOp::create(end, state.location);
  }
  return success();
}

void LoopOp::print(OpAsmPrinter &printer) {
  printer << " ";
  printName(printer, getDim());
  printer << " = " << getPosition() << " : " << getStep() << " from " << getFrom() << " to " << getTo() << " order "
          << stringifyOrder(getOrder());
  printBindings(printer, "carry", ValueRange(getCarries()), getInits());
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs(), {"dim", "step", "order"});
  printer << " ";
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false, /*printBlockTerminators=*/!getInits().empty());
  if (!getMerge().empty()) {
    printer << " merge ";
    printer.printRegion(getMerge());
  }
}

LogicalResult LoopOp::verify() {
  if (getStep() <= 0)
    return emitOpError() << "takes " << getStep() << " elements at a time";
  if (getInits().getTypes() != getResultTypes())
    return emitOpError() << "gives its carries, as they begin";
  return success();
}

LogicalResult LoopOp::verifyRegions() {
  Block &body = getBody().front();
  if (body.getNumArguments() != 1 + getInits().size() || !body.getArgument(0).getType().isIndex() ||
      !llvm::equal(llvm::drop_begin(body.getArgumentTypes()), getInits().getTypes()))
    return emitOpError() << "needs a block with the position and its carries";
  auto yield = llvm::dyn_cast<YieldOp>(body.getTerminator());
  if (!yield || yield.getValues().getTypes() != getInits().getTypes())
    return emitOpError() << "yields its carries, with the types that they begin with";
  if (getMerge().empty())
    return success();
  Block &merge = getMerge().front();
  llvm::SmallVector<Type> twice(getInits().getTypes());
  llvm::append_range(twice, getInits().getTypes());
  auto merged = llvm::dyn_cast<YieldOp>(merge.getTerminator());
  if (!llvm::equal(merge.getArgumentTypes(), twice) || !merged || merged.getValues().getTypes() != getInits().getTypes())
    return emitOpError() << "merges two tuples of its carries to one";
  return success();
}

// tile.recur L = %t reverse count(%n) over(...) carry(...) stacked(...) { ... }

int64_t RecurOp::getLength() {
  Value along = getSlices().empty() ? Value() : getSlices().front();
  NamedDims dims = along ? ssm::getDims(along) : ssm::getDims(getOutputs().front());
  return dims[*findDim(dims, getDim())].size;
}

void RecurOp::build(OpBuilder &builder, OperationState &state, llvm::StringRef dim, bool reverse, Value count,
                    ValueRange inits, ValueRange slices, TypeRange outputs) {
  if (count)
    state.addOperands(count);
  state.addOperands(inits);
  state.addOperands(slices);
  state.addTypes(inits.getTypes());
  state.addTypes(outputs);
  Properties &properties = state.getOrAddProperties<Properties>();
  properties.dim = builder.getStringAttr(dim);
  if (reverse)
    properties.reverse = builder.getUnitAttr();
  properties.operandSegmentSizes = {count ? 1 : 0, static_cast<int32_t>(inits.size()),
                                    static_cast<int32_t>(slices.size())};
  properties.resultSegmentSizes = {static_cast<int32_t>(inits.size()), static_cast<int32_t>(outputs.size())};
  OpBuilder::InsertionGuard guard(builder);
  Block *body = builder.createBlock(state.addRegion());
  body->addArgument(builder.getIndexType(), state.location);
  for (Value init : inits)
    body->addArgument(init.getType(), state.location);
  for (Value slice : slices)
    body->addArgument(getTensorType(withoutDims(ssm::getDims(slice), {dim}), getElement(slice)), state.location);
}

ParseResult RecurOp::parse(OpAsmParser &parser, OperationState &state) {
  Builder &builder = parser.getBuilder();
  Properties &properties = state.getOrAddProperties<Properties>();
  Argument position;
  llvm::SmallVector<Argument> carries, sliced;
  llvm::SmallVector<Unresolved> count, inits, slices;
  llvm::SmallVector<Type> initTypes, sliceTypes, outputs;
  StringAttr dim;
  llvm::SMLoc place = parser.getCurrentLocation();
  if (parseName(parser, dim) || parser.parseEqual() || parser.parseArgument(position))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("reverse")))
    properties.reverse = builder.getUnitAttr();
  if (succeeded(parser.parseOptionalKeyword("count")) &&
      (parser.parseLParen() || parser.parseOperand(count.emplace_back()) || parser.parseRParen()))
    return failure();
  if (parseBindings(parser, "over", sliced, slices, sliceTypes) ||
      parseBindings(parser, "carry", carries, inits, initTypes))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("stacked")) &&
      parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren,
                                     [&] { return parser.parseType(outputs.emplace_back()); }))
    return failure();
  if (parser.resolveOperands(count, builder.getIndexType(), state.operands) ||
      parser.resolveOperands(inits, initTypes, place, state.operands) ||
      parser.resolveOperands(slices, sliceTypes, place, state.operands) ||
      parser.parseOptionalAttrDictWithKeyword(state.attributes))
    return failure();
  position.type = builder.getIndexType();
  llvm::SmallVector<Argument> arguments{position};
  for (auto [argument, type] : llvm::zip(carries, initTypes)) {
    argument.type = type;
    arguments.push_back(argument);
  }
  for (auto [argument, type] : llvm::zip(sliced, sliceTypes)) {
    if (!isTile(type))
      return parser.emitError(place) << "runs over tiles, not " << type;
    argument.type = getTensorType(withoutDims(ssm::getDims(type), {dim.getValue()}),
                                  llvm::cast<RankedTensorType>(type).getElementType());
    arguments.push_back(argument);
  }
  properties.dim = dim;
  properties.operandSegmentSizes = {static_cast<int32_t>(count.size()), static_cast<int32_t>(inits.size()),
                                    static_cast<int32_t>(slices.size())};
  properties.resultSegmentSizes = {static_cast<int32_t>(inits.size()), static_cast<int32_t>(outputs.size())};
  state.addTypes(initTypes);
  state.addTypes(outputs);
  return parser.parseRegion(*state.addRegion(), arguments);
}

void RecurOp::print(OpAsmPrinter &printer) {
  printer << " ";
  printName(printer, getDim());
  printer << " = " << getPosition();
  if (getReverse())
    printer << " reverse";
  if (getCount())
    printer << " count(" << getCount() << ")";
  printBindings(printer, "over", ValueRange(getSliceArguments()), getSlices());
  printBindings(printer, "carry", ValueRange(getCarries()), getInits());
  if (!getOutputs().empty())
    printer << " stacked(" << getOutputs().getTypes() << ")";
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs(),
                                           {"dim", "reverse", "operandSegmentSizes", "resultSegmentSizes"});
  printer << " ";
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

LogicalResult RecurOp::verify() {
  if (getInits().getTypes() != getFinals().getTypes())
    return emitOpError() << "gives its carries, as they begin";
  for (Value init : getInits())
    if (hasDim(init, getDim()))
      return emitOpError() << "carries a tile along '" << getDim() << "', along which it runs";
  if (getSlices().empty() && getOutputs().empty())
    return emitOpError() << "runs over nothing and stacks nothing along '" << getDim() << "'";
  std::optional<int64_t> length;
  auto check = [&](Value value) -> LogicalResult {
    NamedDims dims = ssm::getDims(value);
    std::optional<unsigned> place = findDim(dims, getDim());
    if (!place)
      return emitOpError() << "runs along '" << getDim() << "', which " << formatDims(dims) << " lacks";
    if (length && *length != dims[*place].size)
      return emitOpError() << "runs over " << *length << " and " << dims[*place].size << " elements";
    length = dims[*place].size;
    return success();
  };
  for (Value value : llvm::concat<Value>(llvm::to_vector(getSlices()), llvm::to_vector(getOutputs())))
    if (failed(check(value)))
      return failure();
  return success();
}

LogicalResult RecurOp::verifyRegions() {
  Block &body = getBody().front();
  llvm::SmallVector<Type> expected{IndexType::get(getContext())};
  llvm::append_range(expected, getInits().getTypes());
  for (Value slice : getSlices())
    expected.push_back(getTensorType(withoutDims(ssm::getDims(slice), {getDim()}), getElement(slice)));
  if (!llvm::equal(body.getArgumentTypes(), expected))
    return emitOpError() << "needs a block with the number, its carries and its slices";
  auto yield = llvm::dyn_cast<YieldOp>(body.getTerminator());
  if (!yield || yield.getValues().size() != getInits().size() + getOutputs().size())
    return emitOpError() << "must yield " << getInits().size() << " carries and " << getOutputs().size() << " outputs";
  if (getNextCarries().getTypes() != getInits().getTypes())
    return emitOpError() << "yields its carries, with the types that they begin with";
  for (auto [value, output] : llvm::zip(getYieldedOutputs(), getOutputs()))
    if (!sameDims(ssm::getDims(value), withoutDims(ssm::getDims(output), {getDim()})) ||
        getElement(value) != getElement(output))
      return emitOpError() << "yields " << value.getType() << " for an output " << output.getType();
  return success();
}

} // namespace ssm::tile
