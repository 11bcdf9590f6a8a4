//===- Reorder.h - tiles in another order of dimensions ---------------------===//
#pragma once

#include "ssm/Dialect/Tile/Tile.h"

namespace ssm::tile {

/// A spread that lays pairs of rows into each other.
bool isPairing(SpreadOp op);
/// A spread that only reorders, with another dimension last.
bool isTurn(SpreadOp op);

} // namespace ssm::tile
