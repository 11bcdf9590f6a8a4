//===- AsyncTypes.td - buffers, rings, maps, flights --------*- tablegen -*-===//
#ifndef TILE_ASYNC_TYPES_TD
#define TILE_ASYNC_TYPES_TD

include "Base.td"

// What an operation touches. Barrier operations also write shared memory, so that
// a load never meets its twin across a wait.
def Tile_Global : Resource<"::ssm::tile::GlobalMemory">;
def Tile_Shared : Resource<"::ssm::tile::SharedMemory">;
def Tile_Barriers : Resource<"::ssm::tile::Barriers">;
def Tile_Products : Resource<"::ssm::tile::ProductsInFlight">;
def Tile_Bulk : Resource<"::ssm::tile::BulkStores">;
def Tile_Schedule : Resource<"::ssm::tile::SchedulePoint">;

def Tile_UnitEnum : I32EnumAttr<"BarrierUnit", "who arrives at a barrier", [
    I32EnumAttrCase<"Thread", 0, "thread">, I32EnumAttrCase<"Warp", 1, "warp">,
    I32EnumAttrCase<"Group", 2, "group">, I32EnumAttrCase<"Each", 3, "each">]> {
  let description = [{
    `thread`: the one thread of a thread role; `warp`: lane 0 of each warp, after the
    warp has met; `group`: thread 0 of a warpgroup; `each`: every thread of the role
    (asynchronous copies that arrive as they complete).
  }];
  let cppNamespace = "::ssm::tile";
  let genSpecializedAttr = 0;
}
def Tile_UnitAttr : EnumAttr<Tile_Dialect, Tile_UnitEnum, "unit"> { let assemblyFormat = "`` $value"; }

def Tile_SmemType : Tile_Type<"Smem", "smem"> {
  let summary = "a buffer in shared memory, or a view of one";
  let description = [{
    `!tile.smem<2x128x64xbf16, sw128>`: leading dimensions are separate tiles; the last
    two are a tile cut into panels of (swizzle bytes / element) columns, stored panel
    after panel, each [rows][swizzle bytes], 1024-byte aligned. Swizzle is 128, 64 or 32
    bytes; without one the buffer is plain row-major (vectors, flags). A view of some
    rows of a tile keeps the distance of the tile's panels: `rows = 128`.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape, "::mlir::Type":$elementType, "int64_t":$swizzle,
                        "int64_t":$panelRows);
  let builders = [TypeBuilder<(ins "::llvm::ArrayRef<int64_t>":$shape, "::mlir::Type":$elementType,
                                   CArg<"int64_t", "0">:$swizzle)>];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    unsigned getRank() const { return getShape().size(); }
    unsigned getElementBits() const { return getElementType().getIntOrFloatBitWidth(); }
    int64_t getNumElements() const;
    /// Of the whole buffer; a view counts the bytes it has, not those it skips.
    int64_t getBytes() const;
    /// Rows and columns of one tile. A vector is a tile of one row.
    int64_t getRows() const { return getRank() < 2 ? 1 : getShape()[getRank() - 2]; }
    int64_t getColumns() const { return getRank() < 1 ? 1 : getShape().back(); }
    int64_t getNumTiles() const;
    /// Columns of a panel: all of them where there is no swizzle.
    int64_t getPanelColumns() const;
    /// Bytes from a panel to the next, and from a tile to the next.
    int64_t getPanelBytes() const;
    int64_t getTileBytes() const;
  }];
}

def Tile_RingType : Tile_Type<"Ring", "ring"> {
  let summary = "slots of shared memory, each with a full and an empty mbarrier";
  let description = [{
    `!tile.ring<3, b: 64x128xbf16 sw128, c: 64x128xbf16 sw128>`: three slots of two
    parts. One slot is a plain buffer with its barriers, no part is a pair of bare
    barriers. `!tile.ring<2 x 3, ..>` is an array of three such rings.
  }];
  let parameters = (ins "int64_t":$slots, "int64_t":$copies, ArrayRefParameter<"::mlir::StringAttr">:$names,
                        ArrayRefParameter<"::mlir::Type">:$parts);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    SmemType getPart(unsigned i) const;
    unsigned getNumParts() const { return getParts().size(); }
    std::optional<unsigned> findPart(::llvm::StringRef name) const;
    /// Where a part starts in its slot, and the bytes from a slot to the next.
    /// Swizzled parts start at multiples of 1024, plain ones of 16.
    int64_t getPartOffset(unsigned i) const;
    int64_t getSlotBytes() const;
    /// Bytes of all slots of all copies.
    int64_t getBytes() const { return getCopies() * getSlots() * getSlotBytes(); }
  }];
}

