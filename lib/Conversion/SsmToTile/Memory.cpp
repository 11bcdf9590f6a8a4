//===- Memory.cpp - reads, and what moves coordinates -----------------------===//
//
// A rename, a shift or a pick asks for its operand at other coordinates. Where these
// are computed element by element the operand must lie in memory.
//
//===----------------------------------------------------------------------===//
#include "Emitter.h"

#include "../SsmToLinalg/Functions.h"

using namespace mlir;

namespace ssm {

RankedTensorType inOrderOf(Value view, RankedTensorType tile) {
  NamedDims dims = getDims(tile), ordered;
  for (const NamedDim &d : llvm::cast<tile::ViewType>(view.getType()).getDims())
    if (std::optional<unsigned> place = findDim(dims, d.name))
      ordered.push_back(dims[*place]);
  if (ordered.size() != dims.size() || ordered.empty() || ordered.back().name == dims.back().name)
    return tile;
  return getTensorType(ordered, tile.getElementType());
}

/// Reads a view: along each dimension at a coordinate, or at a tile of indices.
static Tile readView(Emitter &e, Value view, Type element, ArrayRef<std::pair<StringAttr, Coord>> at,
                     ArrayRef<std::pair<StringAttr, Value>> indices, RankedTensorType type) {
  SmallVector<StringRef> names;
  SmallVector<Value> places;
  for (const auto &[dim, coord] : at)
    if (coord.at || coord.size == 1) {
      names.push_back(dim.getValue());
      places.push_back(coord.at ? coord.at : arith::ConstantIndexOp::create(e.b, 0).getResult());
    }
  for (const auto &[dim, index] : indices) {
    names.push_back(dim.getValue());
    places.push_back(index);
  }
  bool isBool = element.isInteger(1);
  auto stored = type.clone(isBool ? e.b.getI8Type() : Emitter::partType(element));
  RankedTensorType asItLies = indices.empty() ? inOrderOf(view, stored) : stored;
  SmallVector<Type> types(llvm::isa<ComplexType>(element) ? 2 : 1, asItLies);
  auto read = tile::ReadOp::create(e.b, types, view, names, places);
  Tile tile = e.spread(Tile(read.getResults()), stored);
  if (isBool) {
    Value zero = e.splat(e.b.getI8IntegerAttr(0), stored);
    tile[0] = arith::CmpIOp::create(e.b, arith::CmpIPredicate::ne, tile[0], zero);
  }
  return tile;
}

FailureOr<Tile> emitRead(Emitter &e, BlockArgument input, const Coords &at) {
  auto located = e.locate(input, at);
  FailureOr<RankedTensorType> type = e.tileType(getDims(input), getElement(input), at);
  if (failed(located) || failed(type))
    return failure();
  return readView(e, e.view(input), getElement(input), *located, {}, *type);
}

FailureOr<Tile> emit(Emitter &e, RenameOp op, const Coords &at) {
  Coords inner = at;
  auto from = llvm::to_vector(op.getFrom().getAsRange<StringAttr>()), to = llvm::to_vector(op.getTo().getAsRange<StringAttr>());
  for (StringAttr name : to)
    inner.erase(name);
  for (auto [source, target] : llvm::zip(from, to)) {
    const Coord *coord = at.find(target);
    inner.set(source, coord ? *coord : e.wholeCoord(target));
  }
  FailureOr<Tile> tile = e.demand(op.getOperand(), inner);
  if (failed(tile))
    return failure();
  for (Value &part : *tile) {
    NamedDims dims = getDims(part);
    for (NamedDim &d : dims)
      if (auto *place = llvm::find(from, d.name); place != from.end())
        d.name = to[place - from.begin()];
    Type type = getTensorType(dims, getElement(part));
    if (type != part.getType())
      part = tile::RenameOp::create(e.b, type, part);
  }
  return tile;
}

/// A tile of rank 0 as an index.
static Value asIndex(Emitter &e, Value tile) { return tile::GetOp::create(e.b, e.b.getIndexType(), tile); }

Tile Emitter::zeroOutside(const Tile &tile, StringAttr dim, const Coord &coord) {
  Value place = positions(dim, coord);
  Value length = tile::SpreadOp::create(b, llvm::cast<RankedTensorType>(place.getType()), size(dim));
  // A negative place is beyond as unsigned.
  Value valid = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, place, length);
  Tile result;
  for (Value part : tile) {
    auto type = llvm::cast<RankedTensorType>(part.getType());
    Value zero = arith::ConstantOp::create(b, b.getZeroAttr(type));
    result.push_back(arith::SelectOp::create(b, spread(valid, type.clone(b.getI1Type())), part, zero));
  }
  return result;
}

