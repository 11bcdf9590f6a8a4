//===- VerifyFunction.cpp - the attributes of a layer's functions -----------===//
//
// `ssm.dims` on a function, `ssm.name`, `ssm.role` and `ssm.init` on arguments and
// results: passes read them without asking again.
//
//===----------------------------------------------------------------------===//
#include "ssm/Dialect/Ssm/Ssm.h"

#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace ssm {

/// The first name in a size that `known` lacks.
static std::optional<llvm::StringRef> unknownName(SizeAttr size, const llvm::MapVector<StringAttr, SizeAttr> &known) {
  if (size.getOp() == SizeOp::Dim && !known.contains(size.getDim()))
    return size.getDim().getValue();
  for (auto [i, operand] : llvm::enumerate(size.getOperands()))
    if (auto name = unknownName(size.operand(i), known))
      return name;
  return std::nullopt;
}

/// Tensors agree with the sizes that the table gives as constants.
static LogicalResult verifyType(Operation *function, Type type, const llvm::MapVector<StringAttr, SizeAttr> &known) {
  if (!isNamedTensor(type))
    return success();
  for (const NamedDim &dim : getDims(type)) {
    auto *entry = known.find(dim.name);
    if (entry == known.end())
      return function->emitOpError() << "uses dimension '" << dim.name.getValue() << "', which its '" << kDimsAttr
                                     << "' lacks";
    std::optional<int64_t> size = entry->second ? entry->second.constantValue() : std::nullopt;
    if (size && dim.isStatic() && *size != dim.size)
      return function->emitOpError() << "has '" << dim.name.getValue() << "' of size " << dim.size << " in " << type
                                     << ", its '" << kDimsAttr << "' says " << *size;
  }
  return success();
}

static LogicalResult verifyDims(Operation *op, Attribute value) {
  auto function = llvm::dyn_cast<FunctionOpInterface>(op);
  auto table = llvm::dyn_cast<ArrayAttr>(value);
  if (!function || !table)
    return op->emitOpError() << "'" << kDimsAttr << "' is a list of #ssm.dim on a function";
  llvm::MapVector<StringAttr, SizeAttr> known;
  for (Attribute entry : table) {
    auto dim = llvm::dyn_cast<DimAttr>(entry);
    if (!dim)
      return op->emitOpError() << "'" << kDimsAttr << "' is a list of #ssm.dim, not of " << entry;
    if (!known.insert({dim.getName(), dim.getSize()}).second)
      return op->emitOpError() << "has dimension '" << dim.getName().getValue() << "' twice in '" << kDimsAttr << "'";
  }
  for (auto [name, size] : known)
    if (size)
      if (std::optional<llvm::StringRef> unknown = unknownName(size, known))
        return op->emitOpError() << "computes dimension '" << name.getValue() << "' from '" << *unknown
                                 << "', which its '" << kDimsAttr << "' lacks";
  for (Type type : llvm::concat<const Type>(function.getArgumentTypes(), function.getResultTypes()))
    if (failed(verifyType(op, type, known)))
      return failure();
  return success();
}

LogicalResult SsmDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  if (attribute.getName() == kDimsAttr)
    return verifyDims(op, attribute.getValue());
  return success();
}

/// An argument's or a result's attribute of this dialect.
static LogicalResult verifyValueAttribute(Operation *op, NamedAttribute attribute) {
  llvm::StringRef name = attribute.getName();
  if ((name == kNameAttr || name == kInitAttr) && !llvm::isa<StringAttr>(attribute.getValue()))
    return op->emitOpError() << "'" << name << "' is a string, not " << attribute.getValue();
  if (name == kRoleAttr && !llvm::isa<RoleAttr>(attribute.getValue()))
    return op->emitOpError() << "'" << name << "' is a #ssm.role, not " << attribute.getValue();
  return success();
}

LogicalResult SsmDialect::verifyRegionArgAttribute(Operation *op, unsigned, unsigned, NamedAttribute attribute) {
  return verifyValueAttribute(op, attribute);
}

LogicalResult SsmDialect::verifyRegionResultAttribute(Operation *op, unsigned, unsigned, NamedAttribute attribute) {
  return verifyValueAttribute(op, attribute);
}

} // namespace ssm
