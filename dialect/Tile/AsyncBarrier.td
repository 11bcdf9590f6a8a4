//===- AsyncBarrier.td - turns, syncs, the proxy fence ------*- tablegen -*-===//
#ifndef TILE_ASYNC_BARRIER_TD
#define TILE_ASYNC_BARRIER_TD

include "AsyncTypes.td"

def Tile_TurnsOp : Tile_Op<"turns", [MemoryEffects<[MemAlloc<Tile_Barriers>, MemWrite<Tile_Barriers>]>]> {
  let summary = "a circle of named barriers";
  let description = [{
    One barrier an instance of the role that takes turns; instance 0 has the first. `first`
    is the first barrier's number, set by `tile-place`.

    ```mlir
    %T = tile.turns : !tile.turns<3>
    ```
  }];
  let arguments = (ins OptionalAttr<I64Attr>:$first);
  let results = (outs Tile_TurnsType:$turns);
  let assemblyFormat = "attr-dict `:` type($turns)";
  let hasVerifier = 1;
}

class Tile_TurnOp<string mnemonic> : Tile_Op<mnemonic, [MemoryEffects<[MemRead<Tile_Barriers>, MemWrite<Tile_Barriers>,
    MemRead<Tile_Shared>, MemWrite<Tile_Shared>]>]> {
  let arguments = (ins Tile_TurnsType:$turns, Index:$index);
  let assemblyFormat = "$turns `[` $index `]` attr-dict `:` type($turns)";
  let hasVerifier = 1;
}

def Tile_TakeOp : Tile_TurnOp<"take"> {
  let summary = "wait for one's turn";
  let description = [{
    Paired with `tile.pass` in one block, as often in each instance.

    ```mlir
    tile.take %T[%w] : !tile.turns<3>
    ```
  }];
}

def Tile_PassOp : Tile_TurnOp<"pass"> {
  let summary = "hand the turn to the next instance";
  let description = [{
    See `tile.take`.

    ```mlir
    tile.pass %T[%w] : !tile.turns<3>
    ```
  }];
}

def Tile_SyncOp : Tile_Op<"sync", [MemoryEffects<[MemRead<Tile_Barriers>, MemWrite<Tile_Barriers>,
    MemRead<Tile_Shared>, MemWrite<Tile_Shared>]>]> {
  let summary = "all threads of this role instance meet";
  let description = [{
    In the prologue, all threads of the CTA.

    ```mlir
    tile.sync
    ```
  }];
  let assemblyFormat = "attr-dict";
  let hasVerifier = 1;
}

def Tile_FenceOp : Tile_Op<"fence", [MemoryEffects<[MemRead<Tile_Shared>, MemWrite<Tile_Shared>]>]> {
  let summary = "ordinary writes before, asynchronous accesses after";
  let description = [{
    The proxy fence between this role's stores to shared memory and the tensor cores' or
    the copy engine's reads of them.

    ```mlir
    tile.fence
    ```
  }];
  let assemblyFormat = "attr-dict";
}

#endif
