//===- ExpandBlocks.cpp - matrices made of products and diagonals of blocks -===//
#include "ExpandStructures.h"

using namespace mlir;

namespace ssm {

/// x where both dimensions' indices agree, else zero.
static Value onDiagonal(NamedBuilder &b, Value x, StringRef first, StringRef second) {
  Value same = b.map(MapFn::Eq, {b.pos(first), b.pos(second)});
  return b.map(MapFn::Select, {same, x, b.zero(getElement(x))});
}

// diagonal: W[i, i] = d[i].

static Value scaleBy(NamedBuilder &b, const StructureView &w, Value x, StringRef from, StringRef to) {
  Value d = b.rename(w.part(), w.columns, to);
  return b.map(MapFn::Mul, {d, b.rename(x, from, to)});
}
const StructureRule kDiagonalRule = {
    [](NamedBuilder &b, const StructureView &w, Value x) { return scaleBy(b, w, x, w.columns, w.rows); },
    [](NamedBuilder &b, const StructureView &w, Value y) { return scaleBy(b, w, y, w.rows, w.columns); },
    [](NamedBuilder &b, const StructureView &w) { return onDiagonal(b, w.part(), w.rows, w.columns); },
};

// lowrank: W = left right.

const StructureRule kLowRankRule = {
    [](NamedBuilder &b, const StructureView &w, Value x) {
      return b.contract({w.part(0), b.contract({w.part(1), x}, w.columns)}, w.dim("R"));
    },
    [](NamedBuilder &b, const StructureView &w, Value y) {
      return b.contract({w.part(1), b.contract({w.part(0), y}, w.rows)}, w.dim("R"));
    },
    [](NamedBuilder &b, const StructureView &w) { return b.contract({w.part(0), w.part(1)}, w.dim("R")); },
};

// block_diagonal: block n joins the n-th blocks of rows and of columns.

const StructureRule kBlockDiagonalRule = {
    [](NamedBuilder &b, const StructureView &w, Value x) {
      Value y = b.contract({w.part(), b.split(x, w.columns, {w.dim("n"), w.dim("i")})}, w.dim("i"));
      return b.join(y, {w.dim("n"), w.dim("o")}, w.rows);
    },
    [](NamedBuilder &b, const StructureView &w, Value y) {
      Value x = b.contract({w.part(), b.split(y, w.rows, {w.dim("n"), w.dim("o")})}, w.dim("o"));
      return b.join(x, {w.dim("n"), w.dim("i")}, w.columns);
    },
    [](NamedBuilder &b, const StructureView &w) {
      StringRef column = b.freshCopy(w.dim("n"));
      Value blocks = onDiagonal(b, w.part(), w.dim("n"), column);
      return b.join(b.join(blocks, {w.dim("n"), w.dim("o")}, w.rows), {column, w.dim("i")}, w.columns);
    },
};

// monarch: two block-diagonal matrices with a transposition of blocks between,
// which names make free: h[k, q] is read as [r, l] where k is r and q is l.

const StructureRule kMonarchRule = {
    [](NamedBuilder &b, const StructureView &w, Value x) {
      Value h = b.contract({w.part(0), b.split(x, w.columns, {w.dim("k"), w.dim("p")})}, w.dim("p"));
      return b.join(b.contract({w.part(1), h}, w.dim("k")), {w.dim("s"), w.dim("q")}, w.rows);
    },
    [](NamedBuilder &b, const StructureView &w, Value y) {
      Value h = b.contract({w.part(1), b.split(y, w.rows, {w.dim("s"), w.dim("q")})}, w.dim("s"));
      return b.join(b.contract({w.part(0), h}, w.dim("q")), {w.dim("k"), w.dim("p")}, w.columns);
    },
    [](NamedBuilder &b, const StructureView &w) {
      Value entries = b.map(MapFn::Mul, {w.part(1), w.part(0)});
      return b.join(b.join(entries, {w.dim("s"), w.dim("q")}, w.rows), {w.dim("k"), w.dim("p")}, w.columns);
    },
};

} // namespace ssm
