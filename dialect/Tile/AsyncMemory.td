//===- AsyncMemory.td - loads, stores, fills, counters ------*- tablegen -*-===//
#ifndef TILE_ASYNC_MEMORY_TD
#define TILE_ASYNC_MEMORY_TD

include "AsyncTypes.td"

def Tile_GlobalOp : Tile_PureOp<"global", [AttrSizedOperandSegments]> {
  let summary = "another view of global memory";
  let description = [{
    A view that starts at an element of another one, with sizes and strides of its own.

    ```mlir
    %v = tile.global %x[%b, 0, 0] sizes [%n, 64] strides [%s, 1] : !tile.global<f32, 3> to !tile.global<f32, 2>
    ```
  }];
  let arguments = (ins Tile_GlobalType:$source, Variadic<Index>:$offsets, Variadic<Index>:$sizes, Variadic<Index>:$strides,
                       DenseI64ArrayAttr:$static_offsets, DenseI64ArrayAttr:$static_sizes, DenseI64ArrayAttr:$static_strides);
  let results = (outs Tile_GlobalType:$view);
  let assemblyFormat = [{
    $source `` custom<Indices>($offsets, $static_offsets) `sizes` custom<Indices>($sizes, $static_sizes)
    `strides` custom<Indices>($strides, $static_strides) attr-dict `:` type($source) `to` type($view)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::llvm::SmallVector<::mlir::OpFoldResult> getMixedOffsets();
    ::llvm::SmallVector<::mlir::OpFoldResult> getMixedSizes();
    ::llvm::SmallVector<::mlir::OpFoldResult> getMixedStrides();
  }];
}

def Tile_PresentOp : Tile_PureOp<"present"> {
  let summary = "is a view's pointer set";
  let description = [{
    An optional argument that the caller left out has a null pointer.

    ```mlir
    %has = tile.present %s0 : !tile.global<f32, 4>
    ```
  }];
  let arguments = (ins Tile_GlobalType:$source);
  let results = (outs I1:$result);
  let assemblyFormat = "$source attr-dict `:` type($source)";
}

def Tile_LoadOp : Tile_Op<"load", [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "memory to registers";
  let description = [{
    From a shared buffer or a global view, at indices along every dimension. The sizes, one
    a dimension, are the tile's shape with ones put in; without them the tile lies along
    the last dimensions. Outside a global view elements are 0. A scalar result is one
    element, the same in all threads. `transpose` reads the last two dimensions the other
    way round. `relaxed` (a scalar) may meet a store of another role and takes either value.
    `image` reads what `tile.store image` wrote. A tile may reach past the end of a global
    view, and before its start only if that is said (`either_side`). What is the same in
    several threads, a scalar or a row, is held in 32 bits: bf16 and f16 in memory are
    widened to f32.

    ```mlir
    %a = tile.load %x[%r, 0][2, 512] : !tile.global<bf16, 2, 8> -> tensor<2x512xbf16, #tile.lanes<64, 8>>
    %t = tile.load %s[0, 0] transpose : !tile.smem<64x64xbf16, sw128> -> tensor<64x64xbf16, #tile.acc>
    %f = tile.load %v[%h, 2, 63] : !tile.smem<2x5x64xf32> -> f32
    ```
  }];
  let arguments = (ins Tile_SmemOrGlobal:$source, Variadic<Index>:$offsets, DenseI64ArrayAttr:$static_offsets,
                       OptionalAttr<DenseI64ArrayAttr>:$sizes, UnitAttr:$transpose, UnitAttr:$relaxed, UnitAttr:$image,
                       UnitAttr:$either_side);
  let results = (outs AnyType:$result);
  let assemblyFormat = [{
    $source `` custom<Indices>($offsets, $static_offsets) `` custom<Sizes>($sizes) (`transpose` $transpose^)? (`relaxed` $relaxed^)?
    (`image` $image^)? (`either_side` $either_side^)? attr-dict `:` type($source) `->` type($result)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::llvm::SmallVector<::mlir::OpFoldResult> getMixedOffsets();
    /// The extent along each dimension of the source, ones included.
    ::llvm::SmallVector<int64_t> getExtents();
  }];
}

def Tile_StoreOp : Tile_Op<"store", [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "registers to memory";
  let description = [{
    As `tile.load`, the other way; elements outside a global view are not written. A scalar
    is written by one thread. `image` writes the registers in their own order (a role's
    private copy, read back by `tile.load image` of the same type). A row or a scalar of f32
    is rounded where the memory has 16 bits.

    ```mlir
    tile.store %o, %y[%r, 0] : tensor<2x512xbf16, #tile.lanes<64, 8>>, !tile.global<bf16, 2, 8>
    tile.store %c, %s[%w, 0] transpose : tensor<64x64xbf16, #tile.acc>, !tile.smem<64x64xbf16, sw128>
    ```
  }];
  let arguments = (ins AnyType:$value, Tile_SmemOrGlobal:$target, Variadic<Index>:$offsets,
                       DenseI64ArrayAttr:$static_offsets, OptionalAttr<DenseI64ArrayAttr>:$sizes, UnitAttr:$transpose,
                       UnitAttr:$relaxed, UnitAttr:$image, UnitAttr:$either_side);
  let assemblyFormat = [{
    $value `,` $target `` custom<Indices>($offsets, $static_offsets) `` custom<Sizes>($sizes) (`transpose` $transpose^)?
    (`relaxed` $relaxed^)? (`image` $image^)? (`either_side` $either_side^)? attr-dict `:` type($value) `,` type($target)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::llvm::SmallVector<::mlir::OpFoldResult> getMixedOffsets();
    ::llvm::SmallVector<int64_t> getExtents();
  }];
}

def Tile_FillOp : Tile_Op<"fill", [MemoryEffects<[MemWrite<Tile_Shared>]>]> {
  let summary = "a constant in all of a buffer";
  let description = [{
    By all threads: of the CTA in the prologue, of the role in a warpgroup's role.

    ```mlir
    tile.fill %M, 0.0 : bf16 in !tile.ring<2, m: 2x64x64xbf16 sw128>
    ```
  }];
  let arguments = (ins Tile_RingOrSmem:$target, TypedAttrInterface:$value);
  let assemblyFormat = "$target `,` $value `in` type($target) attr-dict";
  let hasVerifier = 1;
}

def Tile_AtomicAddOp : Tile_Op<"atomic_add", [MemoryEffects<[MemRead<Tile_Global>, MemWrite<Tile_Global>]>]> {
  let summary = "draw a number";
  let description = [{
    Adds to an i32 in global memory, relaxed, for the whole device; the result is what was
    there before. A thread role's operation.

    ```mlir
    %old = tile.atomic_add %counter[], %c1 : !tile.global<i32, 0>
    ```
  }];
  let arguments = (ins Tile_GlobalType:$target, Variadic<Index>:$offsets, DenseI64ArrayAttr:$static_offsets, Index:$value);
  let results = (outs Index:$result);
  let assemblyFormat = "$target `` custom<Indices>($offsets, $static_offsets) `,` $value attr-dict `:` type($target)";
  let hasVerifier = 1;
  let extraClassDeclaration = "::llvm::SmallVector<::mlir::OpFoldResult> getMixedOffsets();";
}

#endif