/// `at` moved along a dimension by an index.
static Coord moved(Emitter &e, const Coord &coord, Value by) {
  Value start = coord.at ? coord.at : arith::ConstantIndexOp::create(e.b, 0).getResult();
  return {arith::AddIOp::create(e.b, start, by), coord.size, &e.current()};
}

FailureOr<Tile> emit(Emitter &e, ShiftOp op, const Coords &at) {
  FailureOr<Tile> amount = e.demand(op.getAmount(), {});
  auto located = e.locate(op.getResult(), at);
  if (failed(amount) || failed(located))
    return failure();
  Value size = arith::IndexCastOp::create(e.b, e.b.getI64Type(), e.size(op.getDim()));
  Value by = tile::GetOp::create(e.b, e.b.getI64Type(), amount->front());
  // Beyond the size all is zero: keep the sum from wrapping round.
  Value zero = arith::ConstantIntOp::create(e.b, 0, 64);
  by = arith::MinSIOp::create(e.b, arith::MaxSIOp::create(e.b, by, arith::SubIOp::create(e.b, zero, size)), size);
  Value back = arith::IndexCastOp::create(e.b, e.b.getIndexType(), arith::SubIOp::create(e.b, zero, by));
  Coords inner = at;
  for (auto &[dim, coord] : *located)
    if (dim.getValue() == op.getDim()) {
      Coord there = moved(e, coord, back);
      inner.set(dim, there);
      FailureOr<Tile> tile = e.demand(op.getOperand(), inner);
      if (failed(tile))
        return failure();
      return e.zeroOutside(*tile, dim, there);
    }
  return FailureOr<Tile>(e.refuse("a shift along what its operand lacks"));
}

/// What a chain of glue in front of a gather reads: an input, and casts on the way.
static BlockArgument inMemory(Value value, SmallVectorImpl<Type> &casts) {
  while (auto map = value.getDefiningOp<MapOp>()) {
    if (map.getFn() != MapFn::Cast)
      return {};
    casts.push_back(getElement(value));
    value = map.getOperands()[0];
  }
  while (auto align = value.getDefiningOp<AlignOp>())
    value = align.getOperand();
  return llvm::dyn_cast<BlockArgument>(value);
}

/// The tile has another name for one of its dimensions.
static void renameDim(Emitter &e, Tile &tile, StringAttr from, StringAttr to) {
  for (Value &part : tile) {
    NamedDims dims = getDims(part);
    for (NamedDim &d : dims)
      if (d.name == from)
        d.name = to;
    if (Type type = getTensorType(dims, getElement(part)); type != part.getType())
      part = tile::RenameOp::create(e.b, type, part);
  }
}

/// A pick by the position along another dimension: the operand's tile at that dimension's
/// coordinate, under its name.
static FailureOr<Tile> emitWindow(Emitter &e, GatherOp op, StringAttr along, const Coords &at) {
  auto dim = llvm::cast<StringAttr>(op.getDims()[0]);
  const Coord *given = at.find(along);
  if (!given && !e.isWhole(along))
    return FailureOr<Tile>(e.refuse("'" + Twine(along.getValue()) + "' is not walked where it is picked by"));
  Coords inner = at;
  inner.erase(along);
  inner.set(dim, given ? *given : moved(e, e.wholeCoord(along), arith::ConstantIndexOp::create(e.b, 0)));
  FailureOr<Tile> tile = e.demand(op.getOperand(), inner);
  if (failed(tile))
    return failure();
  renameDim(e, *tile, dim, along);
  return tile;
}

