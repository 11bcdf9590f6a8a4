//===- AsyncRing.td - rings of slots, cursors, buffers ------*- tablegen -*-===//
#ifndef TILE_ASYNC_RING_TD
#define TILE_ASYNC_RING_TD

include "AsyncTypes.td"

/// `%ring[%cursor]`, or `%ring[%instance][%cursor]` for an array of rings. Without a cursor, `%ring` and
/// `%ring[%instance][]`, the role's next slot: `tile-carry-cursors` finds the cursor.
class Tile_RingSlotOp<string mnemonic, list<Trait> traits = []> : Tile_Op<mnemonic, !listconcat([AttrSizedOperandSegments], traits, [
    OptionalTypesMatchWith<"the cursor has the ring's number of slots", "ring", "cursor",
                           "::ssm::tile::cursorOf($_self)">])>;

/// The same with the slot's parts as results.
class Tile_ViewsOp<string mnemonic, list<Trait> traits = []> : Tile_RingSlotOp<mnemonic, !listconcat(traits, [
    DeclareOpInterfaceMethods<InferTypeOpInterface>])>;

def Tile_RingOp : Tile_Op<"ring", [MemoryEffects<[MemAlloc<Tile_Shared>, MemWrite<Tile_Shared>, MemWrite<Tile_Barriers>]>]> {
  let summary = "shared slots with their barriers";
  let description = [{
    Storage of all slots and two mbarriers a slot. `full(n unit)` and `empty(n unit)` say
    how many arrivals complete a phase and who arrives; a copy's bytes come on top. In an
    array of rings the counts are those of one ring. `data` and `barriers` are offsets in
    shared memory, set by `tile-place`.

    ```mlir
    %K = tile.ring full(1 thread) empty(3 group) : !tile.ring<2, k: 128x64xbf16 sw128>
    ```
  }];
  let arguments = (ins I64Attr:$full, Tile_UnitAttr:$full_unit, I64Attr:$empty, Tile_UnitAttr:$empty_unit,
                       OptionalAttr<I64Attr>:$data, OptionalAttr<I64Attr>:$barriers);
  let results = (outs Tile_RingType:$ring);
  let assemblyFormat = [{
    `full` `(` $full $full_unit `)` `empty` `(` $empty $empty_unit `)` attr-dict `:` type($ring)
  }];
  let hasVerifier = 1;
}

def Tile_BufferOp : Tile_Op<"buffer", [MemoryEffects<[MemAlloc<Tile_Shared>, MemWrite<Tile_Shared>]>]> {
  let summary = "shared memory without barriers";
  let description = [{
    For scratch of reductions, flags, and what one role keeps. `data` is its offset, set
    by `tile-place`.

    ```mlir
    %u = tile.buffer : !tile.smem<2x4xf32>
    ```
  }];
  let arguments = (ins OptionalAttr<I64Attr>:$data);
  let results = (outs Tile_SmemType:$buffer);
  let assemblyFormat = "attr-dict `:` type($buffer)";
  let hasVerifier = 1;
}

def Tile_SlotOp : Tile_ViewsOp<"slot", [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    DeclareOpInterfaceMethods<ConditionallySpeculatable>]> {
  let summary = "a slot's parts, without waiting";
  let description = [{
    Where another wait has already said that the slot is ready. Without a cursor it counts as
    the role's wait for the slot. A checked build waits here all the same.

    ```mlir
    %v = tile.slot %D[%d] : !tile.ring<4, v: 2x5x64xf32>
    ```
  }];
  let arguments = (ins Tile_RingType:$ring, Optional<Index>:$instance, Optional<Tile_CursorType>:$cursor);
  let results = (outs Variadic<Tile_SmemType>:$views);
  let assemblyFormat = "custom<Slot>($ring, $instance, $cursor) attr-dict `:` type($ring)";
  let hasVerifier = 1;
}

