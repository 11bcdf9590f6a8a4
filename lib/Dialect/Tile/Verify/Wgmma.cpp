//===- Wgmma.cpp - products in flight ---------------------------------------===//
//
// A walk over each warpgroup's code with the queue of its outstanding groups. mma
// appends, `land n` and `retire n` drop all but the last n, and what is landed or
// released must have been dropped. Where paths meet, queues are joined from the
// newest group on; a group that only some paths have is no longer counted on. Loops
// are walked until the queue at their start stays as it is, with carried flights and
// cursors renamed.
//
//===----------------------------------------------------------------------===//
#include "Verify.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace ssm::tile {
namespace {

/// A slot of a ring: its values name it.
struct Slot {
  Value ring, instance, cursor;
  bool operator==(const Slot &) const = default;
};

struct Group {
  llvm::SmallVector<Value, 2> flights; // the values that name its accumulator
  llvm::SmallVector<Slot, 2> reads;
  MmaOp mma;
  bool certain = true; // in flight on every path
  bool operator==(const Group &) const = default;
};

using Queue = llvm::SmallVector<Group, 4>;

/// The slot whose part a product's operand is, if it is one.
std::optional<Slot> slotOf(Value operand) {
  while (auto sub = operand.getDefiningOp<SubOp>())
    operand = sub.getSource();
  Operation *op = operand.getDefiningOp();
  if (auto await = dyn_cast_or_null<AwaitOp>(op))
    return Slot{await.getRing(), await.getInstance(), await.getCursor()};
  if (auto acquire = dyn_cast_or_null<AcquireOp>(op))
    return Slot{acquire.getRing(), acquire.getInstance(), acquire.getCursor()};
  if (auto slot = dyn_cast_or_null<SlotOp>(op))
    return Slot{slot.getRing(), slot.getInstance(), slot.getCursor()};
  return std::nullopt;
}

template <typename T, typename Range> void addTo(llvm::SmallVectorImpl<T> &list, Range &&more) {
  for (const T &value : more)
    if (!llvm::is_contained(list, value))
      list.push_back(value);
}

/// What both paths have from before stays; of what they started since, newest first, two
/// groups that both have are one, and one that a single path has is uncertain.
Queue join(const Queue &a, const Queue &b) {
  size_t common = 0;
  while (common < a.size() && common < b.size() && a[common].mma == b[common].mma)
    ++common;
  Queue joined;
  auto add = [&](const Group *x, const Group *y) {
    Group group = x ? *x : *y;
    if (x && y) {
      addTo<Value>(group.flights, y->flights);
      addTo<Slot>(group.reads, y->reads);
    }
    group.certain = x && y && x->certain && y->certain;
    joined.push_back(std::move(group));
  };
  for (size_t i = 0; i < common; ++i)
    add(&a[i], &b[i]);
  for (size_t back = std::max(a.size(), b.size()) - common; back-- > 0;)
    add(back < a.size() - common ? &a[a.size() - 1 - back] : nullptr, back < b.size() - common ? &b[b.size() - 1 - back] : nullptr);
  return joined;
}

/// Values that are handed over are known by their new names as well.
Queue renamed(Queue queue, ValueRange from, ValueRange to) {
  for (Group &group : queue) {
    llvm::SmallVector<Value> flights;
    llvm::SmallVector<Slot> reads;
    for (auto [before, after] : llvm::zip(from, to)) {
      if (llvm::is_contained(group.flights, before))
        flights.push_back(after);
      for (Slot slot : group.reads) {
        bool changed = false;
        for (Value *part : {&slot.instance, &slot.cursor})
          if (*part == before)
            *part = after, changed = true;
        if (changed)
          reads.push_back(slot);
      }
    }
    addTo<Value>(group.flights, flights);
    addTo<Slot>(group.reads, reads);
  }
  return queue;
}

class ProductVerifier {
public:
  LogicalResult run(RoleOp role) {
    Queue queue = walk(role.getBody().front(), {});
    if (!queue.empty())
      complain(queue.front().mma) << "is still in flight when role @" << role.getName() << " ends";
    role.walk([&](Operation *op) {
      for (Value result : op->getResults())
        checkLinear(result);
      for (Region &region : op->getRegions())
        for (Block &block : region)
          for (Value argument : block.getArguments())
            checkLinear(argument);
    });
    return failure(failed);
  }

private:
  /// One report an operation: loops are walked more than once.
  InFlightDiagnostic complain(Operation *op) {
    failed = true;
    InFlightDiagnostic diagnostic = op->emitError();
    if (!reported.insert(op).second)
      diagnostic.abandon();
    return diagnostic;
  }

