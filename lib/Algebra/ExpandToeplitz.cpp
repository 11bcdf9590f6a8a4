//===- ExpandToeplitz.cpp - matrices that are convolutions ------------------===//
#include "ExpandStructures.h"

using namespace mlir;

namespace ssm {

// toeplitz: W[o, i] = d[o - i + I - 1], so that W x is the convolution of d and x
// from element I - 1 on. The transpose is that of d from its end.

/// W x for the vector x along `from`, where d runs over from + to - 1.
static Value correlate(NamedBuilder &b, Value d, StringRef diagonals, Value x, StringRef from, StringRef to) {
  Value whole = ConvOp::create(b, ConvMode::Causal, d, diagonals, x, from);
  Value last = b.map(MapFn::Sub, b.size(from), 1);
  return b.gather(whole, diagonals, b.map(MapFn::Add, {b.pos(to), last}));
}

/// The elements in the opposite order.
static Value reversed(NamedBuilder &b, Value x, StringRef dim) {
  Value last = b.map(MapFn::Sub, b.size(dim), 1);
  return b.gather(x, dim, b.map(MapFn::Sub, {last, b.pos(dim)}));
}

/// o - i for each row and column.
static Value distance(NamedBuilder &b, const StructureView &w) {
  return b.map(MapFn::Sub, {b.pos(w.rows), b.pos(w.columns)});
}

const StructureRule kToeplitzRule = {
    [](NamedBuilder &b, const StructureView &w, Value x) {
      return correlate(b, w.part(), w.dim("d"), x, w.columns, w.rows);
    },
    [](NamedBuilder &b, const StructureView &w, Value y) {
      return correlate(b, reversed(b, w.part(), w.dim("d")), w.dim("d"), y, w.rows, w.columns);
    },
    [](NamedBuilder &b, const StructureView &w) {
      Value first = b.map(MapFn::Sub, b.size(w.columns), 1);
      return b.gather(w.part(), w.dim("d"), b.map(MapFn::Add, {distance(b, w), first}));
    },
};

// circulant: W[o, i] = c[(o - i) mod I]. The transpose has c at minus its places.

static Value wrapped(NamedBuilder &b, Value place, StringRef dim) {
  return b.map(MapFn::Mod, {place, b.size(dim)});
}

const StructureRule kCirculantRule = {
    [](NamedBuilder &b, const StructureView &w, Value x) -> Value {
      Value column = b.rename(w.part(), w.columns, w.rows);
      return ConvOp::create(b, ConvMode::Circular, column, w.rows, x, w.columns);
    },
    [](NamedBuilder &b, const StructureView &w, Value y) -> Value {
      Value mirrored = wrapped(b, b.map(MapFn::Neg, b.pos(w.columns)), w.columns);
      Value row = b.gather(w.part(), w.columns, mirrored);
      return ConvOp::create(b, ConvMode::Circular, row, w.columns, y, w.rows);
    },
    [](NamedBuilder &b, const StructureView &w) {
      return b.gather(w.part(), w.columns, wrapped(b, distance(b, w), w.columns));
    },
};

} // namespace ssm
