//===- Skew.cpp - warps that lag, proxies that do not see -------------------===//
//
// Three ways in which a slot is handed on too early, found in a block's text:
//  - one thread arrives for a warpgroup whose other warps may still load or store
//    there (unit `group`), with no sync and no product between;
//  - ordinary stores that the tensor cores or the copy engine read, with no proxy
//    fence on either side;
//  - a slot that is released while a bulk store may still read it.
// What no text shows (paths, counts) is the emulator's.
//
//===----------------------------------------------------------------------===//
#include "Verify.h"

using namespace mlir;

namespace ssm::tile {
namespace {

/// The operation on a ring that a view comes from.
Operation *originOf(Value view) {
  while (auto sub = view.getDefiningOp<SubOp>())
    view = sub.getSource();
  return view.getDefiningOp();
}

/// Ring and cursor of an operation on a slot.
struct Slot {
  Value ring, cursor;
  bool operator==(const Slot &) const = default;
};
std::optional<Slot> slotOf(Operation *op) {
  return llvm::TypeSwitch<Operation *, std::optional<Slot>>(op)
      .Case<AwaitOp, AcquireOp, SlotOp, PublishOp, ReleaseOp>([](auto op) { return Slot{op.getRing(), op.getCursor()}; })
      .Default([](Operation *) { return std::nullopt; });
}

/// The first operation in or under `op` that loads from (or stores to) the slot.
Operation *accessIn(Operation *op, const Slot &slot, bool stores) {
  Operation *found = nullptr;
  op->walk([&](Operation *inner) {
    Value memory;
    if (auto load = dyn_cast<LoadOp>(inner); load && !stores)
      memory = load.getSource();
    if (auto store = dyn_cast<StoreOp>(inner); store && stores)
      memory = store.getTarget();
    Operation *origin = memory && isa<SmemType>(memory.getType()) ? originOf(memory) : nullptr;
    if (!origin || slotOf(origin) != slot)
      return WalkResult::advance();
    found = inner;
    return WalkResult::interrupt();
  });
  return found;
}

/// An arrival of one thread for all: what the others do before it must be behind a meeting.
LogicalResult verifyArrival(Operation *arrival, const Slot &slot, bool stores) {
  for (Operation *op = arrival->getPrevNode(); op; op = op->getPrevNode()) {
    if (isa<SyncOp, MmaOp, LandOp, RetireOp>(op))
      return success();
    if (auto reduce = dyn_cast<ReduceOp>(op); reduce && reduce.getVia())
      return success();
    if (Operation *access = accessIn(op, slot, stores)) {
      InFlightDiagnostic error = arrival->emitError();
      error << "one thread arrives for the warpgroup while its other warps may still " << (stores ? "store to" : "load from")
            << " the slot: put tile.sync between, or let each warp arrive (unit warp)";
      error.attachNote(access->getLoc()) << "the " << (stores ? "store" : "load");
      return failure();
    }
  }
  return success();
}

/// How the roles touch one ring's memory.
struct Touches {
  StoreOp store;               // ordinary
  Operation *asynchronous = nullptr; // a product or a bulk store that reads
  bool fence = false;          // in a role that does either
};

LogicalResult verifyProxies(RingOp ring) {
  Touches touches;
  llvm::SmallPtrSet<Operation *, 4> roles;
  auto visit = [&](auto &&self, Value view) -> void {
    for (Operation *user : view.getUsers()) {
      if (auto sub = dyn_cast<SubOp>(user)) {
        self(self, sub.getView());
        continue;
      }
      if (auto store = dyn_cast<StoreOp>(user); store && store.getTarget() == view && isRegisterTile(store.getValue().getType()))
        touches.store = store;
      else if (isa<MmaOp, SendOp>(user))
        touches.asynchronous = user;
      else
        continue;
      if (auto role = user->getParentOfType<RoleOp>())
        roles.insert(role);
    }
  };
  for (Operation *user : ring.getRing().getUsers())
    if (isa<AwaitOp, AcquireOp, SlotOp>(user))
      for (Value view : user->getResults())
        visit(visit, view);
  if (!touches.store || !touches.asynchronous)
    return success();
  for (Operation *role : roles)
    role->walk([&](FenceOp) { touches.fence = true; });
  if (touches.fence)
    return success();
  InFlightDiagnostic error = touches.asynchronous->emitError();
  error << "reads what ordinary stores wrote, with no tile.fence in either role: it may see what was there before";
  error.attachNote(touches.store.getLoc()) << "a store";
  return error;
}

/// A bulk store reads its slot until it has been waited for.
LogicalResult verifySends(RoleOp role) {
  SendOp send;
  llvm::SmallDenseSet<Value> sent;
  bool waits = false;
  role.walk([&](Operation *op) {
    if (auto one = dyn_cast<SendOp>(op)) {
      send = one;
      if (Operation *origin = originOf(one.getSource()))
        if (std::optional<Slot> slot = slotOf(origin))
          sent.insert(slot->ring);
    }
    waits |= isa<SendWaitOp>(op);
  });
  if (!send)
    return success();
  if (!waits) {
    send.emitError() << "is never waited for: the CTA may end, and its shared memory with it, before it is done (tile.send_wait 0)";
    return failure();
  }
  bool failed = false;
  role.walk([&](ReleaseOp release) {
    if (!sent.contains(release.getRing()))
      return;
    // In the same block a wait stands before the release.
    for (Operation *op = release->getPrevNode(); op; op = op->getPrevNode()) {
      bool waitsHere = false, sendsHere = false;
      op->walk([&](Operation *inner) {
        waitsHere |= isa<SendWaitOp>(inner);
        if (auto one = dyn_cast<SendOp>(inner)) {
          Operation *origin = originOf(one.getSource());
          sendsHere |= origin && slotOf(origin) == slotOf(release);
        }
      });
      if (waitsHere)
        return;
      if (sendsHere) {
        failed = true;
        InFlightDiagnostic error = release.emitError();
        error << "releases a slot that a bulk store may still read: put tile.send_wait .. read between";
        error.attachNote(op->getLoc()) << "the bulk store";
        return;
      }
    }
  });
  return failure(failed);
}

} // namespace

LogicalResult verifySkew(KernelOp kernel) {
  bool failed = false;
  for (auto ring : kernel.getBody().getOps<RingOp>()) {
    failed |= mlir::failed(verifyProxies(ring));
    for (Operation *user : ring.getRing().getUsers()) {
      auto role = user->getParentOfType<RoleOp>();
      if (!role || role.getKind() != RoleKind::Group)
        continue;
      if (isa<ReleaseOp>(user) && ring.getEmptyUnit() == BarrierUnit::Group)
        failed |= mlir::failed(verifyArrival(user, *slotOf(user), /*stores=*/false));
      if (isa<PublishOp>(user) && ring.getFullUnit() == BarrierUnit::Group)
        failed |= mlir::failed(verifyArrival(user, *slotOf(user), /*stores=*/true));
    }
  }
  for (auto role : kernel.getBody().getOps<RoleOp>())
    failed |= mlir::failed(verifySends(role));
  return failure(failed);
}

} // namespace ssm::tile
