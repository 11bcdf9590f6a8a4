//===- Kernel.cpp - launches, roles, warps apart ----------------------------===//
#include "ssm/Dialect/Tile/Tile.h"

#include "mlir/Interfaces/FunctionImplementation.h"

using namespace mlir;

namespace ssm::tile {

//===----------------------------------------------------------------------===//
// kernel
//===----------------------------------------------------------------------===//

/// `private @name(%a: type, ..) ctas_per_sm(n) cluster(x, y, z) attributes {..} { .. }`
ParseResult KernelOp::parse(OpAsmParser &parser, OperationState &result) {
  Builder &builder = parser.getBuilder();
  StringAttr name;
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<Type> results;
  SmallVector<DictionaryAttr> resultAttrs;
  bool variadic = false;
  if (succeeded(parser.parseOptionalKeyword("private")))
    result.addAttribute(SymbolTable::getVisibilityAttrName(), builder.getStringAttr("private"));
  if (parser.parseSymbolName(name, getSymNameAttrName(result.name), result.attributes) ||
      function_interface_impl::parseFunctionSignatureWithArguments(parser, /*allowVariadic=*/false, arguments, variadic,
                                                                   results, resultAttrs))
    return failure();
  SmallVector<Type> types;
  for (OpAsmParser::Argument &argument : arguments)
    types.push_back(argument.type);
  result.addAttribute(getFunctionTypeAttrName(result.name), TypeAttr::get(builder.getFunctionType(types, results)));
  call_interface_impl::addArgAndResultAttrs(builder, result, arguments, resultAttrs, getArgAttrsAttrName(result.name),
                                            getResAttrsAttrName(result.name));
  int64_t ctas;
  if (succeeded(parser.parseOptionalKeyword("ctas_per_sm"))) {
    if (parser.parseLParen() || parser.parseInteger(ctas) || parser.parseRParen())
      return failure();
    result.addAttribute(getCtasPerSmAttrName(result.name), builder.getI64IntegerAttr(ctas));
  }
  if (succeeded(parser.parseOptionalKeyword("cluster"))) {
    SmallVector<int64_t> cluster;
    if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren,
                                       [&] { return parser.parseInteger(cluster.emplace_back()); }))
      return failure();
    result.addAttribute(getClusterAttrName(result.name), builder.getDenseI64ArrayAttr(cluster));
  }
  if (parser.parseOptionalAttrDictWithKeyword(result.attributes))
    return failure();
  Region *body = result.addRegion();
  OptionalParseResult defined = parser.parseOptionalRegion(*body, arguments);
  if (!defined.has_value())
    return success();
  if (failed(*defined))
    return failure();
  ensureTerminator(*body, builder, result.location);
  return success();
}

void KernelOp::print(OpAsmPrinter &printer) {
  printer << ' ';
  if (StringAttr visibility = (*this)->getAttrOfType<StringAttr>(SymbolTable::getVisibilityAttrName()))
    printer << visibility.getValue() << ' ';
  printer.printSymbolName(getSymName());
  function_interface_impl::printFunctionSignature(printer, *this, getArgumentTypes(), /*isVariadic=*/false,
                                                  getResultTypes());
  if (std::optional<int64_t> ctas = getCtasPerSm())
    printer << " ctas_per_sm(" << *ctas << ")";
  if (getCluster()) {
    printer << " cluster(";
    llvm::interleaveComma(*getCluster(), printer);
    printer << ")";
  }
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs(),
                                           {SymbolTable::getVisibilityAttrName(), getSymNameAttrName(), getFunctionTypeAttrName(), getArgAttrsAttrName(),
                                            getResAttrsAttrName(), getCtasPerSmAttrName(), getClusterAttrName()});
  if (isDeclaration())
    return;
  printer << ' ';
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false, /*printBlockTerminators=*/false);
}

static constexpr int64_t kNoCluster[] = {1, 1, 1};

LogicalResult KernelOp::verify() {
  if (!getResultTypes().empty())
    return emitOpError() << "writes to memory; it has no results";
  for (Type type : getArgumentTypes())
    if (!isa<MapType, GlobalType, IndexType>(type) && !type.isInteger(32) && !type.isF32())
      return emitOpError() << "takes tensor maps, global views, index, i32 and f32, not " << type;
  if (getCtasPerSm() && (*getCtasPerSm() < 1 || *getCtasPerSm() > 32))
    return emitOpError() << "1 to 32 CTAs fit a multiprocessor, not " << *getCtasPerSm();
  ArrayRef<int64_t> cluster = getCluster().value_or(ArrayRef<int64_t>(kNoCluster));
  int64_t count = 1;
  if (cluster.size() != 3)
    return emitOpError() << "a cluster has three sizes, not " << cluster.size();
  for (int64_t size : cluster) {
    if (size < 1)
      return emitOpError() << "a cluster's sizes are positive, not " << size;
    count *= size;
  }
  if (count > 16)
    return emitOpError() << "a cluster has 16 CTAs at most, not " << count;
  return success();
}

