//===- AsyncCopy.td - what the copy engine does -------------*- tablegen -*-===//
#ifndef TILE_ASYNC_COPY_TD
#define TILE_ASYNC_COPY_TD

include "AsyncTypes.td"

def Tile_HintEnum : I32EnumAttr<"CacheHint", "what L2 should do with the lines", [
    I32EnumAttrCase<"Normal", 0, "normal">, I32EnumAttrCase<"EvictFirst", 1, "evict_first">,
    I32EnumAttrCase<"EvictLast", 2, "evict_last">]> {
  let cppNamespace = "::ssm::tile";
  let genSpecializedAttr = 0;
}
def Tile_HintAttr : EnumAttr<Tile_Dialect, Tile_HintEnum, "hint"> { let assemblyFormat = "`` $value"; }

def Tile_FetchOp : Tile_Op<"fetch", [AttrSizedOperandSegments, MemoryEffects<[MemRead<Tile_Barriers>, MemWrite<Tile_Barriers>,
    MemRead<Tile_Shared>, MemWrite<Tile_Shared>, MemRead<Tile_Global>]>]> {
  let summary = "fill a slot by asynchronous copies";
  let description = [{
    Waits until the slot is empty, stores the scalars, announces exactly the copies' bytes
    and starts the copies. An entry is `part = %map[coordinates]` (a box, innermost
    coordinate first; outside the tensor it is zero), `part = %global[indices]` (the part's
    bytes, contiguous from that element, multiples of 16) or `part = (scalars)`. A part
    that takes several boxes has an entry for each, in the order of memory. A thread role's
    operation.

    `across d` fills a part together: of the n CTAs that differ along dimension d of the
    cluster, the i-th brings the i-th of n boxes, to all of them. So all n run this fetch,
    each announces all n boxes, and a slot is empty once all have released it
    (`tile.release .. across d`).

    ```mlir
    tile.fetch %Q[%qc] q = %qm[0, %m0, 0, %bh], at = (%bh, -1)
      : !tile.ring<2, q: 192x64xbf16 sw128, at: 2xi32>, !tile.map<bf16, 64x192x1x1, sw128>
    tile.fetch %AB[%c] a = %am[%k, %m], b = %bm[%k, %n] across 0
      : !tile.ring<4, a: 128x64xbf16 sw128, b: 256x64xbf16 sw128>, !tile.map<bf16, 64x128, sw128>, !tile.map<bf16, 64x128, sw128>
    ```
  }];
  let arguments = (ins Tile_RingType:$ring, Optional<Index>:$instance, Optional<Tile_CursorType>:$cursor,
                       Variadic<Tile_MapOrGlobal>:$sources, Variadic<AnyTypeOf<[Index, F32]>>:$values,
                       DenseI64ArrayAttr:$static_values, DenseI32ArrayAttr:$parts, DenseBoolArrayAttr:$copies,
                       OptionalAttr<DenseI32ArrayAttr>:$across,
                       DefaultValuedAttr<Tile_HintAttr, "::ssm::tile::CacheHint::Normal">:$hint);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// One `part = ..` of the operation.
    struct Entry {
      unsigned part;
      ::mlir::Value source; ///< a map or a global view; null for scalars
      ::llvm::SmallVector<::mlir::OpFoldResult> values;
      std::optional<unsigned> across; ///< dimension of the cluster whose CTAs bring it together
      int64_t shares = 1;             ///< how many they are
    };
    ::llvm::SmallVector<Entry> getEntries();
    /// Bytes of an entry's copies, those of the other CTAs among them.
    int64_t getBytes(const Entry &entry);
    /// Bytes that all of them bring to this CTA.
    int64_t getCopiedBytes();
  }];
}

def Tile_SendOp : Tile_Op<"send", [MemoryEffects<[MemRead<Tile_Shared>, MemWrite<Tile_Global>, MemWrite<Tile_Bulk>]>]> {
  let summary = "store a box asynchronously";
  let description = [{
    The view is one box; what lies outside the tensor is not written. `add` adds to what is
    there. One bulk group an operation. A thread role's operation.

    ```mlir
    tile.send %y -> %ym[0, %t, %h, %b] : !tile.smem<64x64xbf16, sw128>, !tile.map<bf16, 64x64x1x1, sw128>
    ```
  }];
  let arguments = (ins Tile_SmemType:$source, Tile_MapType:$map, Variadic<Index>:$coords,
                       DenseI64ArrayAttr:$static_coords, UnitAttr:$add);
  let assemblyFormat = [{
    $source `->` $map `` custom<Indices>($coords, $static_coords) (`add` $add^)? attr-dict `:` type($source) `,` type($map)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = "::llvm::SmallVector<::mlir::OpFoldResult> getMixedCoords();";
}

def Tile_SendWaitOp : Tile_Op<"send_wait", [MemoryEffects<[MemRead<Tile_Shared>, MemWrite<Tile_Shared>,
    MemWrite<Tile_Global>, MemWrite<Tile_Bulk>]>]> {
  let summary = "wait for bulk stores";
  let description = [{
    Until at most n of this thread's groups have not finished, or with `read` have not read
    their shared memory.

    ```mlir
    tile.send_wait 1 read
    ```
  }];
  let arguments = (ins ConfinedAttr<I64Attr, [IntNonNegative]>:$groups, UnitAttr:$read);
  let assemblyFormat = "$groups (`read` $read^)? attr-dict";
  let hasVerifier = 1;
}

def Tile_CopyOp : Tile_Op<"copy", [AttrSizedOperandSegments, MemoryEffects<[MemRead<Tile_Global>, MemWrite<Tile_Shared>,
    MemRead<Tile_Barriers>, MemWrite<Tile_Barriers>]>]> {
  let summary = "asynchronous copies by every thread of the role";
  let description = [{
    For what the copy engine cannot do (odd strides, gathered rows): each thread copies the
    vectors that `layout` (a lanes layout) gives it, zero outside the view. With
    `arrive %ring[%cursor]` each thread arrives on the slot's full barrier as its copies
    complete (unit `each`).

    ```mlir
    tile.copy %x[%r, 0][16, 64] -> %s by lanes<8, 8> arrive %R[%c]
      : !tile.global<bf16, 2, 8>, !tile.smem<16x64xbf16, sw128>, !tile.ring<2, x: 16x64xbf16 sw128>
    ```
  }];
  let arguments = (ins Tile_GlobalType:$source, Variadic<Index>:$offsets, DenseI64ArrayAttr:$static_offsets,
                       OptionalAttr<DenseI64ArrayAttr>:$sizes, Tile_SmemType:$target, Tile_LanesAttr:$layout,
                       Optional<Tile_RingType>:$ring, Optional<Index>:$instance, Optional<Tile_CursorType>:$cursor);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let extraClassDeclaration = "::llvm::SmallVector<::mlir::OpFoldResult> getMixedOffsets();";
}

#endif