def Tile_CursorType : Tile_Type<"Cursor", "cursor"> {
  let summary = "a slot of a ring and its phase";
  let description = [{
    `!tile.cursor<3>`: which of a ring's slots comes next, and in which phase. A
    pure value, carried by loops and shared by rings of as many slots that advance
    together.
  }];
  let parameters = (ins "int64_t":$slots);
  let assemblyFormat = "`<` $slots `>`";
  let genVerifyDecl = 1;
}

def Tile_FlightType : Tile_Type<"Flight", "flight"> {
  let summary = "an accumulator that the tensor cores own";
  let description = [{
    `!tile.flight<tensor<64x128xf32, #tile.acc>>`: a product in flight. Only `tile.mma`
    and `tile.land` take it, so to read an accumulator before its wait is a type error.
    It has one consuming use on every path.
  }];
  let parameters = (ins "::mlir::RankedTensorType":$tile);
  let assemblyFormat = "`<` $tile `>`";
  let genVerifyDecl = 1;
}

def Tile_MapType : Tile_Type<"Map", "map"> {
  let summary = "a tensor map and its box";
  let description = [{
    `!tile.map<bf16, 64x192x1x1, sw128>`: element, box (innermost dimension first, as
    coordinates are) and swizzle. A kernel's parameter of 128 bytes; what it describes is
    said where the kernel is launched (`tile.tensor_map`).
  }];
  let parameters = (ins "::mlir::Type":$elementType, ArrayRefParameter<"int64_t">:$box, "int64_t":$swizzle);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    unsigned getRank() const { return getBox().size(); }
    int64_t getBoxBytes() const;
  }];
}

def Tile_GlobalType : Tile_Type<"Global", "global"> {
  let summary = "a view of global memory";
  let description = [{
    `!tile.global<bf16, 3>`: a pointer, three sizes (i32) and two strides (i64, in
    elements), outermost first; the innermost stride is 1. What lies outside the sizes
    reads as 0 and is not written. `!tile.global<bf16, 3, 8>`: the pointer, the innermost
    size and the strides are multiples of 8 elements, so that vectors of 8 elements lie
    inside or outside as a whole; a launch that breaks this is refused.
  }];
  let parameters = (ins "::mlir::Type":$elementType, "int64_t":$rank, DefaultValuedParameter<"int64_t", "1">:$vector);
  let assemblyFormat = "`<` $elementType `,` $rank (`,` $vector^)? `>`";
  let genVerifyDecl = 1;
}

def Tile_TurnsType : Tile_Type<"Turns", "turns"> {
  let summary = "a circle of named barriers";
  let description = [{
    `!tile.turns<3>`: the right to go first travels round three role instances.
  }];
  let parameters = (ins "int64_t":$count);
  let assemblyFormat = "`<` $count `>`";
  let genVerifyDecl = 1;
}

def Tile_WarpsType : Tile_Type<"Warps", "warps"> {
  let summary = "a value a warp";
  let description = [{
    `!tile.warps<tensor<2x64xf32, #tile.col>>`: each of a warpgroup's four warps has its
    own; carried from one `tile.per_warp` to another.
  }];
  let parameters = (ins "::mlir::Type":$value);
  let assemblyFormat = "`<` $value `>`";
}

def Tile_RegisterTile : Type<CPred<"::ssm::tile::isRegisterTile($_self)">, "tensor with a tile layout", "::mlir::RankedTensorType">;
def Tile_UniformScalar : AnyTypeOf<[I1, I32, F32, Index], "scalar">;
def Tile_TileOrScalar : AnyTypeOf<[Tile_RegisterTile, I1, I32, F32, Index], "tile or scalar">;
def Tile_SmemOrGlobal : AnyTypeOf<[Tile_SmemType, Tile_GlobalType], "shared buffer or global view">;
def Tile_MapOrGlobal : AnyTypeOf<[Tile_MapType, Tile_GlobalType], "tensor map or global view">;
def Tile_RingOrSmem : AnyTypeOf<[Tile_RingType, Tile_SmemType], "ring or shared buffer">;
def Tile_TileOrFlight : AnyTypeOf<[Tile_RegisterTile, Tile_FlightType], "tile or flight">;
def Tile_TileOrSmem : AnyTypeOf<[Tile_RegisterTile, Tile_SmemType], "tile or shared buffer">;

#endif
