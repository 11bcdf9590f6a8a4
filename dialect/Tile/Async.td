//===- Async.td - the asynchronous form ---------------------*- tablegen -*-===//
//
// One file a family (Async*.td); this one gathers them.
//
//===----------------------------------------------------------------------===//
#ifndef TILE_ASYNC_TD
#define TILE_ASYNC_TD
include "Base.td"

def Tile_CursorType : Tile_Type<"Cursor", "cursor"> {
  let summary = "a slot of a ring and its phase";
  let description = [{
    `!tile.cursor<3>`: which of a ring's slots comes next, and in which phase. A
    pure value, carried by loops and shared by rings of as many slots that advance
    together.
  }];
  let parameters = (ins "int64_t":$slots);
  let assemblyFormat = "`<` $slots `>`";
}
#endif
