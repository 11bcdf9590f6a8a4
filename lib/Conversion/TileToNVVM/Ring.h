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
/// All threads of the scope meet.
void meet(Lowering &l);

} // namespace ssm::tile::gpu