FailureOr<Tile> emit(Emitter &e, GatherOp op, const Coords &at) {
  auto dims = llvm::to_vector(op.getDims().getAsRange<StringAttr>());
  if (dims.size() == 1)
    if (auto pos = op.getIndices()[0].getDefiningOp<PosOp>(); pos && !hasDim(op.getOperand(), pos.getDim()))
      return emitWindow(e, op, pos.getDimAttr(), at);
  // An index from the end counts down.
  SmallVector<Value> indices;
  bool scalar = true;
  for (auto [dim, index] : llvm::zip(dims, op.getIndices())) {
    FailureOr<Tile> tile = e.demand(index, at);
    if (failed(tile))
      return failure();
    Value place = tile->front();
    auto type = llvm::cast<RankedTensorType>(place.getType());
    Value zero = e.splat(e.b.getI64IntegerAttr(0), type);
    Value negative = arith::CmpIOp::create(e.b, arith::CmpIPredicate::slt, place, zero);
    Value length = tile::SpreadOp::create(e.b, type, e.size(dim));
    Value turned = arith::AddIOp::create(e.b, place, length);
    indices.push_back(arith::SelectOp::create(e.b, negative, turned, place));
    scalar &= type.getRank() == 0;
  }
  if (scalar) {
    Coords inner = at;
    for (auto [dim, index] : llvm::zip(dims, indices))
      inner.set(dim, {asIndex(e, index), 1, &e.current()});
    return e.demand(op.getOperand(), inner);
  }
  SmallVector<Type> casts;
  BlockArgument input = inMemory(op.getOperand(), casts);
  if (!input || !e.view(input))
    return FailureOr<Tile>(e.refuse("what is picked by a table of indices does not lie in memory"));
  SmallVector<std::pair<StringAttr, Coord>> others;
  SmallVector<std::pair<StringAttr, Value>> picked;
  for (const NamedDim &d : getDims(input)) {
    if (auto *place = llvm::find(dims, d.name); place != dims.end()) {
      picked.push_back({d.name, indices[place - dims.begin()]});
      continue;
    }
    const Coord *coord = at.find(d.name);
    if (!coord && !e.isWhole(d.name))
      return FailureOr<Tile>(e.refuse("'" + Twine(d.name.getValue()) + "' is not walked where it is picked from"));
    others.push_back({d.name, coord ? *coord : e.wholeCoord(d.name)});
  }
  FailureOr<RankedTensorType> type = e.tileType(getDims(op.getResult()), getElement(input), at);
  if (failed(type))
    return failure();
  Tile tile = readView(e, e.view(input), getElement(input), others, picked, *type);
  for (Type to : llvm::reverse(casts))
    for (Value &part : tile)
      part = e.cast(part, type->clone(Emitter::partType(to)));
  return tile;
}

FailureOr<Tile> emit(Emitter &e, ConcatOp op, const Coords &at) {
  StringAttr to = op.getToAttr();
  const Coord *given = at.find(to);
  Coord coord = given ? *given : e.wholeCoord(to);
  Value length = e.size(op.getFirst());
  Value back = arith::SubIOp::create(e.b, arith::ConstantIndexOp::create(e.b, 0), length);
  auto side = [&](Value operand, StringAttr dim, Coord there) -> FailureOr<Tile> {
    Coords inner = at;
    inner.erase(to);
    inner.set(dim, there);
    FailureOr<Tile> tile = e.demand(operand, inner);
    if (failed(tile))
      return failure();
    renameDim(e, *tile, dim, to);
    return tile;
  };
  Value zero = arith::ConstantIndexOp::create(e.b, 0);
  FailureOr<Tile> first = side(op.getLhs(), op.getFirstAttr(), moved(e, coord, zero));
  FailureOr<Tile> second = side(op.getRhs(), op.getSecondAttr(), moved(e, coord, back));
  FailureOr<RankedTensorType> type = e.tileType(getDims(op.getResult()), getElement(op.getResult()), at);
  if (failed(first) || failed(second) || failed(type))
    return failure();
  Value place = e.positions(to, coord);
  Value bound = tile::SpreadOp::create(e.b, llvm::cast<RankedTensorType>(place.getType()), length);
  Value isFirst = e.spread(arith::CmpIOp::create(e.b, arith::CmpIPredicate::slt, place, bound).getResult(),
                           type->clone(e.b.getI1Type()));
  Tile result;
  for (auto [a, b] : llvm::zip(e.spread(*first, *type), e.spread(*second, *type)))
    result.push_back(arith::SelectOp::create(e.b, isFirst, a, b));
  return result;
}

