//===- Ops.td - all of the tile dialect ---------------------*- tablegen -*-===//
include "Sync.td"
include "Async.td"
