//===- Lowering.h - one work item's tiles to vectors and scratch ------------===//
//
// A block of tile operations becomes passes: loop nests over one domain that
// evaluate, at each point, the expressions whose results are stored, written or
// reduced there (Schedule.h says which share a pass). What is only used inside a
// pass never has a place in memory.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Point.h"
#include "ssm/Conversion/TileToVector.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

#include <map>

namespace ssm::tile {

/// A tile in scratch, row-major; the last dimension is padded to whole vectors.
struct Buffer {
  mlir::Value memory;
  NamedDims dims;
};

/// Collects the scratch of an item, at the item's beginning.
class Scratch {
public:
  Scratch(mlir::Block *entry, unsigned widest) : entry(entry), widest(widest) {}
  Buffer make(mlir::RankedTensorType tile);
  /// The buffer may serve another tile of its shape from here on.
  void release(const Buffer &buffer) { unused[buffer.memory.getType()].push_back(buffer.memory); }
  int64_t bytes() const { return total; }

private:
  mlir::Block *entry;
  unsigned widest;
  int64_t total = 0;
  llvm::DenseMap<mlir::Type, llvm::SmallVector<mlir::Value>> unused;
};

/// The loops around the place where code goes. What does not depend on an inner
/// loop is put before it.
class Scopes {
public:
  using Key = std::tuple<const void *, const void *, unsigned, llvm::SmallVector<const void *, 6>>;

  explicit Scopes(mlir::OpBuilder &b) : b(b) {}
  unsigned depth() const { return scopes.size() - 1; }
  /// The depth of the innermost loop that a coordinate depends on.
  unsigned depthOf(mlir::Value index) const {
    auto known = depths.find(index);
    return known == depths.end() ? 0 : known->second;
  }
  void note(mlir::Value index, unsigned depth) { depths[index] = depth; }

  /// Runs `body` with code going into the loop: its block is where b stands now.
  void enter(llvm::ArrayRef<mlir::Value> indices, llvm::function_ref<void()> body);
  /// A new level at the outermost depth, its own from what is around it.
  void isolate(llvm::function_ref<void()> body);
  /// Sets b to where code of this depth goes.
  void goTo(unsigned depth);
  std::map<Key, mlir::Value> &memo(unsigned depth) { return scopes[depth].memo; }

private:
  struct Scope {
    mlir::Block *block;
    mlir::Operation *before = nullptr; // the inner loop; null: at the end
    mlir::Block::iterator end;
    std::map<Key, mlir::Value> memo;
  };
  mlir::OpBuilder &b;
  llvm::SmallVector<Scope, 8> scopes;
  llvm::DenseMap<mlir::Value, unsigned> depths;
};

struct Group;
struct Schedule;

class Lowering {
public:
  Lowering(const TileToVectorOptions &options, mlir::Block *entry, mlir::Location loc)
      : options(options), widest(options.vectorBits / 32), b(loc, entry->getParentOp()->getContext()), scopes(b),
        scratch(entry, widest), scratchBlock(entry) {}

  /// Lowers the block's operations to where b stands.
  mlir::LogicalResult lower(mlir::Block &block);

  const TileToVectorOptions &options;
  unsigned widest; // lanes of 32 bits
  mlir::ImplicitLocOpBuilder b;
  Scopes scopes;
  Scratch scratch;
  mlir::Block *scratchBlock; // where constants and scratch are made
  mlir::IRMapping scalars; // what is not a tile: scalars, and memrefs of views
  llvm::DenseMap<mlir::Value, Buffer> buffers; // of tiles that are computed
  llvm::DenseMap<mlir::Value, Buffer> places;  // where tiles go when they are

  // Evaluate.cpp: the elements of a tile at a point.
  mlir::Value get(mlir::Value tile, const Point &point);
  mlir::Value load(const Buffer &buffer, const Point &point);
  void store(mlir::Value value, const Buffer &buffer, const Point &point);
  mlir::Value index(int64_t value);
  mlir::Value add(mlir::Value index, int64_t offset);
  mlir::Value add(mlir::Value a, mlir::Value b);
  /// As many lanes of a scalar.
  mlir::Value lanesOf(mlir::Value scalar, unsigned lanes);
  mlir::Value constant(mlir::TypedAttr element, unsigned lanes);
  /// Where a tile goes: its given place, or one made for it now.
  Buffer &storage(mlir::Value tile);

