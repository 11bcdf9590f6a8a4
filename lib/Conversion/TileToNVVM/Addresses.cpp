//===- Addresses.cpp - of a tile's elements in memory -----------------------===//
#include "Memory.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace ssm::tile::gpu {

Value elementOffset(Value index, Value stride, Lowering &l) {
  Value wide = l.widen(index);
  if (std::optional<int64_t> known = Lowering::constantOf(stride); known && *known == 1)
    return wide;
  return arith::MulIOp::create(l.b, wide, stride);
}

//===----------------------------------------------------------------------===//
// Dimensions
//===----------------------------------------------------------------------===//

FailureOr<Alignment> Alignment::make(RankedTensorType tile, ArrayRef<int64_t> extents, bool transpose, Operation *op) {
  Alignment a;
  int64_t rank = tile.getRank();
  a.dimOf.assign(rank, -1);
  int64_t dim = int64_t(extents.size()) - 1;
  for (int64_t t = rank; t-- > 0; --dim) {
    // With `transpose` the memory's last two dimensions are met the other way round.
    int64_t size = tile.getDimSize(transpose && t + 2 >= rank && rank >= 2 ? 2 * rank - 3 - t : t);
    if (size == 1 && (dim < 0 || extents[dim] != 1)) {
      ++dim; // one element along it: the memory need not have it
      continue;
    }
    while (dim >= 0 && extents[dim] != size) {
      if (extents[dim] != 1)
        return op->emitOpError("reads ") << extents[dim] << " along dimension " << dim << ", which is no dimension of the tile";
      --dim;
    }
    if (dim < 0)
      return op->emitOpError("has no dimension of memory for dimension ") << t << " of the tile";
    a.dimOf[transpose && t + 2 >= rank && rank >= 2 ? 2 * rank - 3 - t : t] = dim;
  }
  int64_t spread = std::min<int64_t>(layoutRank(layoutOf(tile)), rank);
  a.column = a.dimOf[rank - 1];
  if (spread == 2)
    a.row = a.dimOf[rank - 2];
  return a;
}

int64_t Alignment::constant(int64_t dim, const Spot &spot, RankedTensorType tile) const {
  if (dim == column)
    return spot.column;
  if (dim == row)
    return spot.row;
  int64_t spread = row < 0 ? 1 : 2, block = spot.block;
  for (int64_t t = tile.getRank() - spread; t-- > 0;) {
    if (dimOf[t] == dim)
      return block % tile.getDimSize(t);
    block /= tile.getDimSize(t);
  }
  return 0;
}

/// What the thread adds along a dimension.
static Value threadPart(int64_t dim, const Alignment &a, const Placement &at) {
  return dim == a.column ? at.column : dim == a.row ? at.row : Value();
}

//===----------------------------------------------------------------------===//
// Shared memory
//===----------------------------------------------------------------------===//

FailureOr<SharedTile> SharedTile::make(Value buffer, ArrayRef<OpFoldResult> offsets, ArrayRef<int64_t> extents,
                                       RankedTensorType tile, const Placement &placement, bool transpose, Operation *op,
                                       Lowering &l) {
  SharedTile s(l);
  s.type = cast<SmemType>(buffer.getType());
  s.tile = tile;
  FailureOr<Alignment> alignment = Alignment::make(tile, extents, transpose, op);
  if (failed(alignment))
    return failure();
  s.alignment = *alignment;
  s.base = l.single(buffer);
  int64_t rank = s.type.getRank(), stride = s.type.getTileBytes();
  for (int64_t dim = rank; dim-- > 0;) {
    Value thread = threadPart(dim, s.alignment, placement);
    std::optional<int64_t> known = Lowering::constantOf(offsets[dim]);
    if (dim == rank - 1) {
      s.column = known ? thread : l.add(thread, l.valueOf(offsets[dim]));
      s.columnOffset = known.value_or(0);
      s.columnsAreDynamic = !known;
    } else if (dim == rank - 2) {
      s.row = known ? thread : l.add(thread, l.valueOf(offsets[dim]));
      s.rowOffset = known.value_or(0);
    } else {
      Value index = known ? thread : l.add(thread, l.valueOf(offsets[dim]));
      s.leading += known.value_or(0) * stride;
      if (index)
        s.base = l.add(s.base, l.mul(index, stride));
      stride *= s.type.getShape()[dim];
    }
  }
  if (s.columnsAreDynamic && !s.type.getSwizzle())
    s.columnsAreDynamic = false; // plain rows are sums whatever the bits
  return s;
}

bool SharedTile::columnsAreContiguous() const { return alignment.column == int64_t(type.getRank()) - 1; }

/// Which 16-byte chunk of a row the swizzle exchanges, from the row.
static int64_t rowShift(int64_t swizzle) { return swizzle == 128 ? 0 : swizzle == 64 ? 1 : 2; }

