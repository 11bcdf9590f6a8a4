//===- Ring.h - where a ring's slots and barriers are -----------------------===//
#pragma once

#include "Lowering.h"

namespace ssm::tile::gpu {

/// The operation that made a ring.
RingOp ringOf(mlir::Value ring);
/// The slot's number, and the parity of its phase.
mlir::Value slotOf(mlir::Value cursor, Lowering &l);
mlir::Value parityOf(mlir::Value cursor, Lowering &l);
/// `instance` is null but for an array of rings.
Address barrierOf(mlir::Value ring, mlir::Value instance, mlir::Value cursor, bool empty, Lowering &l);
Address slotAddress(mlir::Value ring, mlir::Value instance, mlir::Value cursor, Lowering &l);
void waitOn(mlir::Value ring, mlir::Value instance, mlir::Value cursor, bool empty, Lowering &l);

/// In a checked build every thread arrives by itself, and a slot that another wait stands for is waited for: then
/// tools that watch memory follow the order. The unit that arrives, and how many arrivals complete a phase.
BarrierUnit arrivingUnit(BarrierUnit unit, Lowering &l);
int64_t arrivalsOf(int64_t count, BarrierUnit unit, Lowering &l);

// Clusters (Cluster.cpp)
/// This CTA's place along a dimension of the cluster; all that differ along it, as a mask of 16 bits.
mlir::Value placeAlong(unsigned dim, Lowering &l);
mlir::Value maskAcross(unsigned dim, Lowering &l);
/// Other CTAs release slots of this ring that they have read by ordinary loads.
bool needsClusterScope(mlir::Value ring);
/// Arrivals in one CTA, and in all along a dimension; with a fence of what was read.
void arriveAt(Address barrier, BarrierUnit unit, mlir::Value cta, mlir::Value predicate, bool fence, Lowering &l);
void arriveAcross(Address barrier, BarrierUnit unit, unsigned dim, mlir::Value predicate, bool fence, Lowering &l);

/// All threads of the scope meet.
void meet(Lowering &l);

} // namespace ssm::tile::gpu