LogicalResult KernelOp::verifyAcross(Operation *op, int64_t dim) {
  if (dim < 0 || dim > 2)
    return op->emitOpError() << "a cluster has dimensions 0 to 2, not " << dim;
  auto kernel = op->getParentOfType<KernelOp>(); // none in a function that is still to be inlined
  if (kernel && kernel.getClusterDim(dim) < 2)
    return op->emitOpError() << "goes across dimension " << dim << " of the cluster, along which there is one CTA";
  return success();
}

LogicalResult KernelOp::verifyRegions() {
  if (isDeclaration())
    return success();
  RoleOp last;
  llvm::StringSet<> names;
  for (Operation &op : getBody().front().without_terminator()) {
    if (auto role = dyn_cast<RoleOp>(op)) {
      if (!names.insert(role.getName()).second)
        return role.emitOpError() << "the kernel has two roles of this name";
      last = role;
    } else if (last) {
      auto diagnostic = op.emitOpError() << "stands after a role: the prologue is what all threads run before they part";
      diagnostic.attachNote(last.getLoc()) << "the role";
      return diagnostic;
    }
  }
  return success();
}

//===----------------------------------------------------------------------===//
// role
//===----------------------------------------------------------------------===//

int64_t RoleOp::getThreadsPerInstance() {
  switch (getKind()) {
  case RoleKind::Thread:
    return 1;
  case RoleKind::Warp:
    return 32;
  case RoleKind::Group:
    return 128;
  }
  llvm_unreachable("a role is a thread, a warp or a group");
}

BlockArgument RoleOp::getInstance() {
  return getBody().getNumArguments() ? getBody().getArgument(0) : BlockArgument();
}

LogicalResult RoleOp::verify() {
  if (getInstances() < 1)
    return emitOpError() << "has at least one instance, not " << getInstances();
  if (getBody().getNumArguments() > 1 || (getInstance() && !getInstance().getType().isIndex()))
    return emitOpError() << "the block's one argument is the instance's number, an index";
  if (!getRegs())
    return success();
  if (*getRegs() < 24 || *getRegs() > 256 || *getRegs() % 8)
    return emitOpError() << "registers a thread are a multiple of 8 from 24 to 256, not " << *getRegs();
  return success();
}

//===----------------------------------------------------------------------===//
// per_warp
//===----------------------------------------------------------------------===//

/// What a warp sees of a warpgroup's value, or null where it cannot be taken apart.
static Type warpTypeOf(Type type) {
  if (auto warps = dyn_cast<WarpsType>(type))
    return warps.getValue();
  Attribute layout = layoutOf(type);
  if (!layout || isa<ColAttr>(layout))
    return isa<FlightType>(type) ? Type() : type;
  unsigned rank = layoutRank(layout);
  auto row = dyn_cast<RowAttr>(layout);
  if ((row && !isa<AccAttr>(parentOf(row))) || isa<LanesAttr, OpbAttr>(layout))
    return {};
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<int64_t> shape(tensor.getShape());
  int64_t &rows = shape[shape.size() - rank];
  if (rows % 64)
    return {};
  rows /= 4;
  return RankedTensorType::get(shape, tensor.getElementType(), layout);
}

LogicalResult PerWarpOp::verify() {
  auto role = (*this)->getParentOfType<RoleOp>();
  if (role && role.getKind() != RoleKind::Group)
    return emitOpError() << "takes the warps of a warpgroup apart; role @" << role.getName() << " is a "
                         << stringifyRoleKind(role.getKind());
  if (getBody().getNumArguments() != getInputs().size() + 1 || !getBody().getArgument(0).getType().isIndex())
    return emitOpError() << "the block has the warp's number and an argument for each operand";
  for (auto [input, argument] : llvm::zip(getInputs(), getBody().getArguments().drop_front())) {
    Type expected = warpTypeOf(input.getType());
    if (!expected)
      return emitOpError() << input.getType() << " cannot be taken apart into warps of 16 rows";
    if (argument.getType() != expected)
      return emitOpError() << "a warp sees " << input.getType() << " as " << expected << ", not as "
                           << argument.getType();
  }
  return success();
}

LogicalResult PerWarpOp::verifyRegions() {
  Operation *terminator = getBody().front().getTerminator();
  if (terminator->getNumOperands() != getNumResults())
    return emitOpError() << "yields " << terminator->getNumOperands() << " values for " << getNumResults() << " results";
  for (auto [value, result] : llvm::zip(terminator->getOperands(), getResultTypes())) {
    Type expected = warpTypeOf(result);
    if (!isa<WarpsType>(result) && !layoutOf(result))
      return emitOpError() << "a scalar that warps compute is no scalar of the warpgroup; its type is !tile.warps<"
                           << result << ">";
    if (!expected || value.getType() != expected)
      return emitOpError() << "a warp yields " << value.getType() << " for " << result;
  }
  WalkResult walk = getBody().walk([&](Operation *op) {
    if (!isa<MmaOp, LandOp, RetireOp, SyncOp, TakeOp, PassOp, AcquireOp, AwaitOp, PerWarpOp>(op))
      return WalkResult::advance();
    op->emitOpError() << "is for a whole warpgroup; here its warps are apart";
    return WalkResult::interrupt();
  });
  return failure(walk.wasInterrupted());
}

} // namespace ssm::tile
