//===- RingPaths.cpp - slots are handed on in turn, on every path -----------===//
//
// A role fills (fetch, publish) or empties (release) the slots of a ring one after
// another, and carries a cursor through its loops and branches. Followed here is which
// slot comes next, as a cursor value and a distance from it: { %c + 0 }. An arrival
// must be at that slot. Where paths meet, the next slot must have a name that is right
// on all of them; a loop's carried cursors must name it after a round as before it.
// So a path that forgets an arrival, or makes it twice, or moves a cursor on without
// one, is refused; waits may be repeated, for they change nothing.
//
// Several cursors can name one slot (K and V start together), so names are a set. A
// cursor made of a counter (`tile.cursor %i`) says by itself which slot it means: after
// it, and after an arrival under a condition, the set is open again.
//
//===----------------------------------------------------------------------===//
#include "Verify.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

namespace ssm::tile {
namespace {

/// A slot: a cursor (null: the start of the ring) and steps from it.
struct Name {
  Value cursor;
  int64_t steps;
  bool operator==(const Name &) const = default;
};
/// What the next slot is called; nullopt: it may be any.
using Names = std::optional<SmallVector<Name>>;

std::optional<Name> nameOf(Value cursor) {
  int64_t steps = 0;
  while (auto next = cursor.getDefiningOp<NextOp>()) {
    steps += next.getBy();
    cursor = next.getCursor();
  }
  auto start = cursor.getDefiningOp<CursorOp>();
  if (!start)
    return Name{cursor, steps};
  if (!start.getCount())
    return Name{Value(), steps};
  return std::nullopt;
}

/// The names, and those that `targets` are where values flow to them from `sources`.
SmallVector<Name> renamed(ArrayRef<Name> names, ValueRange sources, ValueRange targets) {
  SmallVector<Name> result(names);
  for (auto [source, target] : llvm::zip(sources, targets)) {
    if (!isa<CursorType>(target.getType()))
      continue;
    std::optional<Name> from = nameOf(source);
    for (const Name &name : names)
      if (from && from->cursor == name.cursor)
        result.push_back({target, name.steps - from->steps});
  }
  return result;
}

/// Whether one cursor stands for different slots on two paths.
bool disagree(ArrayRef<Name> a, ArrayRef<Name> b) {
  return llvm::any_of(a, [&](const Name &x) {
    return llvm::any_of(b, [&](const Name &y) { return x.cursor == y.cursor && x.steps != y.steps; });
  });
}

SmallVector<Name> common(ArrayRef<Name> a, ArrayRef<Name> b) {
  SmallVector<Name> both;
  llvm::copy_if(a, std::back_inserter(both), [&](const Name &name) { return llvm::is_contained(b, name); });
  return both;
}

/// One role, one ring of slots, one side of it.
class Turn {
public:
  Turn(RoleOp role, Value ring, Value instance, bool fills) : role(role), ring(ring), instance(instance), fills(fills) {}

  LogicalResult run() {
    bool conditional;
    if (!role.walk([&](Operation *op) { return arrival(op, conditional) ? WalkResult::interrupt() : WalkResult::advance(); }).wasInterrupted())
      return success();
    Names next = SmallVector<Name>{{Value(), 0}};
    return walk(role.getBody().front(), next);
  }

private:
  /// The cursor of an arrival of this side, or null.
  Value arrival(Operation *op, bool &conditional) const {
    auto mine = [&](auto arriving) { return arriving.getRing() == ring && arriving.getInstance() == instance; };
    conditional = false;
    if (auto fetch = dyn_cast<FetchOp>(op); fetch && fills && mine(fetch))
      return fetch.getCursor();
    if (auto publish = dyn_cast<PublishOp>(op); publish && fills && mine(publish)) {
      conditional = bool(publish.getPredicate());
      return publish.getCursor();
    }
    if (auto copy = dyn_cast<CopyOp>(op); copy && fills && mine(copy))
      return copy.getCursor();
    auto release = dyn_cast<ReleaseOp>(op);
    if (!release || fills || !mine(release) || release.getAt()) // another CTA's slots are another ring's
      return {};
    conditional = bool(release.getPredicate());
    // Across two dimensions of a cluster it is said once for each.
    for (Operation *before = release->getPrevNode(); before; before = before->getPrevNode())
      if (auto twin = dyn_cast<ReleaseOp>(before); twin && mine(twin) && twin.getCursor() == release.getCursor() &&
                                                   twin.getAcrossAttr() != release.getAcrossAttr())
        return {};
    return release.getCursor();
  }

