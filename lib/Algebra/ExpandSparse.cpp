//===- ExpandSparse.cpp - matrices of few blocks ----------------------------===//
#include "ExpandStructures.h"

using namespace mlir;

namespace ssm {

// flat_butterfly: block row n holds block column n in slot 0 and n xor 2^j in
// slot j + 1. The blocks that meet a block column are found by the same map.

/// The partner of block n in each slot: n xor 2^j = n + t - 2 t ((n div t) mod 2)
/// with t = 2^j.
static Value partners(NamedBuilder &b, StringRef block, StringRef slots) {
  Value n = b.pos(block), slot = b.pos(slots);
  Value t = b.map(MapFn::Pow, {b.integer(2), b.map(MapFn::Max, b.map(MapFn::Sub, slot, 1), 0)});
  Value bit = b.map(MapFn::Mod, b.map(MapFn::FloorDiv, {n, t}), 2);
  Value step = b.map(MapFn::Mul, {t, b.map(MapFn::Sub, {b.integer(1), b.map(MapFn::Mul, bit, 2)})});
  return b.map(MapFn::Add, {n, b.map(MapFn::Mul, {step, b.map(MapFn::Min, slot, 1)})});
}

const StructureRule kFlatButterflyRule = {
    [](NamedBuilder &b, const StructureView &w, Value x) {
      StringRef n = w.dim("n"), f = w.dim("f");
      Value picked = b.gather(b.split(x, w.columns, {n, w.dim("i")}), n, partners(b, n, f));
      return b.join(b.contract({w.part(), picked}, {f, w.dim("i")}), {n, w.dim("o")}, w.rows);
    },
    [](NamedBuilder &b, const StructureView &w, Value y) {
      StringRef n = w.dim("n"), f = w.dim("f");
      Value products = b.contract({w.part(), b.split(y, w.rows, {n, w.dim("o")})}, w.dim("o"));
      Value picked = b.gather(products, n, partners(b, n, f));
      return b.join(b.reduce(Monoid::Add, picked, f), {n, w.dim("i")}, w.columns);
    },
    [](NamedBuilder &b, const StructureView &w) {
      StringRef n = w.dim("n"), f = w.dim("f"), column = b.freshCopy(n);
      Value here = b.map(MapFn::Eq, {partners(b, n, f), b.pos(column)});
      Value blocks = b.contract({w.part(), MapOp::create(b, here, w.element())}, f);
      return b.join(b.join(blocks, {n, w.dim("o")}, w.rows), {column, w.dim("i")}, w.columns);
    },
};

// block_sparse: the sum of blocks z placed at block row rows[z] and block column
// columns[z].

namespace {
/// Rows or columns read as blocks.
struct BlockSide {
  StringRef block; // the dimension that counts blocks
  Value places;    // of the stored blocks
};
} // namespace

static BlockSide blockSide(NamedBuilder &b, const StructureView &w, StringRef side, StringRef within, Value places) {
  SizeAttr whole = SizeAttr::ofDim(b.getStringAttr(side)), length = SizeAttr::ofDim(b.getStringAttr(within));
  if (NamedDim known = b.dim(side); known.isStatic())
    whole = SizeAttr::constant(b.getContext(), known.size);
  if (NamedDim known = b.dim(within); known.isStatic())
    length = SizeAttr::constant(b.getContext(), known.size);
  StringRef block = b.freshDim(side + ".blocks", SizeAttr::make(SizeOp::Div, {whole, length}));
  // A place counts from the start: one below 0 is a mistake.
  SmallVector<StringRef> all;
  for (const NamedDim &dim : getDims(places))
    all.push_back(dim.name);
  Value count = b.size(block), least = b.reduce(Monoid::Min, places, all), most = b.reduce(Monoid::Max, places, all);
  std::string message = ("a block lies at block %a of '" + side + "', which has %b").str();
  CheckOp::create(b, b.map(MapFn::Ge, least, 0), message, ValueRange{least, count});
  CheckOp::create(b, b.map(MapFn::Lt, {most, count}), message, ValueRange{most, count});
  return {block, places};
}

static Value applyBlocks(NamedBuilder &b, const StructureView &w, Value x, bool transposed) {
  StringRef z = w.dim("z"), inner = w.dim("c"), outer = w.dim("b"), from = w.columns, to = w.rows;
  Value source = w.part(2), target = w.part(1);
  if (transposed) {
    std::swap(inner, outer);
    std::swap(from, to);
    std::swap(source, target);
  }
  BlockSide read = blockSide(b, w, from, inner, source), written = blockSide(b, w, to, outer, target);
  Value picked = b.gather(b.split(x, from, {read.block, inner}), read.block, read.places);
  Value products = b.contract({w.part(), picked}, inner);
  return b.join(b.scatterAdd(products, z, written.places, written.block), {written.block, outer}, to);
}

const StructureRule kBlockSparseRule = {
    [](NamedBuilder &b, const StructureView &w, Value x) { return applyBlocks(b, w, x, false); },
    [](NamedBuilder &b, const StructureView &w, Value y) { return applyBlocks(b, w, y, true); },
    [](NamedBuilder &b, const StructureView &w) {
      BlockSide row = blockSide(b, w, w.rows, w.dim("b"), w.part(1));
      BlockSide column = blockSide(b, w, w.columns, w.dim("c"), w.part(2));
      // Both places as one.
      StringRef place = b.freshDim("blocks", SizeAttr::make(SizeOp::Mul, {SizeAttr::ofDim(b.getStringAttr(row.block)),
                                                                         SizeAttr::ofDim(b.getStringAttr(column.block))}));
      Value index = b.map(MapFn::Add, {b.map(MapFn::Mul, {row.places, b.size(column.block)}), column.places});
      Value placed = b.split(b.scatterAdd(w.part(), w.dim("z"), index, place), place, {row.block, column.block});
      return b.join(b.join(placed, {row.block, w.dim("b")}, w.rows), {column.block, w.dim("c")}, w.columns);
    },
};

} // namespace ssm
