//===- SyncNames.td - positions, broadcasts, names ----------*- tablegen -*-===//
#ifndef TILE_SYNC_NAMES_TD
#define TILE_SYNC_NAMES_TD

include "SyncTypes.td"

def Tile_PosOp : Tile_PureOp<"pos"> {
  let summary = "positions along a dimension";
  let description = [{
    The vector at, at + 1, ..., of i32 or i64. Masks are comparisons of positions.

    ```mlir
    %l = tile.pos at %i : tensor<64xi64, #ssm.dims<L>>
    ```
  }];
  let arguments = (ins Index:$at);
  let results = (outs Tile_IndexTile:$result);
  let assemblyFormat = "`at` $at attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Tile_SpreadOp : Tile_PureOp<"spread"> {
  let summary = "broadcast by name, or another order of dimensions";
  let description = [{
    The result has the operand's dimensions, in any order, and more, along which
    elements are equal. A scalar spreads to any tile (an index to integers).

    ```mlir
    %r = tile.spread %max : tensor<64xf32, #ssm.dims<L>> -> tensor<64x128xf32, #ssm.dims<L, M>>
    %n = tile.spread %size : index -> tensor<64x128xi64, #ssm.dims<L, M>>
    ```
  }];
  let arguments = (ins AnyTypeOf<[Tile_Tile, Tile_Scalar]>:$operand);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Tile_RenameOp : Tile_PureOp<"rename"> {
  let summary = "other names, in the same order";
  let description = [{
    ```mlir
    %kj = tile.rename %k : tensor<64x32xf32, #ssm.dims<L, D>> -> tensor<64x32xf32, #ssm.dims<J, D>>
    ```
  }];
  let arguments = (ins Tile_Tile:$operand);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Tile_PartOp : Tile_PureOp<"part"> {
  let summary = "one dimension as several";
  let description = [{
    The dimension gives way to the new ones, in its place; the last of them runs
    fastest.

    ```mlir
    %y = tile.part %x "I" into ["K", "P"] : tensor<32xf32, #ssm.dims<I>> -> tensor<4x8xf32, #ssm.dims<K, P>>
    ```
  }];
  let arguments = (ins Tile_Tile:$operand, StrAttr:$dim, StrArrayAttr:$parts);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = "$operand $dim `into` $parts attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
}

def Tile_JoinOp : Tile_PureOp<"join"> {
  let summary = "several neighbouring dimensions as one";
  let description = [{
    The reverse of `tile.part`: the dimensions stand one after the other in the
    operand.

    ```mlir
    %y = tile.join %x ["K", "P"] into "I" : tensor<4x8xf32, #ssm.dims<K, P>> -> tensor<32xf32, #ssm.dims<I>>
    ```
  }];
  let arguments = (ins Tile_Tile:$operand, StrArrayAttr:$parts, StrAttr:$dim);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = "$operand $parts `into` $dim attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
}

def Tile_PickOp : Tile_PureOp<"pick"> {
  let summary = "the part of a tile at an index";
  let description = [{
    The result lacks the dimensions; an index outside the tile is undefined.

    ```mlir
    %last = tile.pick %x[L = %n] : tensor<64x16xf32, #ssm.dims<L, D>> -> tensor<16xf32, #ssm.dims<D>>
    ```
  }];
  let arguments = (ins Tile_Tile:$operand, StrArrayAttr:$dims, Variadic<Index>:$at);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = "$operand `` custom<Picks>($dims, $at) attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
}

def Tile_GetOp : Tile_PureOp<"get"> {
  let summary = "the element of a tile without dimensions";
  let description = [{
    As a scalar, for conditions and bounds; an integer may become an index.

    ```mlir
    %n = tile.get %length : tensor<i64> -> index
    ```
  }];
  let arguments = (ins Tile_Tile:$operand);
  let results = (outs Tile_Scalar:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
}

#endif
