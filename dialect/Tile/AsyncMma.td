//===- AsyncMma.td - products -------------------------------*- tablegen -*-===//
#ifndef TILE_ASYNC_MMA_TD
#define TILE_ASYNC_MMA_TD

include "AsyncTypes.td"

def Tile_MmaOp : Tile_Op<"mma", [AttrSizedOperandSegments, MemoryEffects<[MemWrite<Tile_Products>, MemRead<Tile_Shared>]>]> {
  let summary = "start a warpgroup's product";
  let description = [{
    One group of wgmma: A B, or A B + acc. A (M x K) is in shared memory or a 16-bit `acc`
    tile, B (K x N) in shared memory. `ta`: A lies as K x M; `tb`: B lies as N x K. `acc` is
    a tile or a flight, whose registers the result takes over; under `unless(%p)` it counts
    as zero where %p holds. f32 operands are multiplied as tf32, which must be said.

    ```mlir
    %s = tile.mma %q, %k tb : !Q, !K -> !tile.flight<!S>
    %o = tile.mma %p, %v acc(%o0 : !O) unless(%first) : !P, !V -> !tile.flight<!O>
    ```
  }];
  let arguments = (ins Tile_TileOrSmem:$a, Tile_SmemType:$b, Optional<Tile_TileOrFlight>:$acc, Optional<I1>:$unless,
                       UnitAttr:$ta, UnitAttr:$tb, UnitAttr:$tf32);
  let results = (outs Tile_FlightType:$result);
  let assemblyFormat = [{
    $a `,` $b (`ta` $ta^)? (`tb` $tb^)? (`tf32` $tf32^)? (`acc` `(` $acc^ `:` type($acc) `)`)? (`unless` `(` $unless^ `)`)?
    attr-dict `:` type($a) `,` type($b) `->` type($result)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Rows, columns and depth of the product.
    int64_t getM() { return getResult().getType().getTile().getDimSize(0); }
    int64_t getN() { return getResult().getType().getTile().getDimSize(1); }
    int64_t getK();
    bool isRegisterA() { return ::llvm::isa<::mlir::RankedTensorType>(getA().getType()); }
    /// Depth of one wgmma, in elements: 32 bytes.
    int64_t getKStep();
  }];
}

def Tile_LandOp : Tile_Op<"land", [DeclareOpInterfaceMethods<InferTypeOpInterface>,
    MemoryEffects<[MemWrite<Tile_Products>, MemRead<Tile_Shared>, MemWrite<Tile_Shared>]>]> {
  let summary = "wait for products, and have their accumulators";
  let description = [{
    Waits until at most n of this role's groups are in flight; the flights named must be
    among those that are finished then.

    ```mlir
    %s = tile.land 1 (%sf) : !tile.flight<!S>
    ```
  }];
  let arguments = (ins ConfinedAttr<I64Attr, [IntNonNegative]>:$groups, Variadic<Tile_FlightType>:$flights);
  let results = (outs Variadic<Tile_RegisterTile>:$tiles);
  let assemblyFormat = "$groups `(` $flights `)` attr-dict `:` type($flights)";
  let hasVerifier = 1;
}

def Tile_RetireOp : Tile_Op<"retire", [MemoryEffects<[MemWrite<Tile_Products>, MemRead<Tile_Shared>, MemWrite<Tile_Shared>]>]> {
  let summary = "wait for products, without their accumulators";
  let description = [{
    Waits until at most n groups are in flight, so that what the others read may be
    released; their accumulators stay in the chain.

    ```mlir
    tile.retire 1
    ```
  }];
  let arguments = (ins ConfinedAttr<I64Attr, [IntNonNegative]>:$groups);
  let assemblyFormat = "$groups attr-dict";
}

def Tile_MmaSyncOp : Tile_PureOp<"mma_sync", [AllTypesMatch<["acc", "result"]>]> {
  let summary = "a warp's product";
  let description = [{
    A (16b x K, `acc` at 16 bits), B (K x N, `opb`), C and result (16b x N, `acc`, f32): for
    tiles under 64 rows, in a warp's scope.

    ```mlir
    %d = tile.mma_sync %a, %b, %c : tensor<16x16xbf16, #tile.acc>, tensor<16x8xbf16, #tile.opb>, tensor<16x8xf32, #tile.acc>
    ```
  }];
  let arguments = (ins Tile_RegisterTile:$a, Tile_RegisterTile:$b, Tile_RegisterTile:$acc);
  let results = (outs Tile_RegisterTile:$result);
  let assemblyFormat = "$a `,` $b `,` $acc attr-dict `:` type($a) `,` type($b) `,` type($acc)";
  let hasVerifier = 1;
}

def Tile_PinForEnum : I32EnumAttr<"PinFor", "whose reordering a pin holds back", [
    I32EnumAttrCase<"Llvm", 0, "llvm">, I32EnumAttrCase<"Ptxas", 1, "ptxas">]> {
  let cppNamespace = "::ssm::tile";
  let genSpecializedAttr = 0;
}
def Tile_PinForAttr : EnumAttr<Tile_Dialect, Tile_PinForEnum, "pin_for"> { let assemblyFormat = "`` $value"; }

def Tile_PinOp : Tile_Op<"pin", [MemoryEffects<[MemWrite<Tile_Schedule>]>,
    DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let summary = "computed here, not later";
  let description = [{
    The values are used at this point as far as LLVM (or ptxas) can tell, so that no later
    wait moves up over their computation and none of it sinks below. For ptxas a scalar that
    decides a branch counts as well: `tile.pin %m, %grew for ptxas`.

    ```mlir
    %m = tile.pin %m0 for ptxas : tensor<64x4xf32, #tile.part>
    ```
  }];
  let arguments = (ins Variadic<Tile_TileOrScalar>:$inputs, Tile_PinForAttr:$who);
  let results = (outs Variadic<Tile_TileOrScalar>:$outputs);
  let assemblyFormat = "$inputs `for` $who attr-dict `:` type($inputs)";
}

#endif