  // Memory.cpp
  mlir::Value read(ReadOp op, unsigned result, const Point &point);
  /// Dimensions along which what is read lies inside: the loops around end where it does.
  llvm::SmallVector<mlir::StringAttr> bounded;
  void write(WriteOp op, const Point &point, llvm::ArrayRef<mlir::Value> values);

  // Extent.cpp
  /// An index, at most the tile's size: all elements of the tile that lie behind it along
  /// the dimension are zero. Null where that is not known.
  mlir::Value extentOf(mlir::Value tile, mlir::StringAttr dim);
  /// Likewise: elements behind it are not written.
  mlir::Value extentOf(WriteOp op, mlir::StringAttr dim);

  /// Where an item's elements of an owned dimension end; null where its tile is always full.
  mlir::Value ownedExtent(mlir::StringAttr dim) const { return ownedExtents.lookup(dim); }
  /// Finds these, for dimensions along which no element of a tile meets another.
  void findOwnedExtents(ProgramOp program);
  llvm::DenseMap<mlir::StringAttr, mlir::Value> ownedExtents;

  // Combine.cpp
  llvm::SmallVector<mlir::Value> identity(CombineOp op, unsigned lanes);
  llvm::SmallVector<mlir::Value> combine(CombineOp op, mlir::ValueRange a, mlir::ValueRange b);
  /// One element of the lanes.
  llvm::SmallVector<mlir::Value> across(CombineOp op, mlir::ValueRange lanes);
  mlir::Value combineUnrolled(CombineOp op, unsigned result, const Point &point);

  // Pass.cpp, Product.cpp, Recur.cpp, Reorder.cpp, Loops.cpp
  mlir::LogicalResult emitPass(const Group &group, const Schedule &schedule);
  mlir::LogicalResult emitProduct(ProductOp op);
  mlir::LogicalResult emitLoop(LoopOp op);
  mlir::LogicalResult emitRecur(RecurOp op);
  mlir::LogicalResult emitTurn(SpreadOp op);
  mlir::LogicalResult emitPairing(SpreadOp op);
  mlir::LogicalResult emitIf(mlir::scf::IfOp op);
  mlir::LogicalResult emitScalar(mlir::Operation *op);
  mlir::LogicalResult mapView(ViewOp op);
  /// Stores the tile's elements; `copy` of one buffer to another where it is stored.
  void emitStore(mlir::Value tile, const Buffer &into);

  /// In registers while a recurrence runs: a value at constant coordinates.
  struct Register {
    mlir::Value tile;
    llvm::SmallVector<int64_t, 4> at; // of the dimensions kept in registers, in the tile's order
    mlir::Value lane;                 // where the vector begins
    bool operator<(const Register &other) const {
      return std::make_tuple(tile.getAsOpaquePointer(), lane.getAsOpaquePointer(), at) <
             std::make_tuple(other.tile.getAsOpaquePointer(), other.lane.getAsOpaquePointer(), other.at);
    }
  };
  std::map<Register, mlir::Value> registers;
  llvm::SmallVector<mlir::StringAttr> registerDims;
  /// Slices of a recurrence: the tile, and where it is cut.
  llvm::DenseMap<mlir::Value, std::tuple<mlir::Value, mlir::StringAttr, mlir::Value>> slices;
  /// The block of a recurrence whose body is evaluated in place.
  mlir::Block *recurBody = nullptr;
  unsigned recurDepth = 0;

  llvm::SmallVector<mlir::Value> allocated; // scratch of open size: freed where its block ends
  llvm::DenseSet<mlir::Value> kept;     // scratch that folds carry
  llvm::DenseSet<mlir::Value> released; // tiles whose scratch was given back

private:
  mlir::LogicalResult emitGroups(mlir::Block &block, const Schedule &schedule);
  void releaseAfter(unsigned group, mlir::Block &block, const Schedule &schedule);
  mlir::LogicalResult emitGroup(const Group &group, const Schedule &schedule);
  mlir::Value compute(mlir::Value tile, const Point &point);
  mlir::Value computeLaneByLane(mlir::Value tile, const Point &point);
};

/// The loop nest of a constant range around `body`, which gets the index.
void forRange(Lowering &lowering, int64_t begin, int64_t end, int64_t step, mlir::ValueRange carried,
              llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value, mlir::ValueRange)> body,
              llvm::SmallVectorImpl<mlir::Value> &results);

/// The same up to an index that is known when running.
void forRange(Lowering &lowering, int64_t begin, mlir::Value end, int64_t step, mlir::ValueRange carried,
              llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value, mlir::ValueRange)> body,
              llvm::SmallVectorImpl<mlir::Value> &results);

} // namespace ssm::tile
