//===- AsyncShape.td - within and between tiles -------------*- tablegen -*-===//
#ifndef TILE_ASYNC_SHAPE_TD
#define TILE_ASYNC_SHAPE_TD

include "AsyncTypes.td"

def Tile_CombineEnum : I32EnumAttr<"Combine", "how a reduction or a scan combines", [
    I32EnumAttrCase<"AddF", 0, "addf">, I32EnumAttrCase<"MulF", 1, "mulf">,
    I32EnumAttrCase<"MaxNumF", 2, "maxnumf">, I32EnumAttrCase<"MinNumF", 3, "minnumf">,
    I32EnumAttrCase<"AddI", 4, "addi">, I32EnumAttrCase<"MaximumF", 5, "maximumf">,
    I32EnumAttrCase<"MinimumF", 6, "minimumf">, I32EnumAttrCase<"MaxSI", 7, "maxsi">,
    I32EnumAttrCase<"MinSI", 8, "minsi">]> {
  let description = "`maxnumf` and `minnumf` pass over NaN, `maximumf` and `minimumf` hand it on.";
  let cppNamespace = "::ssm::tile";
  let genSpecializedAttr = 0;
}
def Tile_CombineAttr : EnumAttr<Tile_Dialect, Tile_CombineEnum, "combine"> { let assemblyFormat = "`` $value"; }

def Tile_FoldOp : Tile_PureOp<"fold", [OptionalTypesMatchWith<"what it starts from has the result's type", "result", "init",
    "$_self">]> {
  let summary = "reduce columns inside a thread";
  let description = [{
    Of an `acc` tile to a `part`: each thread combines what it holds of a row, after `init`.

    ```mlir
    %l1 = tile.fold addf %e init(%l) : tensor<64x128xf32, #tile.acc> -> tensor<64x4xf32, #tile.part>
    ```
  }];
  let arguments = (ins Tile_CombineAttr:$kind, Tile_RegisterTile:$source, Optional<Tile_RegisterTile>:$init);
  let results = (outs Tile_RegisterTile:$result);
  let assemblyFormat = "$kind $source (`init` `(` $init^ `)`)? attr-dict `:` type($source) `->` type($result)";
  let hasVerifier = 1;
}