  //===--------------------------------------------------------------------===//
  // The queue
  //===--------------------------------------------------------------------===//

  /// Drops all groups but the last `keep`: those that have `keep` certain ones behind them.
  static void drop(Queue &queue, int64_t keep) {
    int64_t behind = 0;
    for (size_t i = queue.size(); i-- > 0;) {
      if (behind >= keep) {
        queue.erase(queue.begin(), queue.begin() + i + 1);
        return;
      }
      behind += queue[i].certain;
    }
  }

  Queue walk(Block &block, Queue queue) {
    for (Operation &op : block) {
      if (auto mma = dyn_cast<MmaOp>(op)) {
        Group group;
        group.flights.push_back(mma.getResult());
        group.mma = mma;
        for (Value operand : {mma.getA(), Value(mma.getB())})
          if (std::optional<Slot> slot = slotOf(operand))
            group.reads.push_back(*slot);
        queue.push_back(std::move(group));
      } else if (auto land = dyn_cast<LandOp>(op)) {
        drop(queue, land.getGroups());
        for (Value flight : land.getFlights()) {
          auto *group = llvm::find_if(queue, [&](Group &group) { return llvm::is_contained(group.flights, flight); });
          if (group == queue.end())
            continue;
          InFlightDiagnostic error = complain(land);
          error << "lands a product that may still be among the last " << land.getGroups() << " in flight";
          error.attachNote(group->mma.getLoc()) << "the product";
          queue.erase(group);
        }
      } else if (auto retire = dyn_cast<RetireOp>(op)) {
        drop(queue, retire.getGroups());
      } else if (auto release = dyn_cast<ReleaseOp>(op)) {
        Slot slot{release.getRing(), release.getInstance(), release.getCursor()};
        for (Group &group : queue)
          if (llvm::is_contained(group.reads, slot)) {
            InFlightDiagnostic error = complain(release);
            error << "releases a slot that a product in flight still reads";
            error.attachNote(group.mma.getLoc()) << "the product: land or retire it before";
          }
      } else if (auto branch = dyn_cast<scf::IfOp>(op)) {
        queue = walkIf(branch, queue);
      } else if (auto loop = dyn_cast<scf::ForOp>(op)) {
        queue = walkFor(loop, queue);
      } else if (auto loop = dyn_cast<scf::WhileOp>(op)) {
        queue = walkWhile(loop, queue);
      }
    }
    return queue;
  }

  Queue walkIf(scf::IfOp branch, const Queue &before) {
    auto through = [&](Region &region) {
      if (region.empty())
        return before;
      Queue after = walk(region.front(), before);
      return renamed(after, region.front().getTerminator()->getOperands(), branch.getResults());
    };
    return join(through(branch.getThenRegion()), through(branch.getElseRegion()));
  }

  /// An A operand in registers may not be in flight where a loop turns: its registers are written again.
  void checkBackEdge(const Queue &queue, Operation *loop) {
    for (const Group &group : queue) {
      MmaOp mma = group.mma;
      if (!mma.isRegisterA() || !loop->isProperAncestor(mma))
        continue;
      InFlightDiagnostic error = complain(mma);
      error << "takes A from registers and is still in flight where the loop turns: the next iteration may write them";
      error.attachNote(loop->getLoc()) << "the loop: land or retire the product before its end";
    }
  }

