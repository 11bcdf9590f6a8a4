//===- Ssm.h - the ssm dialect ----------------------------------------------===//
//
// Attributes, types and operations that dialect/Ssm/*.td define.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ssm/Dialect/Ssm/Dims.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/TensorEncoding.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "ssm/Dialect/Ssm/SsmDialect.h.inc"
#include "ssm/Dialect/Ssm/SsmEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "ssm/Dialect/Ssm/SsmAttrs.h.inc"
#define GET_TYPEDEF_CLASSES
#include "ssm/Dialect/Ssm/SsmTypes.h.inc"
#define GET_OP_CLASSES
#include "ssm/Dialect/Ssm/SsmOps.h.inc"

namespace ssm {

/// Attributes of a layer's functions. On the function: the table of dimensions.
/// On arguments and results: the name and the role; on arguments with an
/// initialiser, the symbol of the function that draws it.
inline constexpr llvm::StringLiteral kDimsAttr = "ssm.dims";
inline constexpr llvm::StringLiteral kNameAttr = "ssm.name";
inline constexpr llvm::StringLiteral kRoleAttr = "ssm.role";
inline constexpr llvm::StringLiteral kInitAttr = "ssm.init";

/// The element type of a map's result, or null where the operands do not fit;
/// `why` then says what is wrong.
mlir::Type inferMapElement(MapFn fn, mlir::TypeRange operandElements, std::string &why);

} // namespace ssm