  InFlightDiagnostic complain(Operation *at) const {
    InFlightDiagnostic error = at->emitError();
    error.attachNote(ring.getLoc()) << "the ring";
    error << "role @" << const_cast<RoleOp &>(role).getName() << " ";
    return error;
  }

  LogicalResult walk(Block &block, Names &next) {
    for (Operation &op : block) {
      bool conditional;
      if (Value cursor = arrival(&op, conditional)) {
        std::optional<Name> name = nameOf(cursor);
        if (name && next && !conditional && !llvm::is_contained(*next, *name))
          return outOfTurn(&op, *name, *next);
        next = name ? Names(SmallVector<Name>{{name->cursor, name->steps + 1}}) : std::nullopt;
        continue;
      }
      if (failed(inside(op, next)))
        return failure();
    }
    return success();
  }

  LogicalResult outOfTurn(Operation *op, const Name &name, ArrayRef<Name> next) {
    InFlightDiagnostic error = complain(op);
    error << (fills ? "fills" : "releases") << " a slot of this ring out of turn";
    for (const Name &other : next)
      if (other.cursor == name.cursor) {
        int64_t ahead = name.steps - other.steps;
        return error << ": on this path it is " << std::abs(ahead) << (std::abs(ahead) == 1 ? " slot " : " slots ")
                     << (ahead > 0 ? "past the next one" : "back, so done before");
      }
    return error;
  }

  /// Runs an operation's regions.
  LogicalResult inside(Operation &op, Names &next) {
    if (auto branch = dyn_cast<scf::IfOp>(op))
      return meet(branch, next);
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      Block &body = *loop.getBody();
      return repeat(op, next, loop.getInitArgs(), loop.getRegionIterArgs(), loop.getResults(), [&](Names &names, Names &exit) {
        if (failed(walk(body, names)))
          return FailureOr<ValueRange>(failure());
        exit = names;
        return FailureOr<ValueRange>(body.getTerminator()->getOperands());
      }, /*leavesAtEnd=*/true);
    }
    if (auto loop = dyn_cast<scf::WhileOp>(op)) {
      Block &before = *loop.getBeforeBody(), &after = *loop.getAfterBody();
      return repeat(op, next, loop.getInits(), before.getArguments(), loop.getResults(), [&](Names &names, Names &exit) {
        if (failed(walk(before, names)))
          return FailureOr<ValueRange>(failure());
        ValueRange passed = loop.getConditionOp().getArgs();
        if (names) {
          exit = renamed(*names, passed, loop.getResults());
          names = renamed(*names, passed, after.getArguments());
        }
        if (failed(walk(after, names)))
          return FailureOr<ValueRange>(failure());
        return FailureOr<ValueRange>(after.getTerminator()->getOperands());
      }, /*leavesAtEnd=*/false);
    }
    for (Region &region : op.getRegions())
      for (Block &block : region)
        if (failed(walk(block, next)))
          return failure();
    return success();
  }

