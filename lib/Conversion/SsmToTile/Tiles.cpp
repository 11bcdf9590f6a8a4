//===- Tiles.cpp - types of tiles, spreading, tails -------------------------===//
#include "Emitter.h"

using namespace mlir;

namespace ssm {

Type Emitter::partType(Type element) {
  auto complex = llvm::dyn_cast<ComplexType>(element);
  return complex ? complex.getElementType() : element;
}

/// Where items share out nothing that lies along vectors, tiles lie as the sequence does in memory: what is read and
/// written at every position needs no turning, what does not change along it is turned once. A position comes before
/// what the kernel makes of it, so that a step's elements lie side by side.
void Emitter::chooseOrder(StringAttr along) {
  if (lane || isHardware() || !along)
    return;
  bool alongVectors = false;
  llvm::SetVector<StringAttr> others;
  auto learn = [&](Value value) {
    NamedDims dims = getDims(value);
    for (auto [i, d] : llvm::enumerate(dims)) {
      if (d.name != along)
        others.insert(d.name);
      for (const NamedDim &behind : ArrayRef(dims).drop_front(i + 1))
        if (hasDim(value, along))
          before.insert({d.name, behind.name});
    }
    alongVectors |= !dims.empty() && dims.back().name == along;
  };
  for (Value value : llvm::concat<Value>(SmallVector<Value>(KernelOp(kernel).getBody().getArguments()),
                                         SmallVector<Value>(KernelOp(kernel).getYielded())))
    learn(value);
  SmallVector<std::pair<StringAttr, StringAttr>> both;
  for (auto [first, second] : before)
    if (before.contains({second, first}))
      both.push_back({first, second});
  for (auto pair : both)
    before.erase(pair);
  if (!alongVectors)
    for (StringAttr dim : others)
      if (!before.contains({dim, along}))
        before.insert({along, dim});
}

void Emitter::sortDims(SmallVectorImpl<NamedDim> &dims) const {
  if (auto *last = llvm::find_if(dims, [&](const NamedDim &d) { return d.name == lane; }); last != dims.end())
    std::rotate(last, last + 1, dims.end());
  if (before.empty())
    return;
  SmallVector<NamedDim> sorted;
  while (!dims.empty()) {
    auto *first = llvm::find_if(dims, [&](const NamedDim &d) {
      return llvm::none_of(dims, [&](const NamedDim &other) { return before.contains({other.name, d.name}); });
    });
    if (first == dims.end()) // round a ring
      first = dims.begin();
    sorted.push_back(*first);
    dims.erase(first);
  }
  dims.assign(sorted.begin(), sorted.end());
}

FailureOr<RankedTensorType> Emitter::tileType(ArrayRef<NamedDim> dims, Type element, const Coords &at) {
  SmallVector<NamedDim> tiled;
  for (const NamedDim &d : dims) {
    const Coord *coord = at.find(d.name);
    if (!coord && !isWhole(d.name)) {
      (void)refuse("'" + Twine(d.name.getValue()) + "' is of open size or too long to be held whole, and is not walked here");
      return failure();
    }
    int64_t size = coord ? coord->size : staticSize(d.name);
    if (size != 1)
      tiled.push_back({d.name, size});
  }
  sortDims(tiled);
  return getTensorType(tiled, partType(element));
}

Value Emitter::spread(Value tile, RankedTensorType type) {
  if (tile.getType() == type)
    return tile;
  // A constant spreads to a constant.
  DenseElementsAttr constant;
  if (matchPattern(tile, m_Constant(&constant)) && constant.isSplat())
    return arith::ConstantOp::create(b, constant.resizeSplat(type));
  return tile::SpreadOp::create(b, type, tile);
}

Tile Emitter::spread(const Tile &tile, RankedTensorType type) {
  Tile result;
  for (Value part : tile)
    result.push_back(spread(part, type.clone(getElementTypeOrSelf(part.getType()))));
  return result;
}

Value Emitter::splat(TypedAttr value, RankedTensorType type) {
  return arith::ConstantOp::create(b, DenseElementsAttr::get(type, static_cast<Attribute>(value)));
}

Value Emitter::positions(StringAttr dim, const Coord &coord) {
  Value start = coord.at ? coord.at : arith::ConstantIndexOp::create(b, 0).getResult();
  if (coord.size == 1)
    return tile::SpreadOp::create(b, RankedTensorType::get({}, b.getI64Type()), start);
  return tile::PosOp::create(b, getTensorType({NamedDim{dim, coord.size}}, b.getI64Type()), start);
}

Value Emitter::inside(StringAttr dim, const Coord &coord) {
  int64_t known = staticSize(dim);
  if (!coord.at || coord.size == 1 || coord.inside || (!ShapedType::isDynamic(known) && known % coord.size == 0))
    return {};
  Value place = positions(dim, coord);
  Value length = tile::SpreadOp::create(b, llvm::cast<RankedTensorType>(place.getType()), size(dim));
  return arith::CmpIOp::create(b, arith::CmpIPredicate::slt, place, length);
}

Tile Emitter::maskTail(const Tile &tile, ArrayRef<StringAttr> dims, const Coords &at, const Tile &other) {
  Tile result = tile;
  for (StringAttr dim : dims) {
    const Coord *coord = at.find(dim);
    Value valid = coord ? inside(dim, *coord) : Value();
    if (!valid)
      continue;
    for (auto [part, instead] : llvm::zip(result, other)) {
      auto type = llvm::cast<RankedTensorType>(part.getType());
      if (!findDim(getDims(type), dim))
        continue;
      part = arith::SelectOp::create(b, spread(valid, type.clone(b.getI1Type())), part, spread(instead, type));
    }
  }
  return result;
}

} // namespace ssm
