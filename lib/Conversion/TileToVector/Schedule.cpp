//===- Schedule.cpp - which operations of a block share a pass --------------===//
#include "Schedule.h"
#include "Reorder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;

namespace ssm::tile {

static bool isTileValue(Value value) { return llvm::isa<RankedTensorType>(value.getType()); }

/// One element of the operand for each of the result: it need not be stored.
static bool onlyReorders(Operation *op) {
  if (llvm::isa<RenameOp>(op))
    return true;
  auto spread = llvm::dyn_cast<SpreadOp>(op);
  return spread && isTileValue(spread.getOperand()) && getDims(spread.getOperand()).size() == getDims(spread.getType()).size();
}

bool changesDomain(Operation *op) { return llvm::isa<SpreadOp, RenameOp, PartOp, JoinOp, PickOp>(op); }

bool isPointwise(Operation *op) {
  if (op->getNumResults() == 0 || !isTileValue(op->getResult(0)) || op->getNumRegions() != 0)
    return false;
  if (auto spread = llvm::dyn_cast<SpreadOp>(op))
    return !isPairing(spread) && (!isTurn(spread) || isCheap(spread.getOperand()));
  return llvm::isa<PosOp, ReadOp>(op) || changesDomain(op) || op->hasTrait<OpTrait::ConstantLike>() ||
         op->hasTrait<OpTrait::Elementwise>();
}

static bool isCheapWithin(Value tile, unsigned budget) {
  Operation *op = tile.getDefiningOp();
  if (!op)
    return false;
  if (op->hasTrait<OpTrait::ConstantLike>() || llvm::isa<PosOp>(op))
    return true;
  if (budget == 0)
    return false;
  if (llvm::isa<SpreadOp, RenameOp>(op))
    return !isTileValue(op->getOperand(0)) || isCheapWithin(op->getOperand(0), budget);
  bool simple = llvm::isa<arith::CmpIOp, arith::AddIOp, arith::SubIOp, arith::AndIOp, arith::OrIOp, arith::XOrIOp>(op);
  return simple && llvm::all_of(op->getOperands(), [&](Value operand) {
           return !isTileValue(operand) || isCheapWithin(operand, budget - 1);
         });
}

bool isCheap(Value tile) { return isCheapWithin(tile, 4); }

namespace {

class Scheduler {
public:
  explicit Scheduler(Block &block) : block(block) {}

  Schedule run() {
    unsigned position = 0;
    for (Operation &op : block.without_terminator())
      place(op, position++);
    for (Operation &op : llvm::reverse(block.without_terminator()))
      if (isPointwise(&op))
        decide(op);
    return finish();
  }

private:
  /// The level from which a value can be used; `whole`: all of it.
  unsigned levelOf(Value value, bool whole) {
    Operation *op = value.getDefiningOp();
    if (!op || op->getBlock() != &block)
      return 0;
    unsigned level = levels.lookup(op);
    if (!isTileValue(value))
      return level;
    if (!isPointwise(op))
      return level + 1;
    return whole && !isCheap(value) ? level + 1 : level;
  }

  static Value memoryOf(Value view) {
    if (auto op = view.getDefiningOp<ViewOp>())
      return op.getSource();
    return view;
  }

  unsigned addGroup(Group group) {
    groups.push_back(std::move(group));
    return groups.size() - 1;
  }

  /// The pass of a domain and level, with these reduced dimensions or none yet.
  unsigned passFor(const NamedDims &domain, unsigned &level, llvm::ArrayRef<StringAttr> reduced, unsigned position) {
    for (;; ++level) {
      bool clash = false;
      for (auto [i, group] : llvm::enumerate(groups)) {
        if (group.kind != Group::Pass || group.level != level || group.domain != domain)
          continue;
        if (!reduced.empty() && !group.reduced.empty() && !llvm::equal(reduced, group.reduced)) {
          clash = true;
          break;
        }
        if (!reduced.empty())
          group.reduced.assign(reduced.begin(), reduced.end());
        return i;
      }
      if (clash)
        continue;
      return addGroup({Group::Pass, level, position, domain, llvm::SmallVector<StringAttr>(reduced), {}});
    }
  }

