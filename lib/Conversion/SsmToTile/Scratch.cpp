//===- Scratch.cpp - memory that an item has for itself ---------------------===//
#include "Emitter.h"

using namespace mlir;

namespace ssm {

FailureOr<Tile> Emitter::scratch(ArrayRef<NamedDim> dims, Type element, const Coords &at) {
  OpBuilder::InsertionGuard guard(b);
  insertIn(b, *root);
  SmallVector<int64_t> shape;
  SmallVector<StringAttr> names, tiled;
  SmallVector<Value> sizes;
  SmallVector<NamedDim> ordered(dims); // as its tiles are
  sortDims(ordered);
  for (const NamedDim &d : ordered) {
    const Coord *coord = at.find(d.name);
    int64_t length = coord ? coord->size : staticSize(d.name);
    if (coord)
      tiled.push_back(d.name);
    if (length == 1)
      continue;
    shape.push_back(length);
    names.push_back(d.name);
    if (ShapedType::isDynamic(length))
      sizes.push_back(size(d.name));
  }
  auto type = tile::ViewType::get(b.getContext(), shape, partType(element), names);
  Tile views;
  for (unsigned part = 0; part < (llvm::isa<ComplexType>(element) ? 2 : 1); ++part) {
    views.push_back(tile::ScratchOp::create(b, type, sizes));
    tileDims[views.back()] = tiled;
  }
  return views;
}

/// Where a tile lies in scratch: what the view holds a tile of begins at 0 there.
void Emitter::placesIn(Value view, const Located &located, SmallVectorImpl<StringRef> &names,
                       SmallVectorImpl<Value> &places, StringAttr from) {
  NamedDims dims = llvm::cast<tile::ViewType>(view.getType()).getDims();
  for (const auto &[dim, coord] : located) {
    bool begins = llvm::is_contained(tileDims[view], dim) && dim != from;
    if (!findDim(dims, dim) || !coord.at || begins)
      continue;
    names.push_back(dim.getValue());
    places.push_back(coord.at);
  }
}

FailureOr<Tile> Emitter::readScratch(const Tile &views, ArrayRef<NamedDim> dims, Type element, const Coords &at,
                                     StringAttr from) {
  FailureOr<Located> located = locate(dims, at);
  FailureOr<RankedTensorType> type = tileType(dims, element, at);
  if (failed(located) || failed(type))
    return failure();
  SmallVector<StringRef> names;
  SmallVector<Value> places;
  placesIn(views[0], *located, names, places, from);
  Tile tile;
  for (Value view : views)
    tile.push_back(tile::ReadOp::create(b, TypeRange{*type}, view, names, places).getResults()[0]);
  return tile;
}

LogicalResult Emitter::writeScratch(const Tile &views, ArrayRef<NamedDim> dims, const Tile &tile, const Coords &at,
                                    bool accumulate) {
  FailureOr<Located> located = locate(dims, at);
  if (failed(located))
    return failure();
  SmallVector<StringRef> names;
  SmallVector<Value> places;
  placesIn(views[0], *located, names, places);
  for (auto [view, part] : llvm::zip(views, tile))
    tile::WriteOp::create(b, part, view, names, places).setAccumulate(accumulate);
  return success();
}

} // namespace ssm
