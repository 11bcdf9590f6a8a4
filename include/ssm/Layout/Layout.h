//===- Layout.h - which register of which thread holds an element -----------===//
//
// The arithmetic of the tile dialect's layouts, without IR. `Registers` says it by
// formula, `holders` lists it by brute force; the unit tests hold one against the
// other, the lowering's addresses and descriptors against both.
//
//   Registers r = *Registers::make(tensor<64x128xf32, #tile.acc>, /*warps=*/4, why);
//   r.count()            64 elements a thread
//   r.element(37, 5)     {17, 11}: thread 37 is lane 5 (g 1, q 1) of warp 1, register 5 is j 1, e 1
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ssm/Dialect/Tile/Tile.h"

#include <optional>
#include <string>
#include <vector>

namespace ssm::layout {

/// Row and column inside a block of the layout's own dimensions. A vector is one row.
struct Spot {
  int64_t row, column;
};

/// A tile in the registers of a role instance of `warps` warps.
class Registers {
public:
  /// nullopt, with a reason, where the shape does not divide among the threads.
  static std::optional<Registers> make(mlir::RankedTensorType tile, int64_t warps, std::string &why);

  int64_t threads() const { return 32 * warps; }
  /// Elements a thread holds.
  int64_t count() const { return blocks * perBlock; }
  /// 32-bit registers a thread: 16-bit elements share one in pairs.
  int64_t words() const;
  /// Threads that hold the same element.
  int64_t replication() const;
  /// The element that a register of a thread holds, as an index of the whole tile.
  llvm::SmallVector<int64_t, 4> element(int64_t thread, int64_t reg) const;
  /// Consecutive registers that hold consecutive columns.
  int64_t vector() const;
  mlir::RankedTensorType type() const { return tile; }

private:
  Spot spot(int64_t thread, int64_t reg) const;

  mlir::RankedTensorType tile;
  mlir::Attribute layout;
  int64_t warps = 1, blocks = 1, perBlock = 0;
  int64_t rows = 1, columns = 1; // of a block
};

struct Holder {
  int64_t thread, reg;
};

/// For each element, in row-major order, who holds it.
std::vector<std::vector<Holder>> holders(const Registers &registers);

//===----------------------------------------------------------------------===//
// The rule table
//===----------------------------------------------------------------------===//

enum class Way {
  Same,     ///< nothing to do
  Renaming, ///< other registers of the same thread, or copies of them
  Shuffles, ///< between the lanes of a warp
  Shared,   ///< through a named buffer: a store and a load
  Refused
};

/// How a tile gets from one layout to another, and what it costs a thread.
struct Rule {
  Way way = Way::Refused;
  double shuffles = 0; ///< for each 32-bit register of the source
  std::string why;     ///< what to do instead, where it is Shared or Refused
};

/// Broadcasts are from a row or col to the tile's layout, reductions the other way.
enum class Change { Convert, Broadcast, ReduceColumns, ReduceRows };
Rule ruleFor(Change change, mlir::Attribute from, mlir::Attribute to, mlir::Type element, int64_t warps);

//===----------------------------------------------------------------------===//
// Drawing
//===----------------------------------------------------------------------===//

/// A table with, for each element of the last two dimensions, warp.lane:register of its first
/// holder, and a line on counts and replication. Columns and rows past the limits are left out.
std::string draw(const Registers &registers, int64_t maxRows = 64, int64_t maxColumns = 32);
/// The same of a shared buffer: the byte at which each element lies.
std::string draw(tile::SmemType type, int64_t maxRows = 16, int64_t maxColumns = 128);

} // namespace ssm::layout