Address SharedTile::addressOf(Value row, int64_t constantRow, Value column, int64_t constantColumn, int64_t past) {
  int64_t bytes = type.getElementBits() / 8, swizzle = type.getSwizzle();
  if (!swizzle) {
    int64_t rowBytes = type.getColumns() * bytes;
    Value &at = bases[{0, 0}];
    if (!at)
      at = l->add(base, l->add(l->mul(row, rowBytes), l->mul(column, bytes)));
    return {at, past + constantRow * rowBytes + constantColumn * bytes};
  }
  int64_t panel = type.getPanelColumns(), shift = rowShift(swizzle), chunks = swizzle / 16;
  int64_t exchange = 0, constant = past + constantRow * swizzle;
  if (!columnsAreDynamic) {
    int64_t inner = constantColumn % panel * bytes;
    constant += constantColumn / panel * type.getPanelBytes() + inner % 16;
    exchange = (inner / 16 ^ (constantRow >> shift & (chunks - 1))) * 16;
  } else {
    column = l->add(column, constantColumn);
    exchange = (constantRow >> shift & (chunks - 1)) * 16;
  }
  // The thread's chunk of its row, exchanged by the row's low bits. Nothing else reaches into
  // those bits, so a constant's part is an exclusive or with the whole address.
  Value &own = bases[{0, columnsAreDynamic ? constantColumn : 0}];
  if (!own) {
    Value inner = l->mul(l->modulo(column, panel), bytes);
    Value chunk = inner ? arith::AndIOp::create(l->b, inner, l->constant(swizzle - 16)).getResult() : Value();
    Value low = inner ? arith::AndIOp::create(l->b, inner, l->constant(int64_t(15))).getResult() : Value();
    Value from = base;
    if (type.getColumns() * bytes < swizzle) { // a view that starts inside a panel
      Value start = arith::AndIOp::create(l->b, base, l->constant(swizzle - 16));
      from = arith::SubIOp::create(l->b, base, start);
      chunk = l->add(chunk, start);
    }
    Value rows = l->mul(l->modulo(l->divide(row, int64_t(1) << shift), chunks), 16);
    Value mixed = chunk && rows ? arith::XOrIOp::create(l->b, chunk, rows).getResult() : chunk ? chunk : rows;
    own = l->add(from, l->add(l->mul(row, swizzle), l->add(mixed, low)));
    if (Value far = l->mul(l->divide(column, panel), type.getPanelBytes()))
      own = l->add(own, far);
  }
  if (!exchange)
    return {own, constant};
  Value from = own; // `own` may move when the map grows
  Value &at = bases[{exchange, columnsAreDynamic ? constantColumn : 0}];
  if (!at)
    at = l->exclusiveOr(from, exchange);
  return {at, constant};
}

Address SharedTile::at(const Spot &spot) {
  int64_t rank = type.getRank(), stride = type.getTileBytes(), past = leading;
  for (int64_t dim = rank - 2; dim-- > 0;) {
    past += alignment.constant(dim, spot, tile) * stride;
    stride *= type.getShape()[dim];
  }
  int64_t constantRow = rank >= 2 ? alignment.constant(rank - 2, spot, tile) + rowOffset : 0;
  return addressOf(row, constantRow, column, alignment.constant(rank - 1, spot, tile) + columnOffset, past);
}

//===----------------------------------------------------------------------===//
// Global memory
//===----------------------------------------------------------------------===//

FailureOr<GlobalTile> GlobalTile::make(Value view, ArrayRef<OpFoldResult> offsets, ArrayRef<int64_t> extents,
                                       RankedTensorType tile, const Placement &placement, bool transpose, Operation *op,
                                       Lowering &l) {
  GlobalTile g(l);
  g.type = cast<GlobalType>(view.getType());
  g.tile = tile;
  g.eitherSide = op->hasAttr("either_side");
  FailureOr<Alignment> alignment = Alignment::make(tile, extents, transpose, op);
  if (failed(alignment))
    return failure();
  g.alignment = *alignment;
  Values parts = l.of(view);
  int64_t rank = g.type.getRank(), bytes = g.type.getElementType().getIntOrFloatBitWidth() / 8;
  Value index64;
  for (int64_t dim = 0; dim < rank; ++dim) {
    Value size = parts[1 + dim], stride = parts[1 + rank + dim];
    Value index = l.add(threadPart(dim, g.alignment, placement), l.valueOf(offsets[dim]));
    g.strides.push_back(stride);
    bool many = llvm::is_contained(g.alignment.dimOf, dim);
    // Inside where the constant part is below what is left from the thread's on.
    Value limit = arith::SubIOp::create(l.b, size, index);
    g.limits.push_back(limit);
    if (!many) // a negative index is beyond as unsigned
      g.uniform = l.both(g.uniform, l.compare(arith::CmpIPredicate::ult, index ? index : l.constant(int64_t(0)), size));
    g.sizes.push_back(size);
    g.indices.push_back(index);
    if (Lowering::constantOf(index) == 0)
      continue;
    index64 = l.add(index64, elementOffset(index, stride, l));
  }
  g.base = index64 ? l.add(parts[0], l.mul(index64, bytes)) : parts[0];
  return g;
}

Address GlobalTile::at(const Spot &spot) {
  int64_t rank = type.getRank(), bytes = type.getElementType().getIntOrFloatBitWidth() / 8, past = 0;
  SmallVector<int64_t> far(rank, 0); // along dimensions whose stride is not known
  for (int64_t dim = 0; dim < rank; ++dim) {
    int64_t constant = alignment.constant(dim, spot, tile);
    if (Lowering::constantOf(strides[dim]) == 1)
      past += constant * bytes;
    else
      far[dim] = constant;
  }
  Value &from = bases[far];
  if (!from) {
    from = base;
    for (int64_t dim = 0; dim < rank; ++dim)
      if (far[dim])
        from = l->add(from, l->mul(strides[dim], far[dim] * bytes));
  }
  return {from, past};
}

Value GlobalTile::inside(const Spot &spot) {
  Value all = uniform;
  for (int64_t dim : llvm::reverse(alignment.dimOf)) {
    if (dim < 0)
      continue;
    int64_t constant = alignment.constant(dim, spot, tile);
    Value &check = checks[{dim, constant}];
    if (!check && eitherSide)
      check = l->compare(arith::CmpIPredicate::ult, l->add(indices[dim], constant), sizes[dim]);
    if (!check)
      check = l->compare(arith::CmpIPredicate::sgt, limits[dim], l->constant(constant));
    all = l->both(all, check);
  }
  return all;
}

} // namespace ssm::tile::gpu
