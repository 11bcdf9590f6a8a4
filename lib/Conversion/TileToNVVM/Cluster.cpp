//===- Cluster.cpp - CTAs that fill each other's slots ----------------------===//
//
// CTAs of a cluster are numbered with dimension 0 fastest. Those that differ along one
// dimension lie `stride` apart, from the one at place 0 on.
//
// A release in another CTA has to order the reads before it with what is written there
// next. Reads by tensor cores are over when their products have been waited for, and
// the copy engine writes: no fence. Ordinary loads, and a ring without parts, which says
// something of other memory, want the cluster's scope, which ptxas makes a fence of the
// whole GPU (a product of 4096^3 took 0.25 ms for 0.17 with one in each step, H200,
// 2026-11-24).
//
//===----------------------------------------------------------------------===//
#include "Ring.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;

namespace ssm::tile::gpu {

Value placeAlong(unsigned dim, Lowering &l) {
  Type i32 = l.b.getI32Type();
  if (dim == 0)
    return NVVM::BlockInClusterIdXOp::create(l.b, i32);
  if (dim == 1)
    return NVVM::BlockInClusterIdYOp::create(l.b, i32);
  return NVVM::BlockInClusterIdZOp::create(l.b, i32);
}

/// The number of the CTA at place 0.
static Value firstAlong(unsigned dim, Lowering &l) {
  Value number = NVVM::ClusterId::create(l.b, l.b.getI32Type());
  Value before = l.mul(placeAlong(dim, l), l.kernel.getClusterStride(dim));
  return arith::SubIOp::create(l.b, number, before);
}

Value maskAcross(unsigned dim, Lowering &l) {
  int64_t mask = 0;
  for (int64_t i = 0; i < l.kernel.getClusterDim(dim); ++i)
    mask |= int64_t(1) << i * l.kernel.getClusterStride(dim);
  Value shifted = arith::ShLIOp::create(l.b, l.constant(mask), firstAlong(dim, l));
  return arith::TruncIOp::create(l.b, l.b.getI16Type(), shifted);
}

static bool isLoaded(Value view) {
  return llvm::any_of(view.getUsers(), [](Operation *user) {
    auto sub = dyn_cast<SubOp>(user);
    return sub ? isLoaded(sub.getView()) : isa<LoadOp>(user);
  });
}

bool needsClusterScope(Value ring) {
  bool loaded = cast<RingType>(ring.getType()).getNumParts() == 0, away = false;
  for (Operation *user : ring.getUsers()) {
    auto release = dyn_cast<ReleaseOp>(user);
    away |= release && (release.getAt() || release.getAcross());
    loaded |= isa<AwaitOp, SlotOp>(user) && llvm::any_of(user->getResults(), isLoaded);
  }
  return away && loaded;
}

void arriveAt(Address barrier, BarrierUnit unit, Value cta, Value predicate, bool fence, Lowering &l) {
  if (unit == BarrierUnit::Warp) {
    l.ptx.warpSync();
    predicate = l.both(l.scope.isLane0, predicate);
  } else if (unit == BarrierUnit::Group) {
    predicate = l.both(l.scope.isThread0, predicate);
  }
  l.ptx.mbarrierArriveRemote(barrier, cta, predicate, fence);
}

void arriveAcross(Address barrier, BarrierUnit unit, unsigned dim, Value predicate, bool fence, Lowering &l) {
  int64_t count = l.kernel.getClusterDim(dim), stride = l.kernel.getClusterStride(dim);
  Value first = firstAlong(dim, l);
  if (unit == BarrierUnit::Thread || unit == BarrierUnit::Each) {
    for (int64_t i = 0; i < count; ++i)
      l.ptx.mbarrierArriveRemote(barrier, l.add(first, i * stride), predicate, fence);
    return;
  }
  // One instruction: each of the first threads tells another CTA.
  if (unit == BarrierUnit::Warp)
    l.ptx.warpSync();
  Value thread = unit == BarrierUnit::Warp ? l.scope.lane : l.scope.thread;
  Value among = l.compare(arith::CmpIPredicate::slt, thread, l.constant(count));
  l.ptx.mbarrierArriveRemote(barrier, l.add(first, l.mul(thread, stride)), l.both(among, predicate), fence);
}

} // namespace ssm::tile::gpu
