//===- SyncCombine.td - products, reductions, running ones --*- tablegen -*-===//
#ifndef TILE_SYNC_COMBINE_TD
#define TILE_SYNC_COMBINE_TD

include "SyncTypes.td"

def Tile_ProductOp : Tile_PureOp<"product", [AllElementTypesMatch<["lhs", "rhs"]>]> {
  let summary = "sum of products by dimension names";
  let description = [{
    Sums over the named dimensions, which both operands have; dimensions that both
    have and that stay are a batch. Operands of f32, f64 or i64 sum in their type,
    bf16 and f16 in f32; `acc` is added. The order of the result's dimensions is
    free: on the CPU its last one lies along vectors, so it is best one that one
    operand has last, and lacks in the other, which then may be in any order.

    ```mlir
    %s = tile.product %q, %k over ["D"] acc(%c) : (tensor<64x32xf32, #ssm.dims<L, D>>,
           tensor<32x128xf32, #ssm.dims<D, M>>, tensor<64x128xf32, #ssm.dims<L, M>>) -> tensor<64x128xf32, #ssm.dims<L, M>>
    ```
  }];
  let arguments = (ins Tile_Tile:$lhs, Tile_Tile:$rhs, Optional<Tile_Tile>:$acc, StrArrayAttr:$dims);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = [{
    $lhs `,` $rhs `over` $dims (`acc` `(` $acc^ `)`)? attr-dict `:` functional-type(operands, $result)
  }];
  let builders = [
    OpBuilder<(ins "::mlir::Type":$result, "::mlir::Value":$lhs, "::mlir::Value":$rhs,
                   "::llvm::ArrayRef<::llvm::StringRef>":$dims, CArg<"::mlir::Value", "{}">:$acc)>];
  let hasVerifier = 1;
}

def Tile_CombineOp : Tile_PureOp<"combine", [SingleBlock]> {
  let summary = "reduction of a tile along dimensions";
  let description = [{
    Combines the elements along the named dimensions, which the result lacks, in
    any order. `max` and `min` hand on NaN. `custom` combines several tiles at once
    with a region: two tuples of scalars in, one out, associative and commutative;
    `identities` are what it starts from.

    ```mlir
    %m = tile.combine max(%s) over ["M"] : tensor<64x128xf32, #ssm.dims<L, M>> -> tensor<64xf32, #ssm.dims<L>>
    %v, %i = tile.combine custom(%x, %pos) over ["M"] identities [0xFF800000 : f32, 0 : i64]
        : tensor<8x4xf32, #ssm.dims<L, M>>, tensor<8x4xi64, #ssm.dims<L, M>>
        -> tensor<8xf32, #ssm.dims<L>>, tensor<8xi64, #ssm.dims<L>> {
    ^bb0(%a: f32, %i: i64, %b: f32, %j: i64):
      ...
      tile.yield %c, %k : f32, i64
    }
    ```
  }];
  let arguments = (ins Tile_CombinerAttr:$combiner, Variadic<Tile_Tile>:$inputs, StrArrayAttr:$dims,
                       OptionalAttr<ArrayAttr>:$identities);
  let results = (outs Variadic<Tile_Tile>:$results);
  let regions = (region MaxSizedRegion<1>:$body);
  let assemblyFormat = [{
    $combiner `(` $inputs `)` `over` $dims (`identities` $identities^)? attr-dict
    `:` type($inputs) `->` type($results) ($body^)?
  }];
  let builders = [
    // One of the named ones.
    OpBuilder<(ins "::ssm::tile::Combiner":$combiner, "::mlir::Value":$operand,
                   "::llvm::ArrayRef<::llvm::StringRef>":$dims)>];
  let hasVerifier = 1;
}

def Tile_RunningOp : Tile_PureOp<"running", [AttrSizedOperandSegments, SingleBlock]> {
  let summary = "running combination along a dimension";
  let description = [{
    Element l of the result combines elements 0 to l (l to the end if `reverse`),
    or those before l if `exclusive`, onto `from`, where it is given.

    `affine` takes coefficients and terms, (a, b), and gives h[l] = a[l] h[l - 1] +
    b[l] from h[-1] = `from` (0 if not given): one result. With four operands, real
    and imaginary parts of both, it is complex and has two. `custom` has a region
    as `tile.combine`'s, associative, the earlier elements first.

    ```mlir
    %c = tile.running add(%x) along "L" : tensor<64x16xf32, #ssm.dims<L, D>> -> tensor<64x16xf32, #ssm.dims<L, D>>
    %h = tile.running affine(%a, %b) along "L" from(%h0 : tensor<16xf32, #ssm.dims<D>>)
        : tensor<64x16xf32, #ssm.dims<L, D>>, tensor<64x16xf32, #ssm.dims<L, D>> -> tensor<64x16xf32, #ssm.dims<L, D>>
    ```
  }];
  let arguments = (ins Tile_CombinerAttr:$combiner, Variadic<Tile_Tile>:$inputs, StrAttr:$dim,
                       UnitAttr:$reverse, UnitAttr:$exclusive, Variadic<Tile_Tile>:$from,
                       OptionalAttr<ArrayAttr>:$identities);
  let results = (outs Variadic<Tile_Tile>:$results);
  let regions = (region MaxSizedRegion<1>:$body);
  let assemblyFormat = [{
    $combiner `(` $inputs `)` `along` $dim (`reverse` $reverse^)? (`exclusive` $exclusive^)?
    (`from` `(` $from^ `:` type($from) `)`)? (`identities` $identities^)? attr-dict
    `:` type($inputs) `->` type($results) ($body^)?
  }];
  let builders = [
    OpBuilder<(ins "::ssm::tile::Combiner":$combiner, "::mlir::ValueRange":$inputs, "::llvm::StringRef":$dim,
                   CArg<"bool", "false">:$reverse, CArg<"bool", "false">:$exclusive,
                   CArg<"::mlir::ValueRange", "{}">:$from)>];
  let hasVerifier = 1;
}

#endif
