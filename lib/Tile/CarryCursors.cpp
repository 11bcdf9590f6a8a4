//===- CarryCursors.cpp - tile-carry-cursors --------------------------------===//
//
// An operation on a slot without a cursor is for the role's next one: its n-th wait is
// for slot n, its n-th arrival hands slot n on. So a role's place at a ring is the next
// slot to wait for, a cursor that loops carry and branches yield, and the number of
// slots that it has waited for and not handed on, which the text must determine: it is
// the same wherever paths meet, after a round of a loop as before it, and none at the
// end. Else the path that holds more or less than the other is refused.
//
// Rings of as many slots that a role waits for equally often between the loops and
// branches of every block go in step: one cursor serves them all.
//
//===----------------------------------------------------------------------===//
#include "ssm/Tile/Passes.h"

#include "ssm/Dialect/Tile/Tile.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace ssm::tile;

namespace ssm {
namespace {

/// One side of a ring, or of one ring of an array.
struct Key {
  Value ring, instance;
  int64_t number; ///< of the instance, where it is a constant
  bool fills;
  bool operator==(const Key &) const = default;
};

/// What an operation without a cursor does to its slot.
struct Step {
  Key key;
  bool waits, arrives, holds;
};

template <typename Op> Step stepOf(Op op, bool fills, bool waits, bool arrives, bool holds) {
  std::optional<int64_t> number = op.getInstance() ? getConstantIntValue(op.getInstance()) : std::nullopt;
  return {{op.getRing(), number ? Value() : op.getInstance(), number.value_or(-1), fills}, waits, arrives, holds};
}

/// Of every operation on a slot; nothing for others.
std::optional<Step> stepOf(Operation *op) {
  return llvm::TypeSwitch<Operation *, std::optional<Step>>(op)
      .Case([](AcquireOp op) { return stepOf(op, true, true, false, true); })
      .Case([](PublishOp op) { return stepOf(op, true, false, true, true); })
      .Case([](FetchOp op) { return stepOf(op, true, true, true, false); })
      .Case([](CopyOp op) { return op.getRing() ? std::optional(stepOf(op, true, false, true, true)) : std::nullopt; })
      .Case([](AwaitOp op) { return stepOf(op, false, true, false, !op.getObserve()); })
      .Case([](SlotOp op) { return stepOf(op, false, true, false, true); })
      .Case([](ReleaseOp op) { return stepOf(op, false, false, true, true); })
      .Default([](Operation *) { return std::nullopt; });
}

Value cursorOf(Operation *op) {
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case<AcquireOp, PublishOp, FetchOp, CopyOp, AwaitOp, SlotOp, ReleaseOp>([](auto op) { return op.getCursor(); })
      .Default([](Operation *) { return Value(); });
}

/// The next slot to wait for: `steps` from a cursor.
struct Front {
  Value base;
  int64_t steps = 0;
  bool operator==(const Front &) const = default;
};

struct State {
  SmallVector<Front> fronts;            ///< a key
  SmallVector<SmallVector<Value>> held; ///< a key: cursors of the slots waited for, oldest first
};

/// A stretch of a block: what stands before it in the block and has counted slots inside, or null.
using Stretch = std::pair<Block *, Operation *>;

Stretch stretchOf(Operation *op) {
  auto counted = [](Operation *inner) {
    return stepOf(inner) && !cursorOf(inner) ? WalkResult::interrupt() : WalkResult::advance();
  };
  for (Operation *before = op->getPrevNode(); before; before = before->getPrevNode())
    if (before->getNumRegions() && before->walk(counted).wasInterrupted())
      return {op->getBlock(), before};
  return {op->getBlock(), nullptr};
}

class RoleCursors {
public:
  explicit RoleCursors(RoleOp role) : role(role), b(role.getContext()) {}

  LogicalResult run() {
    if (failed(collect()))
      return failure();
    if (keys.empty())
      return success();
    State state;
    Block &body = role.getBody().front();
    b.setInsertionPointToStart(&body);
    state.fronts.resize(keys.size());
    state.held.resize(keys.size());
    for (size_t g = 0; g < groupSlots.size(); ++g)
      rename(state, g, CursorOp::create(b, role.getLoc(), CursorType::get(b.getContext(), groupSlots[g]), Value()), role.getLoc());
    if (failed(walk(body, state)))
      return failure();
    for (auto [k, held] : llvm::enumerate(state.held))
      if (!held.empty())
        return complain(body.getTerminator(), k) << "ends with " << count(held.size()) << " of this ring that it has waited for and not "
                                                 << (keys[k].fills ? "published" : "released");
    return success();
  }

private:
  static std::string count(size_t n) { return std::to_string(n) + (n == 1 ? " slot" : " slots"); }