def Tile_SubOp : Tile_PureOp<"sub", [DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let summary = "a part of a shared buffer";
  let description = [{
    Offsets and sizes along every dimension; leading dimensions of size 1 are dropped. In
    a swizzled tile rows come in eights and columns in multiples of 16 bytes.

    ```mlir
    %m = tile.sub %ms[%hd, 0, 0][1, 64, 64] : !tile.smem<2x64x64xbf16, sw128>
    ```
  }];
  let arguments = (ins Tile_SmemType:$source, Variadic<Index>:$offsets, DenseI64ArrayAttr:$static_offsets,
                       DenseI64ArrayAttr:$sizes);
  let results = (outs Tile_SmemType:$view);
  let assemblyFormat = [{
    $source `` custom<Indices>($offsets, $static_offsets) `` $sizes attr-dict `:` type($source)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
  let extraClassDeclaration = "::llvm::SmallVector<::mlir::OpFoldResult> getMixedOffsets();";
}

def Tile_CursorOp : Tile_PureOp<"cursor"> {
  let summary = "the start of a ring, or the slot of a count";
  let description = [{
    Without an operand the first slot in its first phase; `tile.cursor %i` is where
    `%i` steps of `tile.next` lead.

    ```mlir
    %c = tile.cursor : !tile.cursor<3>
    %d = tile.cursor %i : !tile.cursor<4>
    ```
  }];
  let arguments = (ins Optional<Index>:$count);
  let results = (outs Tile_CursorType:$cursor);
  let assemblyFormat = "($count^)? attr-dict `:` type($cursor)";
  let hasCanonicalizer = 1;
}

def Tile_NextOp : Tile_PureOp<"next", [AllTypesMatch<["cursor", "result"]>]> {
  let summary = "the following slot";
  let description = [{
    All there is of phase arithmetic. `by` is 1 or a negative or larger number of steps.

    ```mlir
    %n = tile.next %c : !tile.cursor<3>
    %p = tile.next %c by -1 : !tile.cursor<3>
    ```
  }];
  let arguments = (ins Tile_CursorType:$cursor, DefaultValuedAttr<I64Attr, "1">:$by);
  let results = (outs Tile_CursorType:$result);
  let assemblyFormat = "$cursor (`by` $by^)? attr-dict `:` type($cursor)";
  let hasFolder = 1;
}

def Tile_AcquireOp : Tile_ViewsOp<"acquire", [MemoryEffects<[MemRead<Tile_Barriers>, MemWrite<Tile_Barriers>,
    MemRead<Tile_Shared>, MemWrite<Tile_Shared>]>]> {
  let summary = "wait until a slot is empty";
  let description = [{
    For a role that fills the slot by its own stores and then publishes it.

    ```mlir
    %m = tile.acquire %M[%mc] : !tile.ring<2, m: 2x64x64xbf16 sw128>
    ```
  }];
  let arguments = (ins Tile_RingType:$ring, Optional<Index>:$instance, Optional<Tile_CursorType>:$cursor);
  let results = (outs Variadic<Tile_SmemType>:$views);
  let assemblyFormat = "custom<Slot>($ring, $instance, $cursor) attr-dict `:` type($ring)";
  let hasVerifier = 1;
}

def Tile_PublishOp : Tile_RingSlotOp<"publish", [MemoryEffects<[MemRead<Tile_Barriers>, MemWrite<Tile_Barriers>,
    MemRead<Tile_Shared>, MemWrite<Tile_Shared>]>]> {
  let summary = "say that a slot is full";
  let description = [{
    Arrives on the slot's full barrier: what this role stored is there.

    ```mlir
    tile.publish %M[%mc] if(%some) : !tile.ring<2, m: 2x64x64xbf16 sw128>
    ```
  }];
  let arguments = (ins Tile_RingType:$ring, Optional<Index>:$instance, Optional<Tile_CursorType>:$cursor, Optional<I1>:$predicate);
  let assemblyFormat = [{
    custom<Slot>($ring, $instance, $cursor) (`if` `(` $predicate^ `)`)? attr-dict `:` type($ring)
  }];
  let hasVerifier = 1;
}

def Tile_AwaitOp : Tile_ViewsOp<"await", [MemoryEffects<[MemRead<Tile_Barriers>, MemWrite<Tile_Barriers>,
    MemRead<Tile_Shared>, MemWrite<Tile_Shared>]>]> {
  let summary = "wait until a slot is full";
  let description = [{
    `observe` says that this role never releases the slot: it only wants to know. Without a
    cursor the role's n-th wait is for slot n, and its n-th release hands slot n back; on every
    path through the role the same slots must be held where paths meet.

    ```mlir
    %k = tile.await %K : !tile.ring<2, k: 128x64xbf16 sw128>
    tile.release %K : !tile.ring<2, k: 128x64xbf16 sw128>
    %b, %c = tile.await %BC[%s] : !tile.ring<3, b: 64x128xbf16 sw128, c: 64x128xbf16 sw128>
    ```
  }];
  let arguments = (ins Tile_RingType:$ring, Optional<Index>:$instance, Optional<Tile_CursorType>:$cursor, UnitAttr:$observe);
  let results = (outs Variadic<Tile_SmemType>:$views);
  let assemblyFormat = "custom<Slot>($ring, $instance, $cursor) (`observe` $observe^)? attr-dict `:` type($ring)";
  let hasVerifier = 1;
}

def Tile_ReleaseOp : Tile_RingSlotOp<"release", [MemoryEffects<[MemRead<Tile_Barriers>, MemWrite<Tile_Barriers>,
    MemRead<Tile_Shared>, MemWrite<Tile_Shared>]>]> {
  let summary = "say that a slot is empty";
  let description = [{
    Arrives on the slot's empty barrier: here, or `at(%cta)`, that of another CTA of the
    cluster, or `across d`, in all that differ along dimension d of the cluster, this one
    among them, where they fill the slot together.

    ```mlir
    tile.release %K[%c] if(%late) : !tile.ring<2, k: 128x64xbf16 sw128>
    tile.release %AB[%c] across 0 : !tile.ring<4, a: 128x64xbf16 sw128, b: 256x64xbf16 sw128>
    ```
  }];
  let arguments = (ins Tile_RingType:$ring, Optional<Index>:$instance, Optional<Tile_CursorType>:$cursor,
                       Optional<I1>:$predicate, Optional<Index>:$at, OptionalAttr<I64Attr>:$across);
  let assemblyFormat = [{
    custom<Slot>($ring, $instance, $cursor) (`if` `(` $predicate^ `)`)? (`at` `(` $at^ `)`)? (`across` $across^)? attr-dict `:` type($ring)
  }];
  let hasVerifier = 1;
}

#endif