/// The element of one dimension that stands for those of several, the last of them
/// running fastest, where all but one stand still.
FailureOr<Tile> emit(Emitter &e, SplitOp op, const Coords &at) {
  auto into = llvm::to_vector(op.getInto().getAsRange<StringAttr>());
  Value place = arith::ConstantIndexOp::create(e.b, 0);
  StringAttr running;
  int64_t length = 1;
  for (auto [i, dim] : llvm::enumerate(into)) {
    const Coord *given = at.find(dim);
    if (!given && !e.isWhole(dim))
      return FailureOr<Tile>(e.refuse("'" + Twine(dim.getValue()) + "' is not walked where it is split off"));
    Coord coord = given ? *given : e.wholeCoord(dim);
    place = arith::MulIOp::create(e.b, place, e.size(dim));
    if (coord.at)
      place = arith::AddIOp::create(e.b, place, coord.at);
    if (coord.size != 1) {
      // Only what runs fastest, or stands before dimensions of one element, is a range.
      bool last = llvm::all_of(ArrayRef(into).drop_front(i + 1), [&](StringAttr d) { return e.staticSize(d) == 1; });
      if (!last)
        return FailureOr<Tile>(e.refuse("'" + Twine(dim.getValue()) + "' is taken in tiles though it does not run fastest in '" +
                                        op.getDim() + "'"));
      running = dim;
      length = coord.size;
    }
  }
  Coords inner = at;
  for (StringAttr dim : into)
    inner.erase(dim);
  StringAttr from = op.getDimAttr();
  inner.set(from, {place, length, &e.current()});
  FailureOr<Tile> tile = e.demand(op.getOperand(), inner);
  if (failed(tile) || !running)
    return tile;
  for (Value &part : *tile) {
    NamedDims dims = getDims(part);
    for (NamedDim &d : dims)
      if (d.name == from)
        d.name = running;
    part = tile::RenameOp::create(e.b, getTensorType(dims, getElement(part)), part);
  }
  return tile;
}

FailureOr<Tile> emit(Emitter &e, JoinOp op, const Coords &at) {
  const Coord *coord = at.find(op.getInto());
  auto parts = llvm::to_vector(op.getDims().getAsRange<StringAttr>());
  int64_t last = e.staticSize(parts.back());
  // A tile that lies within one row of the last part.
  if (!coord || !coord->at || ShapedType::isDynamic(last) || last % coord->size != 0)
    return FailureOr<Tile>(e.refuse("tiles of '" + op.getInto() + "' do not lie within rows of '" +
                                    parts.back().getValue() + "', of which it is made"));
  Coords inner = at;
  inner.erase(op.getInto());
  Value rest = coord->at;
  for (StringAttr dim : llvm::reverse(parts)) {
    Value size = e.size(dim), place = arith::RemUIOp::create(e.b, rest, size);
    inner.set(dim, {place, dim == parts.back() ? coord->size : 1, &e.current()});
    rest = arith::DivUIOp::create(e.b, rest, size);
  }
  FailureOr<Tile> tile = e.demand(op.getOperand(), inner);
  if (failed(tile) || coord->size == 1)
    return tile;
  for (Value &part : *tile) {
    NamedDims dims = getDims(part);
    for (NamedDim &d : dims)
      if (d.name == parts.back())
        d.name = op.getIntoAttr();
    part = tile::RenameOp::create(e.b, getTensorType(dims, getElement(part)), part);
  }
  return tile;
}

} // namespace ssm
