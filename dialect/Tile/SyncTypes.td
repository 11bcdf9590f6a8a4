//===- SyncTypes.td - views and tiles -----------------------*- tablegen -*-===//
#ifndef TILE_SYNC_TYPES_TD
#define TILE_SYNC_TYPES_TD

include "Base.td"

def Tile_ViewType : Tile_Type<"View", "view"> {
  let summary = "a tensor in memory whose dimensions have names";
  let description = [{
    `!tile.view<?x?x64xbf16, #ssm.dims<B, L, D>>`; a scalar in memory is
    `!tile.view<f32>`. Sizes are static where known.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape, "::mlir::Type":$elementType,
                        ArrayRefParameter<"::mlir::StringAttr">:$names);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Names and sizes, in the order of the shape.
    ::ssm::NamedDims getDims() const;
    /// What a tile of the view holds: a complex view's tiles come in pairs of these.
    ::mlir::Type getTileElement() const;
    /// Tiles that a read gives and a write takes: 2 of a complex view, else 1.
    unsigned getNumTiles() const { return ::llvm::isa<::mlir::ComplexType>(getElementType()) ? 2 : 1; }
  }];
}

/// Static sizes, names in the encoding, real or integer elements.
def Tile_Tile : Type<CPred<"::ssm::tile::isTile($_self)">,
    "tile (tensor of static size with named dimensions, of real or integer elements)", "::mlir::RankedTensorType">;
def Tile_IndexTile : Type<And<[Tile_Tile.predicate,
    CPred<"::llvm::cast<::mlir::RankedTensorType>($_self).getElementType().isSignlessInteger()">]>,
    "tile of integers", "::mlir::RankedTensorType">;
def Tile_Scalar : AnyTypeOf<[AnyFloat, AnySignlessInteger, Index], "scalar">;
def Tile_Coordinate : AnyTypeOf<[Index, Tile_IndexTile], "index or tile of integers">;
def Tile_Memory : AnyTypeOf<[AnyRankedTensor, AnyMemRef], "memref or tensor">;

def Tile_OrderEnum : I32EnumAttr<"Order", "order in which a loop meets its tiles", [
    I32EnumAttrCase<"Up", 0, "up">, I32EnumAttrCase<"Down", 1, "down">, I32EnumAttrCase<"Any", 2, "any">]> {
  let cppNamespace = "::ssm::tile";
  let genSpecializedAttr = 0;
}
def Tile_OrderAttr : EnumAttr<Tile_Dialect, Tile_OrderEnum, "order"> { let assemblyFormat = "$value"; }

def Tile_CombinerEnum : I32EnumAttr<"Combiner", "how elements are combined", [
    I32EnumAttrCase<"Add", 0, "add">, I32EnumAttrCase<"Mul", 1, "mul">, I32EnumAttrCase<"Max", 2, "max">,
    I32EnumAttrCase<"Min", 3, "min">, I32EnumAttrCase<"Affine", 4, "affine">,
    I32EnumAttrCase<"Custom", 5, "custom">]> {
  let cppNamespace = "::ssm::tile";
  let genSpecializedAttr = 0;
}
def Tile_CombinerAttr : EnumAttr<Tile_Dialect, Tile_CombinerEnum, "combiner"> { let assemblyFormat = "$value"; }

#endif
