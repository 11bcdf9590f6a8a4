//===- SyncMemory.td - views, reads, writes -----------------*- tablegen -*-===//
#ifndef TILE_SYNC_MEMORY_TD
#define TILE_SYNC_MEMORY_TD

include "SyncTypes.td"

def Tile_ViewOp : Tile_PureOp<"view"> {
  let summary = "names for the dimensions of a buffer";
  let description = [{
    ```mlir
    %X = tile.view %x : memref<?x?x64xbf16> to !tile.view<?x?x64xbf16, #ssm.dims<B, L, D>>
    ```
    A bool lies in memory as i8, and its tiles are of i8.
  }];
  let arguments = (ins Tile_Memory:$source);
  let results = (outs Tile_ViewType:$result);
  let assemblyFormat = "$source attr-dict `:` type($source) `to` type($result)";
  let hasVerifier = 1;
}

def Tile_ScratchOp : Tile_Op<"scratch"> {
  let summary = "memory that a work item has to itself";
  let description = [{
    Uninitialised, gone when the item ends; for what an item keeps between folds
    and what is too large or of open size for a carry. One size for each dynamic
    one of the type.

    ```mlir
    %A = tile.scratch(%Z) : !tile.view<16x?xf32, #ssm.dims<B, Z>>
    ```
  }];
  let arguments = (ins Variadic<Index>:$sizes);
  let results = (outs Res<Tile_ViewType, "", [MemAlloc]>:$result);
  let assemblyFormat = "(`(` $sizes^ `)`)? attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Tile_ReadOp : Tile_Op<"read", [AttrSizedOperandSegments]> {
  let summary = "a tile of a view";
  let description = [{
    Element p of the tile is the view's element whose index along a dimension is

    - coordinate + p along it, where the tile has the dimension (a coordinate that
      is not given is 0; a static view is then read whole, or up to its padding);
    - the coordinate, where the tile lacks it;
    - the element of the coordinate tile at p, where the coordinate is a tile of
      integers: its dimensions take the place of the view's, or are walked along
      with those that the tile has anyway (a gather).

    Coordinates are in elements, may be negative, and need not be multiples of a
    tile. Where an index is outside the view, the element is `fill` (0 if not given)
    and no memory is touched. `counts` gives a dimension fewer valid elements than
    the view has (a length that is smaller than the buffer).

    A complex view is read as two tiles, real and imaginary parts. Tiles may have
    their dimensions in any order; on the CPU the last one lies along vectors.

    ```mlir
    %x = tile.read %X[B = %b, L = %i] : !tile.view<?x?x64xbf16, #ssm.dims<B, L, D>>
           -> tensor<32x64xbf16, #ssm.dims<L, D>>
    %e = tile.read %E[V = %ids : tensor<32xi64, #ssm.dims<L>>] fill(0.0 : f32)
           : !tile.view<?x64xf32, #ssm.dims<V, D>> -> tensor<32x64xf32, #ssm.dims<L, D>>
    %re, %im = tile.read %C : !tile.view<16x32xcomplex<f32>, #ssm.dims<H, N>>
           -> tensor<16x32xf32, #ssm.dims<H, N>>, tensor<16x32xf32, #ssm.dims<H, N>>
    ```
  }];
  let arguments = (ins Arg<Tile_ViewType, "", [MemRead]>:$view, StrArrayAttr:$dims,
                       Variadic<Tile_Coordinate>:$coordinates, StrArrayAttr:$countDims, Variadic<Index>:$counts,
                       OptionalAttr<TypedAttrInterface>:$fill);
  let results = (outs Variadic<Tile_Tile>:$results);
  let assemblyFormat = [{
    $view `` custom<Coordinates>($dims, $coordinates, type($coordinates))
    `` custom<Counts>($countDims, $counts) (`fill` `(` $fill^ `)`)? attr-dict `:` type($view) `->` type($results)
  }];
  let builders = [
    // Coordinates by name.
    OpBuilder<(ins "::mlir::TypeRange":$results, "::mlir::Value":$view, "::llvm::ArrayRef<::llvm::StringRef>":$dims,
                   "::mlir::ValueRange":$coordinates, CArg<"::mlir::TypedAttr", "{}">:$fill)>];
  let hasVerifier = 1;
}

def Tile_WriteOp : Tile_Op<"write", [AttrSizedOperandSegments]> {
  let summary = "put a tile into a view";
  let description = [{
    The reverse of `tile.read`, with the same coordinates; what lies outside the
    view (or beyond `counts`) is not written. A complex view takes two tiles.
    `accumulate` adds to what the view holds. A tile of coordinates scatters; two
    elements that go to one place are both counted if `accumulate`, else either
    may stay.

    ```mlir
    tile.write %y to %Y[B = %b, L = %i] : tensor<32x64xbf16, #ssm.dims<L, D>>
           to !tile.view<?x?x64xbf16, #ssm.dims<B, L, D>>
    ```
  }];
  let arguments = (ins Variadic<Tile_Tile>:$values, Arg<Tile_ViewType, "", [MemRead, MemWrite]>:$view,
                       StrArrayAttr:$dims, Variadic<Tile_Coordinate>:$coordinates,
                       StrArrayAttr:$countDims, Variadic<Index>:$counts, UnitAttr:$accumulate);
  let assemblyFormat = [{
    $values `to` $view `` custom<Coordinates>($dims, $coordinates, type($coordinates))
    `` custom<Counts>($countDims, $counts) (`accumulate` $accumulate^)? attr-dict `:` type($values) `to` type($view)
  }];
  let builders = [
    OpBuilder<(ins "::mlir::ValueRange":$values, "::mlir::Value":$view, "::llvm::ArrayRef<::llvm::StringRef>":$dims,
                   "::mlir::ValueRange":$coordinates)>];
  let hasVerifier = 1;
}

#endif