  InFlightDiagnostic complain(Operation *at, size_t key) {
    InFlightDiagnostic error = at->emitError();
    error.attachNote(keys[key].ring.getLoc()) << "the ring";
    error << "role @" << role.getName() << " ";
    return error;
  }

  size_t keyOf(const Key &key) { return llvm::find(keys, key) - keys.begin(); }

  /// The rings that are counted, which of them go in step, and what cannot be counted.
  LogicalResult collect() {
    SmallVector<llvm::MapVector<Stretch, int64_t>> waits;
    SmallVector<Operation *> first;
    SmallVector<bool> holds;
    WalkResult walked = role.walk([&](Operation *op) {
      std::optional<Step> step = stepOf(op);
      if (!step || cursorOf(op))
        return WalkResult::advance();
      size_t k = keyOf(step->key);
      if (k == keys.size()) {
        keys.push_back(step->key);
        waits.emplace_back();
        first.push_back(op);
        holds.push_back(step->holds);
      }
      Value instance = step->key.instance;
      if (instance && instance != Value(role.getInstance()) && role->isAncestor(instance.getParentRegion()->getParentOp())) {
        op->emitError() << "which ring of the array it is changes here, so its slots cannot be counted: name them by a cursor";
        return WalkResult::interrupt();
      }
      if (step->holds != holds[k] && !(step->waits && step->arrives)) {
        complain(op, k) << "observes slots of this ring and releases them: an observed slot is not its own";
        return WalkResult::interrupt();
      }
      if (step->waits)
        ++waits[k][stretchOf(op)];
      return WalkResult::advance();
    });
    if (walked.wasInterrupted())
      return failure();
    walked = role.walk([&](Operation *op) {
      std::optional<Step> step = stepOf(op);
      if (!step || !cursorOf(op))
        return WalkResult::advance();
      for (auto [k, key] : llvm::enumerate(keys))
        if (key.ring == step->key.ring && key.fills == step->key.fills) {
          InFlightDiagnostic error = complain(op, k) << "names a slot of this ring by a cursor here and counts them elsewhere";
          error.attachNote(first[k]->getLoc()) << "counted";
          return WalkResult::interrupt();
        }
      return WalkResult::advance();
    });
    if (walked.wasInterrupted())
      return failure();
    auto slots = [&](size_t k) { return cast<RingType>(keys[k].ring.getType()).getSlots(); };
    auto same = [&](size_t a, size_t c) {
      return waits[a].size() == waits[c].size() && slots(a) == slots(c) &&
             llvm::all_of(waits[a], [&](auto &entry) { return waits[c].lookup(entry.first) == entry.second; });
    };
    for (size_t k = 0; k < keys.size(); ++k) {
      size_t g = llvm::find_if(leaders, [&](size_t leader) { return same(leader, k); }) - leaders.begin();
      if (g == leaders.size()) {
        leaders.push_back(k);
        groupSlots.push_back(slots(k));
        waitingBlocks.emplace_back();
        for (auto &entry : waits[k])
          waitingBlocks.back().push_back(entry.first.first);
      }
      groups.push_back(g);
    }
    return success();
  }

  bool waitsIn(size_t group, Region &region) {
    return llvm::any_of(waitingBlocks[group], [&](Block *block) { return region.isAncestor(block->getParent()); });
  }

  Value at(const Front &front, int64_t further, Location loc) {
    int64_t steps = front.steps + further;
    return steps ? NextOp::create(b, loc, front.base, steps).getResult() : front.base;
  }

  /// The next slot of a group is known by a new name, and by it the slots held.
  void rename(State &state, size_t group, Value base, Location loc) {
    for (size_t k = 0; k < keys.size(); ++k)
      if (groups[k] == group) {
        state.fronts[k] = {base, 0};
        for (auto [i, cursor] : llvm::enumerate(state.held[k]))
          cursor = at(state.fronts[k], int64_t(i) - int64_t(state.held[k].size()), loc);
      }
  }

  LogicalResult walk(Block &block, State &state) {
    for (Operation &op : llvm::make_early_inc_range(block)) {
      LogicalResult result = success();
      if (std::optional<Step> step = stepOf(&op))
        result = cursorOf(&op) ? success() : take(&op, *step, state);
      else if (auto branch = dyn_cast<scf::IfOp>(op))
        result = meet(branch, state);
      else if (auto loop = dyn_cast<scf::ForOp>(op))
        result = repeat(loop, state);
      else if (auto loop = dyn_cast<scf::WhileOp>(op))
        result = repeat(loop, state);
      else
        op.walk([&](Operation *inner) {
          if (stepOf(inner) && !cursorOf(inner))
            result = inner->emitError() << "stands inside '" << op.getName() << "', where slots are not counted: name it by a cursor";
        });
      if (failed(result))
        return failure();
    }
    return success();
  }

