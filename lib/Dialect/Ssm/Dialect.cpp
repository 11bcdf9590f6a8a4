//===- Dialect.cpp - registration of the ssm dialect ------------------------===//
#include "NameSyntax.h"
#include "Products.h"
#include "ssm/Dialect/Ssm/Kernel.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace ssm;

#include "ssm/Dialect/Ssm/SsmDialect.cpp.inc"
#include "ssm/Dialect/Ssm/SsmEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "ssm/Dialect/Ssm/SsmAttrs.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "ssm/Dialect/Ssm/SsmTypes.cpp.inc"
#define GET_OP_CLASSES
#include "ssm/Dialect/Ssm/SsmOps.cpp.inc"

void SsmDialect::initialize() {
  getContext()->getOrLoadDialect<PlanDialect>(); // attributes of kernels
  addAttributes<
#define GET_ATTRDEF_LIST
#include "ssm/Dialect/Ssm/SsmAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "ssm/Dialect/Ssm/SsmTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "ssm/Dialect/Ssm/SsmOps.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "ssm/Dialect/Ssm/SsmKernelOps.cpp.inc"
      >();
}

Operation *SsmDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type, Location loc) {
  if (auto elements = llvm::dyn_cast<ElementsAttr>(value))
    return arith::ConstantOp::create(builder, loc, type, llvm::cast<TypedAttr>(value));
  return nullptr;
}
