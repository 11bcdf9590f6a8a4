//===- Point.h - where an element of a tile is ------------------------------===//
//
// A point of a tile [M, L] with lanes along L, `M = %m, L = %l`, stands for the
// vector of the elements (m, l), (m, l + 1), ... Without lanes it is one element.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ssm/Dialect/Tile/Tile.h"

namespace ssm::tile {

struct Point {
  llvm::SmallVector<std::pair<mlir::StringAttr, mlir::Value>, 6> at;
  mlir::StringAttr lane; // null: one element
  unsigned lanes = 1;
  /// So many of the lanes are elements; the others lie in the padding behind.
  unsigned valid = 1;

  mlir::Value get(mlir::StringAttr dim) const {
    for (auto &[name, index] : at)
      if (name == dim)
        return index;
    return {};
  }
  void set(mlir::StringAttr dim, mlir::Value index) {
    for (auto &[name, known] : at)
      if (name == dim) {
        known = index;
        return;
      }
    at.push_back({dim, index});
  }
  /// One element: the first of the lanes.
  Point scalar() const {
    Point point = *this;
    point.lane = {};
    point.lanes = point.valid = 1;
    return point;
  }
  /// Without the dimensions that a tile lacks, in the tile's order.
  Point within(llvm::ArrayRef<NamedDim> dims) const {
    Point point;
    for (const NamedDim &dim : dims) {
      point.at.push_back({dim.name, get(dim.name)});
      if (dim.name == lane) {
        point.lane = lane;
        point.lanes = lanes;
        point.valid = valid;
      }
    }
    return point;
  }
};

/// The lanes that cover a dimension of so many elements: a whole vector, or the
/// next power of two below that.
inline unsigned lanesFor(int64_t size, unsigned widest) {
  return size >= widest ? widest : static_cast<unsigned>(llvm::PowerOf2Ceil(std::max<int64_t>(size, 1)));
}

/// One vector's worth of a dimension: where it begins, and how many elements it has.
struct Chunk {
  int64_t begin;
  unsigned valid;
};

/// How a dimension is walked: `looped` vectors in a loop, and the rest.
struct Lanes {
  mlir::StringAttr dim;
  unsigned lanes = 1;
  int64_t size = 1;

  int64_t whole() const { return size / lanes; }
  unsigned tail() const { return size % lanes; }
};

} // namespace ssm::tile
