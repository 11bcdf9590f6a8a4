//===- Sync.td - the synchronous form -----------------------*- tablegen -*-===//
//
// One file a family (Sync*.td); this one gathers them.
//
//===----------------------------------------------------------------------===//
#ifndef TILE_SYNC_TD
#define TILE_SYNC_TD
include "SyncTypes.td"
include "SyncMemory.td"
include "SyncLoops.td"
include "SyncNames.td"
include "SyncCombine.td"
#endif
