//===- ExpandButterfly.cpp - products of log2(n) sparse factors -------------===//
//
// Factor j joins the elements i and i + 2^j by one 2 by 2 matrix for each pair
// p, where i = (p div 2^j) 2^(j+1) + p mod 2^j. The vector read as [hi, 2, lo]
// with lo of size 2^j shows the pairs; where the number of factors is known only
// at run time, a scan over them picks the pairs by index.
//
//===----------------------------------------------------------------------===//
#include "ExpandStructures.h"

using namespace mlir;

namespace ssm {

namespace {

class Butterfly {
public:
  /// The transpose has its factors in the opposite order, each transposed.
  Butterfly(NamedBuilder &b, const StructureView &w, StringRef along, bool transposed)
      : b(b), w(w), along(along), transposed(transposed), from(transposed ? w.dim("r") : w.dim("c")),
        to(transposed ? w.dim("c") : w.dim("r")) {}

  Value apply(Value x) {
    NamedDim factors = b.dim(w.dim("m")), points = b.dim(along);
    return factors.isStatic() && points.isStatic() ? unrolled(x, factors.size, points.size) : scanned(x);
  }

private:
  Value unrolled(Value x, int64_t factors, int64_t points) {
    for (int64_t i = 0; i < factors; ++i) {
      int64_t j = transposed ? factors - 1 - i : i, low = int64_t(1) << j;
      StringRef hi = constantDim("hi", points / (2 * low)), lo = constantDim("lo", low);
      Value twiddles = b.split(b.gather(w.part(), w.dim("m"), b.integer(j)), w.dim("h"), {hi, lo});
      Value pairs = b.contract({twiddles, b.split(x, along, {hi, from, lo})}, from);
      x = b.join(pairs, {hi, to, lo}, along);
    }
    return x;
  }

  Value scanned(Value x) {
    NamedDims dims = getDims(x);
    uniteDims(dims, withoutDims(getDims(w.part()), {w.dim("m"), w.dim("h"), w.dim("r"), w.dim("c")}));
    RankedTensorType type = getTensorType(dims, getElement(x));
    Value init = b.align(x, type);
    NamedDims factor = withoutDims(getDims(w.part()), {w.dim("m")});
    auto reverse = transposed ? b.getUnitAttr() : UnitAttr();
    auto scan = ScanOp::create(b, type, TypeRange(), b.getStringAttr(w.dim("m")), reverse, init, w.part());
    OpBuilder::InsertionGuard guard(b);
    Location loc = b.getLoc();
    Block *body = b.createBlock(&scan.getBody(), {},
                                {RankedTensorType::get({}, b.getI64Type()), type, getTensorType(factor, getElement(x))},
                                {loc, loc, loc});
    Value low = b.map(MapFn::Pow, {b.integer(2), body->getArgument(0)});
    Value pairs = b.contract({body->getArgument(2), readPairs(body->getArgument(1), low)}, from);
    YieldOp::create(b, ValueRange{b.align(writePairs(pairs, low), type)});
    return scan.getFinals().front();
  }

  /// x at (p div low) 2 low + p mod low + low s for pair p and side s.
  Value readPairs(Value x, Value low) {
    Value p = b.pos(w.dim("h")), twice = b.map(MapFn::Mul, low, 2);
    Value start = b.map(MapFn::Mul, {b.map(MapFn::FloorDiv, {p, low}), twice});
    start = b.map(MapFn::Add, {start, b.map(MapFn::Mod, {p, low})});
    return b.gather(x, along, b.map(MapFn::Add, {start, b.map(MapFn::Mul, {low, b.pos(from)})}));
  }

  /// Element i is side (i div low) mod 2 of pair (i div 2 low) low + i mod low.
  Value writePairs(Value pairs, Value low) {
    Value i = b.pos(along), high = b.map(MapFn::FloorDiv, {i, low});
    Value pair = b.map(MapFn::Mul, {b.map(MapFn::FloorDiv, high, 2), low});
    pair = b.map(MapFn::Add, {pair, b.map(MapFn::Mod, {i, low})});
    return GatherOp::create(b, pairs, {w.dim("h"), to}, {pair, b.map(MapFn::Mod, high, 2)});
  }

  StringRef constantDim(StringRef name, int64_t size) {
    return b.freshDim(along + "." + name, SizeAttr::constant(b.getContext(), size));
  }

  NamedBuilder &b;
  const StructureView &w;
  StringRef along;
  bool transposed;
  StringRef from, to; // the sides of a twiddle that are summed and left
};

} // namespace

const StructureRule kButterflyRule = {
    [](NamedBuilder &b, const StructureView &w, Value x) {
      return b.rename(Butterfly(b, w, w.columns, false).apply(x), w.columns, w.rows);
    },
    [](NamedBuilder &b, const StructureView &w, Value y) {
      return b.rename(Butterfly(b, w, w.rows, true).apply(y), w.rows, w.columns);
    },
    [](NamedBuilder &b, const StructureView &w) {
      // The transform of the unit vectors, one for each column.
      StringRef point = b.freshCopy(w.columns);
      Value unit = b.map(MapFn::Eq, {b.pos(point), b.pos(w.columns)});
      Value columns = Butterfly(b, w, point, false).apply(MapOp::create(b, unit, w.element()));
      return b.rename(columns, point, w.rows);
    },
};

} // namespace ssm