  LogicalResult take(Operation *op, const Step &step, State &state) {
    size_t k = keyOf(step.key);
    Front &front = state.fronts[k];
    SmallVector<Value> &held = state.held[k];
    b.setInsertionPoint(op);
    Value cursor;
    if (step.waits) {
      cursor = at(front, 0, op->getLoc());
      ++front.steps;
      if (!held.empty() && (step.arrives || int64_t(held.size()) == groupSlots[groups[k]]))
        return complain(op, k) << (step.arrives ? "fills a slot of this ring while it holds an earlier one"
                                                : "waits for a slot of this ring while it holds all of them: for ever");
      if (step.holds)
        held.push_back(cursor);
    } else {
      if (held.empty())
        return complain(op, k) << (step.key.fills ? "publishes" : "releases")
                               << " a slot of this ring that it has not waited for on this path";
      cursor = held.front();
      held.erase(held.begin());
    }
    llvm::TypeSwitch<Operation *>(op).Case<AcquireOp, PublishOp, FetchOp, CopyOp, AwaitOp, SlotOp, ReleaseOp>(
        [&](auto op) { op.getCursorMutable().assign(cursor); });
    return success();
  }

  /// As many slots of every ring are held on both paths.
  LogicalResult agree(Operation *at, const State &a, const State &c, StringRef here, StringRef there) {
    for (size_t k = 0; k < keys.size(); ++k)
      if (a.held[k].size() != c.held[k].size())
        return complain(at, k) << "holds " << count(a.held[k].size()) << " of this ring " << here << " and " << c.held[k].size() << " "
                               << there << ": each path hands on what it has waited for";
    return success();
  }

  LogicalResult meet(scf::IfOp branch, State &state) {
    State then = state, otherwise = state;
    if (failed(walk(*branch.thenBlock(), then)) || (branch.elseBlock() && failed(walk(*branch.elseBlock(), otherwise))) ||
        failed(agree(branch, then, otherwise, "after one branch", "after the other")))
      return failure();
    SmallVector<size_t> moved; // groups whose front has another name on the two paths
    for (size_t g = 0; g < groupSlots.size(); ++g)
      if (then.fronts[leaders[g]] != otherwise.fronts[leaders[g]])
        moved.push_back(g);
    state = then;
    if (!moved.empty()) {
      SmallVector<Type> types(branch.getResultTypes());
      for (size_t g : moved)
        types.push_back(CursorType::get(b.getContext(), groupSlots[g]));
      b.setInsertionPoint(branch);
      auto wider = scf::IfOp::create(b, branch.getLoc(), types, branch.getCondition(), /*addThenBlock=*/false, /*addElseBlock=*/false);
      wider->setAttrs(branch->getAttrs());
      wider.getThenRegion().takeBody(branch.getThenRegion());
      wider.getElseRegion().takeBody(branch.getElseRegion());
      if (!wider.elseBlock()) {
        b.createBlock(&wider.getElseRegion());
        scf::YieldOp::create(b, branch.getLoc());
      }
      for (auto [block, end] : {std::pair(wider.thenBlock(), &then), std::pair(wider.elseBlock(), &otherwise)}) {
        b.setInsertionPoint(block->getTerminator());
        for (size_t g : moved)
          block->getTerminator()->insertOperands(block->getTerminator()->getNumOperands(), at(end->fronts[leaders[g]], 0, branch.getLoc()));
      }
      unsigned own = branch.getNumResults();
      branch.replaceAllUsesWith(wider.getResults().take_front(own));
      branch.erase();
      b.setInsertionPointAfter(wider);
      for (auto [i, g] : llvm::enumerate(moved))
        rename(state, g, wider.getResult(own + i), wider.getLoc());
      branch = wider;
    }
    // A slot that each path waited for by itself has a name on neither.
    b.setInsertionPointAfter(branch);
    for (size_t k = 0; k < keys.size(); ++k)
      for (auto [i, cursor] : llvm::enumerate(state.held[k]))
        if (cursor != otherwise.held[k][i] && !llvm::is_contained(moved, groups[k]))
          cursor = at(state.fronts[k], int64_t(i) - int64_t(state.held[k].size()), branch.getLoc());
    return success();
  }

  SmallVector<size_t> movedIn(Operation *loop) {
    SmallVector<size_t> moved;
    for (size_t g = 0; g < groupSlots.size(); ++g)
      if (llvm::any_of(loop->getRegions(), [&](Region &region) { return waitsIn(g, region); }))
        moved.push_back(g);
    return moved;
  }