  LogicalResult meet(scf::IfOp branch, Names &next) {
    Names then = next, otherwise = next;
    if (failed(walk(*branch.thenBlock(), then)) || (branch.elseBlock() && failed(walk(*branch.elseBlock(), otherwise))))
      return failure();
    if (!then || !otherwise) {
      next = std::nullopt;
      return success();
    }
    if (branch.elseBlock()) {
      then = renamed(*then, branch.thenYield().getOperands(), branch.getResults());
      otherwise = renamed(*otherwise, branch.elseYield().getOperands(), branch.getResults());
    }
    SmallVector<Name> both = common(*then, *otherwise);
    if (both.empty() && disagree(*then, *otherwise))
      return complain(branch) << "has " << (fills ? "filled" : "released") << " other slots of this ring after one branch than after "
                              << "the other: on each path as many as its cursor moves on";
    next = both.empty() ? Names() : Names(both);
    return success();
  }

  /// A loop: `round` runs from its carried values to what they become, and says what holds where it is left.
  LogicalResult repeat(Operation &op, Names &next, ValueRange inits, ValueRange carried, ValueRange results,
                       function_ref<FailureOr<ValueRange>(Names &, Names &)> round, bool leavesAtEnd) {
    bool trails = op.walk([&](Operation *inner) {
                      bool conditional;
                      return arrival(inner, conditional) && conditional ? WalkResult::interrupt() : WalkResult::advance();
                    }).wasInterrupted();
    Names begin;
    if (next && !trails)
      begin = renamed(*next, inits, carried);
    while (true) {
      Names names = begin, exit;
      FailureOr<ValueRange> yielded = round(names, exit);
      if (failed(yielded))
        return failure();
      Names again;
      if (names) {
        // A carried cursor is another one in the next round.
        again = SmallVector<Name>();
        llvm::copy_if(*names, std::back_inserter(*again), [&](const Name &name) { return !llvm::is_contained(carried, name.cursor); });
        SmallVector<Name> all = renamed(*names, *yielded, carried);
        again->append(all.begin() + names->size(), all.end());
      }
      if (begin && again) {
        SmallVector<Name> both = common(*begin, *again);
        if (both.empty() && disagree(*begin, *again))
          return complain(&op) << "does not " << (fills ? "fill" : "release") << " in each round of this loop as many slots of this ring "
                               << "as the cursor moves on that it carries";
        again = both;
      }
      if (again && again->empty()) // no carried cursor is as far from it each round, as far as can be seen
        again = std::nullopt;
      if (begin == again) {
        next = leavesAtEnd && begin ? Names(renamed(*begin, carried, results)) : exit;
        return success();
      }
      if (!again) {
        next = std::nullopt;
        return success();
      }
      begin = again;
    }
  }

  RoleOp role;
  Value ring, instance;
  bool fills;
};

/// The rings of an array that a role names: each instance by itself, where it is a constant or the role's own.
LogicalResult verifyRing(RoleOp role, Value ring) {
  llvm::SetVector<Value> instances;
  for (Operation *user : ring.getUsers()) {
    if (!isa<FetchOp, PublishOp, ReleaseOp, CopyOp>(user) || !role->isProperAncestor(user))
      continue;
    Value instance = llvm::TypeSwitch<Operation *, Value>(user)
                         .Case<FetchOp, PublishOp, ReleaseOp, CopyOp>([](auto op) { return op.getInstance(); })
                         .Default([](Operation *) { return Value(); });
    if (!instance || instance == Value(role.getInstance()) || getConstantIntValue(instance))
      instances.insert(instance);
  }
  bool failed = false;
  for (Value instance : instances)
    for (bool fills : {true, false})
      failed |= mlir::failed(Turn(role, ring, instance, fills).run());
  return failure(failed);
}

} // namespace

LogicalResult verifyRingPaths(KernelOp kernel) {
  bool failed = false;
  for (auto ring : kernel.getBody().getOps<RingOp>())
    for (auto role : kernel.getBody().getOps<RoleOp>())
      failed |= mlir::failed(verifyRing(role, ring.getRing()));
  return failure(failed);
}

} // namespace ssm::tile