def Tile_ReduceOp : Tile_Op<"reduce", [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    DeclareOpInterfaceMethods<ConditionallySpeculatable>]> {
  let summary = "finish a reduction";
  let description = [{
    `part` or `acc` over columns to a `row`; `acc` over rows to a `col`; `lanes` over its
    last dimension to a row of it. Where warps are crossed it goes through a scratch buffer and meets the role's threads
    (`via`): that buffer is free again after the next sync of the role.

    ```mlir
    %m = tile.reduce maxnumf %p : tensor<64x4xf32, #tile.part> -> tensor<64xf32, #tile.row>
    %s = tile.reduce addf %x via(%u : !tile.smem<2x4xf32>) : !f -> tensor<2xf32, #tile.row<#tile.lanes<128, 8>>>
    ```
  }];
  let arguments = (ins Tile_CombineAttr:$kind, Tile_RegisterTile:$source, Optional<Tile_SmemType>:$via);
  let results = (outs Tile_RegisterTile:$result);
  let assemblyFormat = [{
    $kind $source (`via` `(` $via^ `:` type($via) `)`)? attr-dict `:` type($source) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_ScanOp : Tile_PureOp<"scan", [AllTypesMatch<["source", "result"]>,
    OptionalTypesMatchWith<"the factors have the source's type", "source", "scale", "$_self">]> {
  let summary = "inclusive scan along the last dimension";
  let description = [{
    Of a `lanes` tile, restarting every `within` elements; `reverse` runs from the end. With
    `scale(%a)` it is the recurrence h = a h + x (addf only), element by element.

    ```mlir
    %l = tile.scan addf %a within 64 : tensor<128xf32, #tile.lanes<32, 4>>
    %h = tile.scan addf %x scale(%a) : tensor<4x256xf32, #tile.lanes<32, 8>>
    ```
  }];
  let arguments = (ins Tile_CombineAttr:$kind, Tile_RegisterTile:$source, Optional<Tile_RegisterTile>:$scale, OptionalAttr<I64Attr>:$within,
                       UnitAttr:$reverse);
  let results = (outs Tile_RegisterTile:$result);
  let assemblyFormat = [{
    $kind $source (`scale` `(` $scale^ `)`)? (`within` $within^)? (`reverse` $reverse^)? attr-dict `:` type($source)
  }];
  let hasVerifier = 1;
}

def Tile_GatherOp : Tile_PureOp<"gather", [AllTypesMatch<["source", "result"]>]> {
  let summary = "element i takes element map(i)";
  let description = [{
    Along the last dimension of a `lanes` tile. Each register must read one register.

    ```mlir
    %q = tile.gather %l by affine_map<(i) -> (i floordiv 64 * 64 + 63)> : tensor<128xf32, #tile.lanes<32, 2>>
    ```
  }];
  let arguments = (ins Tile_RegisterTile:$source, AffineMapAttr:$map);
  let results = (outs Tile_RegisterTile:$result);
  let assemblyFormat = "$source `by` $map attr-dict `:` type($source)";
  let hasVerifier = 1;
}

def Tile_BroadcastOp : Tile_PureOp<"broadcast"> {
  let summary = "replicate";
  let description = [{
    A scalar to any tile; a `row` to a tile of its parent (or to `part`); a `col` to `acc`.

    ```mlir
    %b = tile.broadcast %r : tensor<64xf32, #tile.row> to tensor<64x128xf32, #tile.acc>
    ```
  }];
  let arguments = (ins Tile_TileOrScalar:$source);
  let results = (outs Tile_RegisterTile:$result);
  let assemblyFormat = "$source attr-dict `:` type($source) `to` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
  let extraClassDeclaration = [{
    /// Whether values of one type can be replicated in tiles of another.
    static bool spreads(::mlir::Type from, ::mlir::RankedTensorType to);
  }];
}

def Tile_SliceOp : Tile_PureOp<"slice"> {
  let summary = "a part of a tile's registers";
  let description = [{
    Offsets are constants once loops are unrolled. Columns of `acc` come in eights (16 at 16
    bits), rows in 64 (16 in a warp's scope); of `lanes`, whole rounds of the threads.

    ```mlir
    %g = tile.slice %w[0, %o] : tensor<16x64xf32, #tile.acc> to tensor<16x16xf32, #tile.acc>
    ```
  }];
  let arguments = (ins Tile_RegisterTile:$source, Variadic<Index>:$offsets, DenseI64ArrayAttr:$static_offsets);
  let results = (outs Tile_RegisterTile:$result);
  let assemblyFormat = "$source `` custom<Indices>($offsets, $static_offsets) attr-dict `:` type($source) `to` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
  let extraClassDeclaration = "::llvm::SmallVector<::mlir::OpFoldResult> getMixedOffsets();";
}

def Tile_InsertOp : Tile_PureOp<"insert", [AllTypesMatch<["dest", "result"]>]> {
  let summary = "a tile with a part of it replaced";
  let description = [{
    ```mlir
    %z = tile.insert %y, %u[0, %o] : tensor<2x16xf32, #tile.col> into tensor<2x64xf32, #tile.col>
    ```
  }];
  let arguments = (ins Tile_RegisterTile:$source, Tile_RegisterTile:$dest, Variadic<Index>:$offsets, DenseI64ArrayAttr:$static_offsets);
  let results = (outs Tile_RegisterTile:$result);
  let assemblyFormat = [{
    $source `,` $dest `` custom<Indices>($offsets, $static_offsets) attr-dict `:` type($source) `into` type($dest)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
  let extraClassDeclaration = "::llvm::SmallVector<::mlir::OpFoldResult> getMixedOffsets();";
}

def Tile_MaskOp : Tile_PureOp<"mask", [AttrSizedOperandSegments, AllTypesMatch<["source", "result"]>,
    TypesMatchWith<"the filler is an element", "source", "fill", "::mlir::getElementTypeOrSelf($_self)">]> {
  let summary = "keep elements by position";
  let description = [{
    Keeps the elements whose position (r, c) is in the set, in a vector (i); the others
    become `else`. The set's symbols are scalars. Where `if` is false everything is kept.

    ```mlir
    %s = tile.mask %x in affine_set<(r, c)[row] : (r + row - c >= 0)>[%row] else %ninf if(%masked) : tensor<64x128xf32, #tile.acc>
    ```
  }];
  let arguments = (ins Tile_RegisterTile:$source, IntegerSetAttr:$set, Variadic<Index>:$symbols, AnyTypeOf<[F32, I32, I1, BF16, F16]>:$fill,
                       Optional<I1>:$predicate);
  let results = (outs Tile_RegisterTile:$result);
  let assemblyFormat = [{
    $source `in` $set `[` $symbols `]` `else` $fill (`if` `(` $predicate^ `)`)? attr-dict `:` type($source)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def Tile_IotaOp : Tile_PureOp<"iota"> {
  let summary = "an element's index along a dimension";
  let description = [{
    ```mlir
    %c = tile.iota 1 : tensor<64x128xi32, #tile.acc>
    ```
  }];
  let arguments = (ins ConfinedAttr<I64Attr, [IntNonNegative]>:$dim);
  let results = (outs Tile_RegisterTile:$result);
  let assemblyFormat = "$dim attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Tile_AnyOp : Tile_PureOp<"any"> {
  let summary = "does it hold for some element";
  let description = [{
    A warp's vote on an i1 tile.

    ```mlir
    %a = tile.any %g : tensor<16x4xi1, #tile.part>
    ```
  }];
  let arguments = (ins Tile_RegisterTile:$source);
  let results = (outs I1:$result);
  let assemblyFormat = "$source attr-dict `:` type($source)";
  let hasVerifier = 1;
}

def Tile_ConvertOp : Tile_PureOp<"convert"> {
  let summary = "the same tile in another layout";
  let description = [{
    What shuffles inside a quad can do: `acc` to `quad` and back, at 16 bits. Every other
    change goes through a named buffer.

    ```mlir
    %q = tile.convert %o : tensor<64x64xbf16, #tile.acc> to tensor<64x64xbf16, #tile.quad>
    ```
  }];
  let arguments = (ins Tile_RegisterTile:$source);
  let results = (outs Tile_RegisterTile:$result);
  let assemblyFormat = "$source attr-dict `:` type($source) `to` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

#endif