  LogicalResult repeat(scf::ForOp loop, State &state) {
    SmallVector<size_t> moved = movedIn(loop);
    b.setInsertionPoint(loop);
    SmallVector<Value> inits(loop.getInitArgs());
    for (size_t g : moved)
      inits.push_back(at(state.fronts[leaders[g]], 0, loop.getLoc()));
    auto wider = scf::ForOp::create(b, loop.getLoc(), loop.getLowerBound(), loop.getUpperBound(), loop.getStep(), inits);
    wider->setAttrs(loop->getAttrs());
    wider.getRegion().takeBody(loop.getRegion());
    unsigned own = loop.getNumResults();
    loop.replaceAllUsesWith(wider.getResults().take_front(own));
    loop.erase();
    State round = state;
    Block &body = *wider.getBody();
    enter(body, moved, round, wider.getLoc());
    if (failed(walk(body, round)) || failed(agree(wider, state, round, "before this loop", "after a round of it")))
      return failure();
    leave(body.getTerminator(), moved, round);
    b.setInsertionPointAfter(wider);
    for (auto [i, g] : llvm::enumerate(moved))
      rename(state, g, wider.getResult(own + i), wider.getLoc());
    return success();
  }

  LogicalResult repeat(scf::WhileOp loop, State &state) {
    SmallVector<size_t> moved = movedIn(loop);
    b.setInsertionPoint(loop);
    SmallVector<Value> inits(loop.getInits());
    SmallVector<Type> types(loop.getResultTypes());
    for (size_t g : moved) {
      inits.push_back(at(state.fronts[leaders[g]], 0, loop.getLoc()));
      types.push_back(inits.back().getType());
    }
    auto wider = scf::WhileOp::create(b, loop.getLoc(), types, inits);
    wider->setAttrs(loop->getAttrs());
    wider.getBefore().takeBody(loop.getBefore());
    wider.getAfter().takeBody(loop.getAfter());
    unsigned own = loop.getNumResults();
    loop.replaceAllUsesWith(wider.getResults().take_front(own));
    loop.erase();
    State round = state;
    enter(*wider.getBeforeBody(), moved, round, wider.getLoc());
    if (failed(walk(*wider.getBeforeBody(), round)))
      return failure();
    leave(wider.getConditionOp(), moved, round);
    State exit = round;
    enter(*wider.getAfterBody(), moved, round, wider.getLoc());
    if (failed(walk(*wider.getAfterBody(), round)) || failed(agree(wider, state, round, "before this loop", "after a round of it")))
      return failure();
    leave(wider.getYieldOp(), moved, round);
    state = exit;
    b.setInsertionPointAfter(wider);
    for (auto [i, g] : llvm::enumerate(moved))
      rename(state, g, wider.getResult(own + i), wider.getLoc());
    return success();
  }

  void enter(Block &block, ArrayRef<size_t> moved, State &state, Location loc) {
    b.setInsertionPointToStart(&block);
    for (size_t g : moved)
      rename(state, g, block.addArgument(CursorType::get(b.getContext(), groupSlots[g]), loc), loc);
  }

  void leave(Operation *terminator, ArrayRef<size_t> moved, const State &state) {
    b.setInsertionPoint(terminator);
    for (size_t g : moved)
      terminator->insertOperands(terminator->getNumOperands(), at(state.fronts[leaders[g]], 0, terminator->getLoc()));
  }

  RoleOp role;
  OpBuilder b;
  SmallVector<Key> keys;
  SmallVector<size_t> groups;        ///< a key: which of the groups in step
  SmallVector<size_t> leaders;       ///< a group: its first key
  SmallVector<int64_t> groupSlots;   ///< a group
  SmallVector<SmallVector<Block *>> waitingBlocks; ///< a group
};

struct TileCarryCursors : PassWrapper<TileCarryCursors, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TileCarryCursors)
  StringRef getArgument() const final { return "tile-carry-cursors"; }
  StringRef getDescription() const final { return "Give operations on slots that name none their cursor, and loops what they carry"; }
  void getDependentDialects(DialectRegistry &registry) const final { registry.insert<scf::SCFDialect, TileDialect>(); }

  void runOnOperation() final {
    SmallVector<RoleOp> roles;
    getOperation()->walk([&](RoleOp role) { roles.push_back(role); });
    for (RoleOp role : roles)
      if (failed(RoleCursors(role).run()))
        return signalPassFailure();
  }
};

} // namespace

std::unique_ptr<Pass> createTileCarryCursorsPass() { return std::make_unique<TileCarryCursors>(); }

} // namespace ssm
