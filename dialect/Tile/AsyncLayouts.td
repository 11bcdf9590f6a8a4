//===- AsyncLayouts.td - which thread holds which element ---*- tablegen -*-===//
//
// The named layouts of register tiles, as encodings of a tensor. Leading
// dimensions beyond a layout's own are plain register blocks. lib/Layout has the
// arithmetic; its unit tests enumerate every element.
//
//===----------------------------------------------------------------------===//
#ifndef TILE_ASYNC_LAYOUTS_TD
#define TILE_ASYNC_LAYOUTS_TD

include "Base.td"

/// A layout. `rank` is the number of trailing dimensions it spreads.
class Tile_Layout<string name, string mnemonic, int rank>
    : Tile_Attr<name, mnemonic, [DeclareAttrInterfaceMethods<VerifiableTensorEncoding>]> {
  code rankDeclaration = "static constexpr unsigned kRank = " # rank # ";\n";
  let extraClassDeclaration = rankDeclaration;
}

def Tile_AccAttr : Tile_Layout<"Acc", "acc", 2> {
  let summary = "accumulator of a warpgroup's or a warp's product (M x N)";
  let description = [{
    Warp w, lane l (g = l / 4, q = l % 4), h and e in {0, 1}: row = 64b + 16w + 8h + g,
    column = 8j + 2q + e, register (bN/8 + j)4 + 2h + e. At 16 bits the two columns of
    a pair share a register, and the tile is also what `tile.mma` takes as operand A
    from registers. Within `tile.per_warp` there are 16 rows (w = 0).
  }];
}

def Tile_PartAttr : Tile_Layout<"Part", "part", 2> {
  let summary = "a reduction over an accumulator's columns that has not crossed the quad (M x 4)";
  let description = [{
    Rows as `acc`; column q holds what lane q of the quad has: the sum or maximum over
    the columns c with (c % 8) / 2 = q. One register a row.
  }];
}

def Tile_RowAttr : Tile_Layout<"Row", "row", 1> {
  let summary = "one value a row of the parent, in each thread that holds part of the row";
  let description = [{
    `#tile.row` is a vector over the rows of `acc`, replicated over the quad, register
    2b + h; `#tile.row<#tile.lanes<128, 8>>` one over the rows of a `lanes` tile,
    replicated over the threads that share the row.
  }];
  let parameters = (ins OptionalParameter<"::mlir::Attribute">:$parent);
  let assemblyFormat = "(`<` $parent^ `>`)?";
  let genVerifyDecl = 1;
}

def Tile_ColAttr : Tile_Layout<"Col", "col", 1> {
  let summary = "one value a column of an accumulator (N)";
  let description = [{
    Column = 8j + 2q + e, register 2j + e, replicated over warps and over g = l / 4.
  }];
}

def Tile_QuadAttr : Tile_Layout<"Quad", "quad", 2> {
  let summary = "an accumulator at 16 bits after a 4 x 4 transposition in each quad (M x N)";
  let description = [{
    Rows as `acc`, column = 32j + 8q + i for i < 8, register pair 4j + i / 2: a lane
    holds 16 contiguous bytes, as wide global stores want. N is a multiple of 32.
  }];
}

def Tile_LanesAttr : Tile_Layout<"Lanes", "lanes", 2> {
  let summary = "vectors along the threads ([R x] C)";
  let description = [{
    Thread t of the role: row = t / w + b (threads / w), column = (k w + t % w) v + e
    with e < v, register (b C / (w v) + k) v + e. `#tile.lanes<32, 8>` has a row a warp,
    eight contiguous elements a lane; `#tile.lanes<128, 8>` a row a warpgroup.
  }];
  let parameters = (ins "int64_t":$width, "int64_t":$vector);
  let assemblyFormat = "`<` $width `,` $vector `>`";
  let genVerifyDecl = 1;
}

def Tile_OpbAttr : Tile_Layout<"Opb", "opb", 2> {
  let summary = "operand B of a warp's product, 16 bits (K x N)";
  let description = [{
    k = 16a + 8i + 2q + e, column = 8j + g; the pair e shares register (aN/8 + j)2 + i.
    Made by `tile.load` (ldmatrix), for tiles under 64 rows.
  }];
}

#endif
