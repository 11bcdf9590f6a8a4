//===- Tile.h - the tile dialect --------------------------------------------===//
//
// Attributes, types and operations that dialect/Tile/*.td define.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ssm/Dialect/Ssm/Ssm.h"
#include "ssm/Dialect/Tile/Resources.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/IntegerSet.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/IR/TensorEncoding.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace ssm::tile {
/// A named tensor (Dims.h) of static sizes, of real or integer elements; of rank 0
/// without an encoding.
bool isTile(mlir::Type type);
} // namespace ssm::tile

#include "ssm/Dialect/Tile/TileDialect.h.inc"
#include "ssm/Dialect/Tile/TileEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "ssm/Dialect/Tile/TileAttrs.h.inc"
#define GET_TYPEDEF_CLASSES
#include "ssm/Dialect/Tile/TileTypes.h.inc"

namespace ssm::tile {

/// A tensor whose encoding is one of the layouts of AsyncLayouts.td.
bool isRegisterTile(mlir::Type type);
/// The layout of a register tile; null for any other type.
mlir::Attribute layoutOf(mlir::Type type);
/// How many trailing dimensions a layout spreads over threads and registers.
unsigned layoutRank(mlir::Attribute layout);
/// The parent of a `row`: `acc` where none is written.
mlir::Attribute parentOf(RowAttr row);
/// The type of the cursors of a ring.
mlir::Type cursorOf(mlir::Type ring);

} // namespace ssm::tile

#define GET_OP_CLASSES
#include "ssm/Dialect/Tile/TileOps.h.inc"
