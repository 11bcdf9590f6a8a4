//===- Dialect.cpp - registration of the tile dialect -----------------------===//
#include "SyncSyntax.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace ssm::tile;

#include "ssm/Dialect/Tile/TileDialect.cpp.inc"
#include "ssm/Dialect/Tile/TileEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "ssm/Dialect/Tile/TileAttrs.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "ssm/Dialect/Tile/TileTypes.cpp.inc"
#define GET_OP_CLASSES
#include "ssm/Dialect/Tile/TileOps.cpp.inc"

void TileDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "ssm/Dialect/Tile/TileAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "ssm/Dialect/Tile/TileTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "ssm/Dialect/Tile/TileOps.cpp.inc"
      >();
}