  void place(Operation &op, unsigned position) {
    positions[&op] = position;
    unsigned level = 0;
    auto need = [&](Value value, bool whole) { level = std::max(level, levelOf(value, whole)); };
    // Reads after writes of the same memory, and writes after both.
    llvm::SmallVector<Value> read, written;
    op.walk([&](Operation *inner) {
      if (auto access = llvm::dyn_cast<ReadOp>(inner))
        read.push_back(memoryOf(access.getView()));
      if (auto access = llvm::dyn_cast<WriteOp>(inner))
        written.push_back(memoryOf(access.getView()));
    });
    for (Value memory : llvm::concat<Value>(read, written))
      if (auto known = writeLevels.find(memory); known != writeLevels.end())
        level = std::max(level, known->second + 1);
    for (Value memory : written)
      if (auto known = readLevels.find(memory); known != readLevels.end())
        level = std::max(level, known->second + 1);

    std::optional<unsigned> root;
    if (isPointwise(&op)) {
      for (Value operand : op.getOperands())
        need(operand, changesDomain(&op) || llvm::isa<ReadOp>(op));
    } else if (auto combine = llvm::dyn_cast<CombineOp>(op)) {
      for (Value operand : op.getOperands())
        need(operand, false);
      llvm::SmallVector<StringAttr> reduced;
      NamedDims dims = ssm::getDims(combine.getInputs().front());
      for (const NamedDim &dim : dims)
        if (llvm::is_contained(combine.getDims(), dim.name))
          reduced.push_back(dim.name);
      root = passFor(dims, level, reduced, position);
    } else if (auto write = llvm::dyn_cast<WriteOp>(op)) {
      for (Value operand : op.getOperands())
        need(operand, llvm::is_contained(write.getCoordinates(), operand));
      root = passFor(ssm::getDims(write.getValues().front()), level, {}, position);
    } else {
      bool tiles = llvm::any_of(op.getOperandTypes(), llvm::IsaPred<RankedTensorType>) ||
                   llvm::any_of(op.getResultTypes(), llvm::IsaPred<RankedTensorType>) || op.getNumRegions();
      for (Value operand : op.getOperands())
        need(operand, true);
      llvm::SetVector<Value> above;
      getUsedValuesDefinedAbove(op.getRegions(), above);
      for (Value value : above)
        need(value, true);
      bool scalar = !tiles || llvm::isa<GetOp>(op);
      root = addGroup({scalar ? Group::Scalar : Group::Whole, level, position, {}, {}, {}});
    }
    levels[&op] = level;
    for (Value memory : read)
      readLevels[memory] = std::max(readLevels.lookup(memory), level);
    for (Value memory : written)
      writeLevels[memory] = std::max(writeLevels.lookup(memory), level);
    if (root) {
      groups[*root].roots.push_back(&op);
      schedule.groupOf[&op] = *root;
      schedule.evaluatedIn[&op].insert(*root);
    }
  }

  /// Whether the use needs the value in a buffer.
  bool needsWhole(OpOperand &use) {
    Operation *user = use.getOwner();
    if (user->getBlock() != &block || user->hasTrait<OpTrait::IsTerminator>())
      return true;
    if (auto spread = llvm::dyn_cast<SpreadOp>(user); spread && isPairing(spread))
      return false; // it reads what was parted
    if (auto part = use.get().getDefiningOp<PartOp>(); part && llvm::isa<ProductOp>(user) && isInPlace(part))
      return false;
    if (auto product = llvm::dyn_cast<ProductOp>(user); product && isReadInPlace(product, use.get()))
      return false;
    if (auto product = llvm::dyn_cast<ProductOp>(user))
      return use.get() != product.getAcc() || use.get() == product.getLhs() || use.get() == product.getRhs();
    if (auto recur = llvm::dyn_cast<RecurOp>(user))
      return llvm::is_contained(recur.getSlices(), use.get());
    if (llvm::isa<LoopOp>(user))
      return false;
    if (llvm::isa<ReadOp, GetOp>(user))
      return true;
    if (auto spread = llvm::dyn_cast<SpreadOp>(user); spread && isTurn(spread) && !isPointwise(spread) && isLight(use.get(), 6))
      return false; // each element is turned once
    if (changesDomain(user))
      return !onlyReorders(user) || !isPointwise(user);
    if (auto write = llvm::dyn_cast<WriteOp>(user))
      return llvm::is_contained(write.getCoordinates(), use.get());
    return false;
  }
  /// Made by a few instructions from what is read or stored.
  bool isLight(Value value, unsigned budget) {
    Operation *op = value.getDefiningOp();
    if (!op || op->getBlock() != &block || !isPointwise(op) || isCheap(value))
      return true;
    if (llvm::isa<ReadOp>(op))
      return true;
    bool simple = llvm::isa_and_nonnull<arith::ArithDialect>(op->getDialect()) || llvm::isa<RenameOp>(op);
    return simple && budget > 0 &&
           llvm::all_of(op->getOperands(), [&](Value operand) { return !isTileValue(operand) || isLight(operand, budget - 1); });
  }
  /// The last dimension in two: the elements stay where they are.
  static bool isInPlace(PartOp part) {
    return ssm::getDims(part.getOperand()).back().name == part.getDimAttr() && ssm::getDims(part.getType()).back().size == 2;
  }
  static bool neverCheap(OpOperand &use) {
    return llvm::isa<ProductOp>(use.getOwner()) || use.getOwner()->hasTrait<OpTrait::IsTerminator>();
  }

