//===- Named.cpp - the named layouts by formula -----------------------------===//
#include "ssm/Layout/Layout.h"

using namespace mlir;
using namespace ssm::tile;

namespace ssm::layout {

std::optional<Registers> Registers::make(RankedTensorType tile, int64_t warps, std::string &why) {
  Registers r;
  r.tile = tile;
  r.layout = layoutOf(tile);
  r.warps = warps;
  if (!r.layout) {
    why = "the tensor has no layout";
    return std::nullopt;
  }
  unsigned rank = std::min<unsigned>(layoutRank(r.layout), tile.getRank());
  r.columns = tile.getShape().back();
  r.rows = rank == 2 ? tile.getDimSize(tile.getRank() - 2) : 1;
  r.blocks = tile.getNumElements() / (r.rows * r.columns);
  auto refuse = [&](const llvm::Twine &reason) {
    why = reason.str();
    return std::nullopt;
  };
  int64_t rowSpan = 16 * warps;
  auto wrongRows = [&](int64_t rows) {
    return refuse(llvm::Twine(rows) + " rows do not divide among " + llvm::Twine(warps) + " warps of 16 rows");
  };
  if (isa<AccAttr, QuadAttr, PartAttr>(r.layout)) {
    if (r.rows % rowSpan)
      return wrongRows(r.rows);
    r.perBlock = r.rows / (8 * warps) * (isa<PartAttr>(r.layout) ? 1 : r.columns / 4);
  } else if (isa<ColAttr>(r.layout)) {
    r.perBlock = r.columns / 4;
  } else if (isa<OpbAttr>(r.layout)) {
    r.perBlock = r.rows * r.columns / 32;
  } else if (auto row = dyn_cast<RowAttr>(r.layout)) {
    auto lanes = dyn_cast<LanesAttr>(parentOf(row));
    if (!lanes && r.columns % rowSpan)
      return wrongRows(r.columns);
    int64_t atOnce = lanes ? std::max<int64_t>(1, r.threads() / lanes.getWidth()) : 8 * warps;
    if (r.columns % atOnce && r.columns != 1)
      return refuse(llvm::Twine(r.columns) + " rows do not divide among " + llvm::Twine(r.threads()) + " threads");
    r.perBlock = std::max<int64_t>(1, r.columns / atOnce);
  } else {
    auto spread = cast<LanesAttr>(r.layout);
    int64_t atOnce = r.threads() / spread.getWidth();
    if (atOnce < 1)
      return refuse("rows are spread over " + llvm::Twine(spread.getWidth()) + " threads, more than the " +
                    llvm::Twine(r.threads()) + " that run it");
    if (rank == 2 && r.rows % atOnce)
      return refuse(llvm::Twine(r.rows) + " rows do not divide among the " + llvm::Twine(atOnce) + " that " +
                    llvm::Twine(r.threads()) + " threads hold at once");
    r.perBlock = (rank == 2 ? r.rows / atOnce : 1) * r.columns / spread.getWidth();
  }
  return r;
}

int64_t Registers::words() const {
  unsigned bits = tile.getElementTypeBitWidth();
  return bits == 16 ? (count() + 1) / 2 : count();
}

int64_t Registers::replication() const { return threads() * count() / std::max<int64_t>(1, tile.getNumElements()); }

int64_t Registers::vector() const {
  if (isa<AccAttr, ColAttr>(layout))
    return 2;
  if (isa<QuadAttr>(layout))
    return 8;
  if (auto lanes = dyn_cast<LanesAttr>(layout))
    return lanes.getVector();
  return 1;
}

Spot Registers::spot(int64_t thread, int64_t reg) const {
  int64_t w = thread / 32, lane = thread % 32, g = lane / 4, q = lane % 4;
  if (isa<AccAttr>(layout)) {
    int64_t e = reg % 2, h = reg / 2 % 2, j = reg / 4 % (columns / 8), b = reg / 4 / (columns / 8);
    return {16 * warps * b + 16 * w + 8 * h + g, 8 * j + 2 * q + e};
  }
  if (isa<QuadAttr>(layout)) {
    int64_t i = reg % 8, h = reg / 8 % 2, j = reg / 16 % (columns / 32), b = reg / 16 / (columns / 32);
    return {16 * warps * b + 16 * w + 8 * h + g, 32 * j + 8 * q + i};
  }
  if (isa<PartAttr>(layout))
    return {16 * warps * (reg / 2) + 16 * w + 8 * (reg % 2) + g, q};
  if (isa<ColAttr>(layout))
    return {0, 8 * (reg / 2) + 2 * q + reg % 2};
  if (isa<OpbAttr>(layout)) {
    int64_t e = reg % 2, i = reg / 2 % 2, j = reg / 4 % (columns / 8), a = reg / 4 / (columns / 8);
    return {16 * a + 8 * i + 2 * q + e, 8 * j + g};
  }
  if (auto row = dyn_cast<RowAttr>(layout)) {
    if (auto lanes = dyn_cast<LanesAttr>(parentOf(row))) {
      int64_t atOnce = std::max<int64_t>(1, threads() / lanes.getWidth());
      return {0, (reg * atOnce + thread / lanes.getWidth()) % columns};
    }
    return {0, 16 * warps * (reg / 2) + 16 * w + 8 * (reg % 2) + g};
  }
  auto lanes = cast<LanesAttr>(layout);
  int64_t width = lanes.getWidth(), v = lanes.getVector(), rounds = columns / (width * v);
  int64_t e = reg % v, k = reg / v % rounds, b = reg / v / rounds;
  return {rows == 1 ? 0 : thread / width + b * (threads() / width), (k * width + thread % width) * v + e};
}

llvm::SmallVector<int64_t, 4> Registers::element(int64_t thread, int64_t reg) const {
  Spot at = spot(thread, reg % perBlock);
  unsigned rank = std::min<unsigned>(layoutRank(layout), tile.getRank());
  llvm::SmallVector<int64_t, 4> index(tile.getRank());
  index.back() = at.column;
  if (rank == 2)
    index[tile.getRank() - 2] = at.row;
  int64_t block = reg / perBlock;
  for (int64_t dim = tile.getRank() - rank; dim-- > 0;) {
    index[dim] = block % tile.getDimSize(dim);
    block /= tile.getDimSize(dim);
  }
  return index;
}

} // namespace ssm::layout
