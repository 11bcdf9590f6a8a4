//===- SyncLoops.td - work items, folds, recurrences --------*- tablegen -*-===//
#ifndef TILE_SYNC_LOOPS_TD
#define TILE_SYNC_LOOPS_TD

include "SyncTypes.td"

def Tile_ProgramOp : Tile_Op<"program", [SingleBlockImplicitTerminator<"::ssm::tile::YieldOp">,
    RecursiveMemoryEffects]> {
  let summary = "what every work item computes";
  let description = [{
    Runs the body once for each tile of the owned dimensions, in any order and at
    the same time: tiles of `step` elements cover [0, extent) of each, and the
    body's arguments are where they begin. The last one may hang over. Stands in a
    function, whose buffers and sizes the body uses; several programs of one
    function run one after the other.

    ```mlir
    tile.program owns(B = %b : 1 of %nB, L = %l : 64 of %nL) {
      ...
    }
    ```
  }];
  let arguments = (ins StrArrayAttr:$dims, DenseI64ArrayAttr:$steps, Variadic<Index>:$extents,
                       OptionalAttr<StrAttr>:$name);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let builders = [
    // Makes the block, with an index for each owned dimension, and the terminator.
    OpBuilder<(ins "::llvm::ArrayRef<::llvm::StringRef>":$dims, "::llvm::ArrayRef<int64_t>":$steps,
                   "::mlir::ValueRange":$extents)>];
  let skipDefaultBuilders = 1;
}

def Tile_LoopOp : Tile_Op<"loop", [RecursiveMemoryEffects, SingleBlock]> {
  let summary = "fold over the tiles of a dimension, with carried tiles";
  let description = [{
    Runs the body for the tiles of `step` elements that cover [from, to), in the
    order of the positions (`up`), against it (`down`: the last tile first), or in
    any; the body's arguments are where the tile begins, and the carries. The last
    tile may hang over. `tile.yield` gives the next carries; the results are the
    last ones, the initial ones where the range is empty. A loop without carries
    only writes.

    `merge`, where it is given, combines the carries of two runs over neighbouring
    ranges, which lets the range be split.

    ```mlir
    %sum = tile.loop M = %j : 128 from %c0 to %n order any
        carry(%acc = %zero : tensor<64x64xf32, #ssm.dims<L, E>>) {
      ...
      tile.yield %next : tensor<64x64xf32, #ssm.dims<L, E>>
    }
    ```
  }];
  let arguments = (ins StrAttr:$dim, I64Attr:$step, Tile_OrderAttr:$order, Index:$from, Index:$to,
                       Variadic<Tile_Tile>:$inits);
  let results = (outs Variadic<Tile_Tile>:$results);
  let regions = (region SizedRegion<1>:$body, MaxSizedRegion<1>:$merge);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let builders = [
    // Makes the block: the position, the carries.
    OpBuilder<(ins "::llvm::StringRef":$dim, "int64_t":$step, "::ssm::tile::Order":$order, "::mlir::Value":$from,
                   "::mlir::Value":$to, "::mlir::ValueRange":$inits)>];
  let skipDefaultBuilders = 1;
  let extraClassDeclaration = [{
    ::mlir::BlockArgument getPosition() { return getBody().getArgument(0); }
    ::llvm::MutableArrayRef<::mlir::BlockArgument> getCarries() { return getBody().getArguments().drop_front(); }
    /// The terminator, a `tile.yield`.
    ::mlir::Operation *getYield() { return getBody().front().getTerminator(); }
  }];
}

def Tile_RecurOp : Tile_Op<"recur", [AttrSizedOperandSegments, AttrSizedResultSegments, RecursiveMemoryEffects,
    SingleBlock]> {
  let summary = "sequential recurrence along a dimension inside a tile";
  let description = [{
    Runs the body once for each element of the dimension, in order (from the end if
    `reverse`). The block's arguments are the element's number in the tile (index),
    the carries, and the operands of `over` without the dimension. `tile.yield`
    gives the next carries and then the outputs, which are stacked along the
    dimension. `count` runs the first so many elements only (a tail): the carries
    are then those after them, and the outputs of the others are 0.

    Carries stay in registers where they fit: dimensions of the carries that the
    body neither sums nor rearranges are taken a vector at a time.

    ```mlir
    %last, %y = tile.recur L = %t count(%n) over(%dl = %dt : tensor<32x16xf32, #ssm.dims<L, D>>)
        carry(%h = %h0 : tensor<16x16xf32, #ssm.dims<N, D>>) stacked(tensor<32x16xf32, #ssm.dims<L, D>>) {
      ...
      tile.yield %hn, %yl : tensor<16x16xf32, #ssm.dims<N, D>>, tensor<16xf32, #ssm.dims<D>>
    }
    ```
  }];
  let arguments = (ins StrAttr:$dim, UnitAttr:$reverse, Optional<Index>:$count, Variadic<Tile_Tile>:$inits,
                       Variadic<Tile_Tile>:$slices);
  let results = (outs Variadic<Tile_Tile>:$finals, Variadic<Tile_Tile>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let builders = [
    // Makes the block: the number, the carries, the slices.
    OpBuilder<(ins "::llvm::StringRef":$dim, "bool":$reverse, "::mlir::Value":$count, "::mlir::ValueRange":$inits,
                   "::mlir::ValueRange":$slices, "::mlir::TypeRange":$outputs)>];
  let skipDefaultBuilders = 1;
  let extraClassDeclaration = [{
    /// How many elements the dimension has in the tile.
    int64_t getLength();
    ::mlir::BlockArgument getPosition() { return getBody().getArgument(0); }
    ::llvm::MutableArrayRef<::mlir::BlockArgument> getCarries() {
      return getBody().getArguments().slice(1, getInits().size());
    }
    ::llvm::MutableArrayRef<::mlir::BlockArgument> getSliceArguments() {
      return getBody().getArguments().drop_front(1 + getInits().size());
    }
    /// The terminator, a `tile.yield`.
    ::mlir::Operation *getYield() { return getBody().front().getTerminator(); }
    ::mlir::OperandRange getNextCarries() { return getYield()->getOperands().take_front(getInits().size()); }
    ::mlir::OperandRange getYieldedOutputs() { return getYield()->getOperands().drop_front(getInits().size()); }
  }];
}

#endif
