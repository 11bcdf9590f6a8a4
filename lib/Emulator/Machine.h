//===- Machine.h - the CTAs of a cluster: cores, barriers, copies under way -===//
//
// A core is one role instance; it runs its stream of operations until it must wait. A
// group's four warps keep clocks of their own. Copies are agents of the machine that
// act when the schedule says so. The CTAs of a cluster run together; without a cluster
// there is one.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Barrier.h"
#include "Datum.h"

#include <deque>
#include <functional>
#include <map>
#include <random>

namespace ssm::emulator {

class Machine;

/// A block that is being run, and how to go on at its end.
struct Frame {
  mlir::Operation *owner;
  mlir::Block *block;
  mlir::Block::iterator next;
  int64_t induction = 0, upper = 0, step = 0; ///< of scf.for; the warp of tile.per_warp
  std::vector<std::vector<Datum>> gathered;   ///< of tile.per_warp: what each warp yielded
};

/// A product whose group has not been waited for.
struct Product {
  uint64_t number;
  std::vector<std::pair<Storage *, int64_t>> reads;
  llvm::SmallPtrSet<Storage *, 2> storages;
};
/// A bulk store whose group has not been waited for.
struct BulkStore {
  std::vector<std::pair<Storage *, int64_t>> reads;
  bool read = false;
};

struct Core {
  std::string name;
  unsigned cta = 0; ///< its number in the cluster
  mlir::Operation *role = nullptr;
  std::vector<unsigned> warps;
  llvm::DenseMap<mlir::Value, Datum> values;
  std::vector<Frame> frames;
  std::deque<Product> products;
  std::deque<BulkStore> bulk;
  uint64_t started = 0; ///< products so far
  /// Waits and arrivals so far that named no slot, at a side of a ring (number, instance, whether it fills).
  struct Counts {
    int64_t waits = 0, arrivals = 0;
  };
  std::map<std::tuple<int64_t, int64_t, bool>, Counts> counts;
  int warp = -1;        ///< inside tile.per_warp: which
  std::string waits;    ///< for what, while blocked
  mlir::Operation *waitsAt = nullptr;
  bool done() const { return frames.empty(); }
  /// The warps that the current operation runs in.
  llvm::SmallVector<unsigned, 4> active() const;
};

/// What one launch needs to know.
struct Launch {
  tile::KernelOp kernel;
  mlir::SymbolTable *symbols;
  std::vector<Datum> arguments;
  int64_t grid[3], cta[3]; ///< the cluster's first CTA
  unsigned ctas() { return kernel.getClusterDim(0) * kernel.getClusterDim(1) * kernel.getClusterDim(2); }
  /// The place of a CTA of the cluster along a dimension.
  int64_t place(unsigned cta, unsigned dim) { return cta / kernel.getClusterStride(dim) % kernel.getClusterDim(dim); }
};

class Machine {
public:
  Machine(Launch &launch, const Schedule &schedule);
  mlir::LogicalResult run();

  // For the operations' files. ------------------------------------------------------------
  enum class Step { Done, Blocked, Failed };
  /// Reports at the operation that a core is at; always Failed.
  Step fault(Core &core, mlir::Operation *op, const llvm::Twine &what);
  Datum &value(Core &core, mlir::Value value);
  int64_t scalar(Core &core, mlir::OpFoldResult value);
  void set(Core &core, mlir::Value value, Datum datum) { core.values[value] = std::move(datum); }
  Step give(Core &core, mlir::Operation *op, Datum datum); ///< the only result

  struct Slot {
    int64_t instance, index, use;
  };
  /// The slot that an operation names, or the next that the role waits for (or hands on).
  Slot slotOf(Core &core, mlir::Value ring, mlir::Value instance, mlir::Value cursor, bool fills, bool arrives = false);
  /// It has been done: the next one is for the next slot.
  void moveOn(Core &core, mlir::Value ring, mlir::Value instance, mlir::Value cursor, bool fills, bool arrives = false);
  std::vector<Datum> viewsOf(Core &core, mlir::Value ring, const Slot &slot) { return viewsOf(ringOf(core, ring, core.cta), slot); }
  /// One arrival by whom the unit names.
  std::string arrive(Core &core, Barrier &barrier, tile::BarrierUnit unit);
  /// Waits for a phase; blocked with a word on it, or failed.
  Step waitFor(Core &core, mlir::Operation *op, Barrier &barrier, int64_t phase);
  /// Warps of a core learn from each other (a named barrier).
  void meet(Core &core);
  void tick(Core &core);

  struct RingState;
  /// A ring as CTA `cta` of the cluster has it.
  RingState &ringOf(Core &core, mlir::Value ring, unsigned cta);
  std::vector<Datum> viewsOf(RingState &ring, const Slot &slot);
  /// The CTAs that differ from the core's along a dimension of the cluster, its own among them.
  llvm::SmallVector<unsigned> across(Core &core, unsigned dim);

  Launch &launch;
  struct RingState {
    tile::RingType type;
    tile::RingOp op;
    std::vector<std::unique_ptr<Storage>> parts; ///< [copy][slot][part]
    std::vector<Barrier> full, empty;            ///< [copy][slot]
  };
  std::deque<RingState> rings;
  std::deque<std::unique_ptr<Storage>> buffers;
  std::deque<Circle> circles;
  std::vector<Knowledge> clocks; ///< a warp
  unsigned numWarps = 0;
  unsigned prologue() const { return numWarps; }
  unsigned engine() const { return numWarps + 1; }
  uint32_t engineTime = 0;
  /// Copies under way: each lands when called.
  std::deque<std::function<void()>> agents;

private:
  void setUp();
  Step step(Core &core);
  Step leave(Core &core, mlir::Operation *terminator);
  Core::Counts &countsOf(Core &core, mlir::Value ring, mlir::Value instance, bool fills);
  void enter(Core &core, mlir::Operation *owner, mlir::Block &block, llvm::ArrayRef<Datum> arguments);
  bool go(Core &core, int64_t steps);
  mlir::LogicalResult deadlock();
  std::vector<Datum> valuesOf(Core &core, mlir::ValueRange values);
  Step split(Core &core, tile::PerWarpOp op, int64_t warp);

  Schedule schedule;
  std::mt19937_64 random;
  std::deque<Core> cores;
  std::deque<Core> prologues; ///< a CTA
  bool failed = false;
};

// Families of operations: each handles what it knows, nullopt else. --------------------------
using Handled = std::optional<Machine::Step>;
Handled runElementwise(Machine &machine, Core &core, mlir::Operation *op);
Handled runShape(Machine &machine, Core &core, mlir::Operation *op);
Handled runMemory(Machine &machine, Core &core, mlir::Operation *op);
Handled runSync(Machine &machine, Core &core, mlir::Operation *op);
Handled runCopy(Machine &machine, Core &core, mlir::Operation *op);
Handled runMma(Machine &machine, Core &core, mlir::Operation *op);

/// An affine expression at a point.
int64_t evaluate(mlir::AffineExpr expr, llvm::ArrayRef<int64_t> dims, llvm::ArrayRef<int64_t> symbols);

/// Which of a role instance's warps (as a mask) hold an element of a tile; a warp's own tile has bit 0.
unsigned holders(mlir::RankedTensorType type, llvm::ArrayRef<int64_t> index, unsigned warps);

} // namespace ssm::emulator