  void decide(Operation &op) {
    llvm::SmallSetVector<unsigned, 4> &in = schedule.evaluatedIn[&op];
    bool store = false, hazard = false;
    if (auto read = llvm::dyn_cast<ReadOp>(op))
      hazard = writeLevels.contains(memoryOf(read.getView()));
    for (Value result : op.getResults()) {
      for (OpOperand &use : result.getUses()) {
        if (needsWhole(use)) {
          store |= !isCheap(result) || (neverCheap(use) && !useIsAcc(use));
          if (use.getOwner()->getBlock() == &block)
            in.insert_range(llvm::SmallVector<unsigned>(schedule.evaluatedIn[use.getOwner()].begin(),
                                                        schedule.evaluatedIn[use.getOwner()].end()));
          continue;
        }
        llvm::SmallVector<unsigned> users(schedule.evaluatedIn[use.getOwner()].begin(),
                                          schedule.evaluatedIn[use.getOwner()].end());
        in.insert_range(users);
      }
    }
    bool again = llvm::all_of(op.getResults(), [](Value result) { return isCheap(result); }) || onlyInPlace(op);
    store |= in.size() > 1 && !again;
    store |= hazard && !in.empty();
    if (!store || llvm::all_of(op.getResults(), [](Value result) { return result.use_empty(); }))
      return;
    unsigned level = levels[&op];
    unsigned group = passFor(ssm::getDims(op.getResult(0)), level, {}, positions[&op]);
    groups[group].roots.push_back(&op);
    schedule.groupOf[&op] = group;
    in.clear();
    in.insert(group);
    for (Value result : op.getResults())
      schedule.stored.insert(result);
  }
  /// Each product loads it where it lies.
  static bool onlyInPlace(Operation &op) {
    return llvm::all_of(op.getUses(), [](OpOperand &use) {
      auto product = llvm::dyn_cast<ProductOp>(use.getOwner());
      return product && isReadInPlace(product, use.get());
    });
  }
  static bool useIsAcc(OpOperand &use) {
    auto product = llvm::dyn_cast<ProductOp>(use.getOwner());
    return product && use.get() == product.getAcc() && use.get() != product.getLhs() && use.get() != product.getRhs();
  }

  /// The order of emission, and the groups' numbers in it.
  Schedule finish() {
    llvm::SmallVector<unsigned> order = llvm::to_vector(llvm::seq<unsigned>(0, groups.size()));
    llvm::sort(order, [&](unsigned a, unsigned c) {
      const Group &x = groups[a], &y = groups[c];
      return std::make_tuple(x.level, x.kind != Group::Scalar, x.position) <
             std::make_tuple(y.level, y.kind != Group::Scalar, y.position);
    });
    llvm::SmallVector<unsigned> place(groups.size());
    for (auto [i, group] : llvm::enumerate(order)) {
      place[group] = i;
      llvm::sort(groups[group].roots, [](Operation *x, Operation *y) { return x->isBeforeInBlock(y); });
      schedule.groups.push_back(groups[group]);
    }
    for (auto &[op, group] : schedule.groupOf)
      group = place[group];
    for (auto &[op, in] : schedule.evaluatedIn) {
      llvm::SmallSetVector<unsigned, 4> renumbered;
      for (unsigned group : in)
        renumbered.insert(place[group]);
      in = renumbered;
    }
    return std::move(schedule);
  }

  Block &block;
  Schedule schedule;
  std::vector<Group> groups;
  llvm::DenseMap<Operation *, unsigned> levels, positions;
  llvm::DenseMap<Value, unsigned> readLevels, writeLevels;
};

} // namespace

Schedule makeSchedule(Block &block) { return Scheduler(block).run(); }

} // namespace ssm::tile