  Queue walkFor(scf::ForOp loop, const Queue &before) {
    Queue start = renamed(before, loop.getInitArgs(), loop.getRegionIterArgs());
    Queue end;
    for (unsigned round = 0; round < kRounds; ++round) {
      end = walk(*loop.getBody(), start);
      ValueRange yielded = loop.getBody()->getTerminator()->getOperands();
      Queue next = join(start, renamed(end, yielded, loop.getRegionIterArgs()));
      end = renamed(end, yielded, loop.getResults());
      if (next == start)
        break;
      start = next;
    }
    checkBackEdge(end, loop);
    return join(renamed(before, loop.getInitArgs(), loop.getResults()), end);
  }

  Queue walkWhile(scf::WhileOp loop, const Queue &before) {
    Block &first = loop.getBefore().front(), &second = loop.getAfter().front();
    auto condition = cast<scf::ConditionOp>(first.getTerminator());
    Queue start = renamed(before, loop.getInits(), first.getArguments()), tested;
    for (unsigned round = 0; round < kRounds; ++round) {
      tested = walk(first, start);
      Queue end = walk(second, renamed(tested, condition.getArgs(), second.getArguments()));
      Queue next = join(start, renamed(end, second.getTerminator()->getOperands(), first.getArguments()));
      if (next == start) {
        checkBackEdge(end, loop);
        break;
      }
      start = next;
    }
    return renamed(tested, condition.getArgs(), loop.getResults());
  }

  //===--------------------------------------------------------------------===//
  // One use on every path
  //===--------------------------------------------------------------------===//

  /// Two uses never happen both: they stand in different branches of one condition.
  static bool exclusive(Operation *a, Operation *b) {
    for (Operation *branch = a->getParentOp(); branch; branch = branch->getParentOp()) {
      if (!isa<scf::IfOp>(branch) || !branch->isProperAncestor(b))
        continue;
      auto regionOf = [&](Operation *op) {
        Region *region = op->getParentRegion();
        while (region->getParentOp() != branch)
          region = region->getParentOp()->getParentRegion();
        return region;
      };
      return regionOf(a) != regionOf(b);
    }
    return false;
  }

  void checkLinear(Value flight) {
    if (!isa<FlightType>(flight.getType()) || isPoison(flight))
      return;
    llvm::SmallVector<Operation *> users(flight.getUsers());
    for (size_t i = 0; i < users.size(); ++i) {
      for (size_t k = i + 1; k < users.size(); ++k)
        if (!exclusive(users[i], users[k])) {
          InFlightDiagnostic error = complain(users[i]);
          error << "uses a product in flight that is used a second time: its registers would have to be copied";
          error.attachNote(users[k]->getLoc()) << "the other use";
          return;
        }
      // A loop between the definition and its use would use it in every iteration.
      Operation *home = flight.getParentRegion()->getParentOp();
      for (Operation *op = users[i]->getParentOp(); op && op != home; op = op->getParentOp())
        if (isa<scf::ForOp, scf::WhileOp>(op)) {
          InFlightDiagnostic error = complain(users[i]);
          error << "uses a product in flight in every iteration of a loop that does not carry it";
          error.attachNote(op->getLoc()) << "the loop";
          return;
        }
    }
  }

  static bool isPoison(Value value) {
    Operation *op = value.getDefiningOp();
    return op && op->hasTrait<OpTrait::ConstantLike>();
  }

  static constexpr unsigned kRounds = 8; // a group is joined at most a few times before nothing changes
  bool failed = false;
  llvm::DenseSet<Operation *> reported;
};

} // namespace

LogicalResult verifyWgmma(KernelOp kernel) {
  bool failed = false;
  for (auto role : kernel.getBody().getOps<RoleOp>())
    failed |= mlir::failed(ProductVerifier().run(role));
  return failure(failed);
}

} // namespace ssm::tile
