//===- Ops.cpp - the generated classes of the tile dialect's operations -----===//
#include "SyncSyntax.h"
#include "Syntax.h"

using namespace mlir;
using namespace ssm::tile;

#define GET_OP_CLASSES
#include "ssm/Dialect/Tile/TileOps.cpp.inc"
