//===- Rings.cpp - who arrives at each ring's barriers ----------------------===//
//
// The arrivals that complete a phase are declared; here they are counted: over the
// roles that publish (or fetch) and those that release, times their warps and
// instances, and for a release across a cluster times its CTAs. An array indexed by
// the instance's number has one instance a ring.
//
//===----------------------------------------------------------------------===//
#include "Verify.h"

using namespace mlir;

namespace ssm::tile {
namespace {

/// What one role does to one ring.
struct Use {
  Operation *fetch = nullptr, *publish = nullptr, *acquire = nullptr, *await = nullptr, *release = nullptr;
  bool byInstance = true; ///< each instance its own ring of the array
  llvm::SmallMapVector<int64_t, ReleaseOp, 2> releases; ///< across which dimension of the cluster; kHere, kAt
};

constexpr int64_t kHere = -1, kAt = -2;

class RingVerifier {
public:
  RingVerifier(RingOp ring, KernelOp kernel) : ring(ring), type(ring.getRing().getType()), kernel(kernel) {}

  LogicalResult run() {
    collect();
    bool failed = false;
    int64_t full = 0, empty = 0;
    bool filled = false, awaited = false, remote = false;
    for (auto &[role, use] : uses) {
      if (use.acquire && !use.publish)
        failed |= complain(use.acquire) << "role @" << role.getName() << " acquires slots of this ring and never publishes one";
      if (use.await && !use.release)
        failed |= complain(use.await) << "role @" << role.getName()
                                      << " waits for slots of this ring and never releases one (`observe` says that it need not)";
      if (use.publish)
        failed |= !arrivals(use.publish, role, use, ring.getFullUnit(), full);
      if (use.fetch)
        failed |= !arrivals(use.fetch, role, use, ring.getFullUnit(), full);
      for (auto &[dim, release] : use.releases)
        failed |= !arrivals(release, role, use, ring.getEmptyUnit(), empty, dim < 0 ? 1 : kernel.getClusterDim(dim));
      filled |= use.fetch || use.publish;
      awaited |= use.await != nullptr;
      remote |= use.releases.contains(kAt);
      failed |= !spans(role, use);
    }
    if (failed || uses.empty())
      return failure(failed);
    if (!filled)
      return ring.emitError() << "no role fills this ring: who waits for it waits for ever";
    if (!awaited && !empty)
      return ring.emitError() << "no role empties this ring: it can be filled " << type.getSlots() << " times";
    if (full != int64_t(ring.getFull()))
      failed |= complain(ring) << "a phase of `full` needs " << ring.getFull() << " arrivals, the roles make " << full;
    if (empty && !remote && empty != int64_t(ring.getEmpty()))
      failed |= complain(ring) << "a phase of `empty` needs " << ring.getEmpty() << " arrivals, the roles make " << empty;
    if (empty && remote && int64_t(ring.getEmpty()) % empty)
      failed |= complain(ring) << "a phase of `empty` needs " << ring.getEmpty() << " arrivals, of which each CTA makes " << empty;
    return failure(failed);
  }

private:
  /// An error that converts to true when it has been reported.
  struct Complaint {
    InFlightDiagnostic diagnostic;
    template <typename T> Complaint &operator<<(T &&value) {
      diagnostic << std::forward<T>(value);
      return *this;
    }
    operator bool() const { return true; }
  };
  Complaint complain(Operation *op) {
    Complaint complaint{op->emitError()};
    if (op != ring.getOperation())
      complaint.diagnostic.attachNote(ring.getLoc()) << "the ring";
    return complaint;
  }

  void collect() {
    for (Operation *op : ring.getRing().getUsers()) {
      auto role = op->getParentOfType<RoleOp>();
      if (!role)
        continue;
      Use &use = uses[role];
      Value instance;
      if (auto fetch = dyn_cast<FetchOp>(op)) {
        use.fetch = op, instance = fetch.getInstance();
        for (const FetchOp::Entry &entry : fetch.getEntries())
          if (entry.across)
            together.insert(*entry.across);
      }
      else if (auto publish = dyn_cast<PublishOp>(op))
        use.publish = op, instance = publish.getInstance();
      else if (auto copy = dyn_cast<CopyOp>(op))
        use.publish = op, instance = copy.getInstance();
      else if (auto acquire = dyn_cast<AcquireOp>(op))
        use.acquire = op, instance = acquire.getInstance();
      else if (auto release = dyn_cast<ReleaseOp>(op))
        use.release = op, instance = release.getInstance(),
        use.releases.insert({release.getAt() ? kAt : release.getAcross() ? int64_t(*release.getAcross()) : kHere, release});
      else if (auto await = dyn_cast<AwaitOp>(op)) {
        if (!await.getObserve())
          use.await = op;
        instance = await.getInstance();
      }
      if (instance)
        use.byInstance &= instance == Value(role.getInstance());
    }
  }

  /// A slot that CTAs fill together is released in all of them, and no other is.
  bool spans(RoleOp role, Use &use) {
    if (use.releases.empty() || use.releases.contains(kAt))
      return true;
    for (int64_t dim : together)
      if (!use.releases.contains(dim)) {
        complain(use.releases.front().second)
            << "CTAs along dimension " << dim << " of the cluster fill this ring's slots together: all of them must know that "
            << "a slot is empty (tile.release .. across " << dim << ")";
        return false;
      }
    for (auto &[dim, release] : use.releases)
      if (dim != kHere ? !together.contains(dim) : !together.empty()) {
        complain(release) << (dim == kHere ? "releases here a slot that role @" + role.getName().str() + " releases across the cluster too"
                                           : "releases across dimension " + std::to_string(dim) +
                                                 " of the cluster a slot that no fetch fills across it");
        return false;
      }
    return true;
  }

  /// Adds what a role's arrivals count; false where it cannot arrive by this unit.
  bool arrivals(Operation *op, RoleOp role, const Use &use, BarrierUnit unit, int64_t &count, int64_t ctas = 1) {
    int64_t each = 0;
    switch (unit) {
    case BarrierUnit::Thread:
      each = role.getKind() == RoleKind::Thread ? 1 : 0;
      break;
    case BarrierUnit::Warp:
      each = role.getKind() == RoleKind::Thread ? 0 : role.getWarpsPerInstance();
      break;
    case BarrierUnit::Group:
      each = role.getKind() == RoleKind::Group ? 1 : 0;
      break;
    case BarrierUnit::Each:
      each = role.getThreadsPerInstance();
      break;
    }
    if (!each) {
      complain(op) << "role @" << role.getName() << ", a " << stringifyRoleKind(role.getKind())
                   << ", arrives at a barrier whose unit is " << stringifyBarrierUnit(unit);
      return false;
    }
    // Instances that each have a ring of the array arrive once at it. Several rings by a loop's counter: all instances at each.
    bool own = type.getCopies() > 1 && use.byInstance && role.getInstance();
    count += ctas * each * (own ? 1 : role.getInstances());
    return true;
  }

  RingOp ring;
  RingType type;
  KernelOp kernel;
  llvm::MapVector<RoleOp, Use> uses;
  llvm::SetVector<int64_t> together; ///< dimensions of the cluster across which slots are filled
};

} // namespace

LogicalResult verifyRings(KernelOp kernel) {
  bool failed = false;
  for (auto ring : kernel.getBody().getOps<RingOp>())
    failed |= mlir::failed(RingVerifier(ring, kernel).run());
  return failure(failed);
}

} // namespace ssm::tile
