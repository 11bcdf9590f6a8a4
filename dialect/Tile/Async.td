//===- Async.td - the asynchronous form ---------------------*- tablegen -*-===//
//
// A GPU as cores with one thread each, and that thread is a role: a thread, a
// warp or a warpgroup. Every scalar is the same in all threads of the role; what
// differs between threads is a tile (a tensor with a layout). One file a family.
//
//===----------------------------------------------------------------------===//
#ifndef TILE_ASYNC_TD
#define TILE_ASYNC_TD
include "AsyncLayouts.td"
include "AsyncTypes.td"
include "AsyncKernel.td"
include "AsyncRing.td"
include "AsyncBarrier.td"
include "AsyncCompute.td"
include "AsyncCopy.td"
include "AsyncMemory.td"
include "AsyncMma.td"
include "AsyncShape.td"
include "AsyncHost.td"
#endif
