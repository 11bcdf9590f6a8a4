//===- Ring.cpp - slots, cursors and their mbarriers ------------------------===//
//
// A ring is two places in shared memory: its slots' data, one after another, and its
// barriers, for each copy the full ones and then the empty ones. A cursor of a power
// of two of slots is one count: slot = count mod S, parity = the next bit. Otherwise
// it is the pair.
//
//===----------------------------------------------------------------------===//
#include "Ring.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace ssm::tile::gpu {

RingOp ringOf(Value ring) { return ring.getDefiningOp<RingOp>(); }

Value slotOf(Value cursor, Lowering &l) {
  int64_t slots = cast<CursorType>(cursor.getType()).getSlots();
  Value first = l.of(cursor).front();
  if (!llvm::isPowerOf2_64(slots))
    return first;
  Value slot = l.modulo(first, slots);
  return slot ? slot : l.constant(int64_t(0));
}

Value parityOf(Value cursor, Lowering &l) {
  int64_t slots = cast<CursorType>(cursor.getType()).getSlots();
  if (!llvm::isPowerOf2_64(slots))
    return l.of(cursor)[1];
  return l.modulo(l.divide(l.of(cursor).front(), slots), 2);
}

/// instance * perCopy + slot * perSlot.
static Value along(Value instance, Value cursor, int64_t perCopy, int64_t perSlot, Lowering &l) {
  Value at = l.mul(slotOf(cursor, l), perSlot);
  return instance ? l.add(at, l.mul(l.single(instance), perCopy)) : at;
}

Address barrierOf(Value ring, Value instance, Value cursor, bool empty, Lowering &l) {
  auto type = cast<RingType>(ring.getType());
  RingOp op = ringOf(ring);
  int64_t slots = type.getSlots();
  Value at = l.add(l.sharedBase, along(instance, cursor, 16 * slots, 8, l));
  return {at, int64_t(*op.getBarriers()) + (empty ? 8 * slots : 0)};
}

Address slotAddress(Value ring, Value instance, Value cursor, Lowering &l) {
  auto type = cast<RingType>(ring.getType());
  int64_t bytes = type.getSlotBytes();
  Value at = l.add(l.sharedBase, along(instance, cursor, bytes * type.getSlots(), bytes, l));
  return {at, int64_t(*ringOf(ring).getData())};
}

void waitOn(Value ring, Value instance, Value cursor, bool empty, Lowering &l) {
  Value parity = parityOf(cursor, l);
  if (empty) // before the first use of a slot the phase before it counts as done
    parity = l.exclusiveOr(parity, 1);
  WaitRecord record;
  if (l.checked) {
    record.where = l.stuckRecord;
    record.barrier = 2 * (llvm::find(l.rings, ringOf(ring)) - l.rings.begin()) + empty;
    record.role = l.scope.role ? int64_t(*l.scope.role.getFirstWarp()) : -1;
  }
  bool others = empty && needsClusterScope(ring);
  l.ptx.mbarrierWait(barrierOf(ring, instance, cursor, empty, l), parity, record, others);
}

BarrierUnit arrivingUnit(BarrierUnit unit, Lowering &l) {
  return l.checked && unit != BarrierUnit::Thread ? BarrierUnit::Each : unit;
}

int64_t arrivalsOf(int64_t count, BarrierUnit unit, Lowering &l) {
  int64_t threads = unit == BarrierUnit::Warp ? 32 : unit == BarrierUnit::Group ? 128 : 1;
  return l.checked ? count * threads : count;
}

/// One value a part: the address in the slot.
static void bindViews(ResultRange views, Value ring, Value instance, Value cursor, Lowering &l) {
  auto type = cast<RingType>(ring.getType());
  Address slot = slotAddress(ring, instance, cursor, l);
  for (auto [i, view] : llvm::enumerate(views))
    l.bind(view, {l.add(slot.base, slot.offset + type.getPartOffset(i))});
}

static void arrive(Address barrier, BarrierUnit unit, Value predicate, Lowering &l) {
  switch (unit) {
  case BarrierUnit::Thread:
  case BarrierUnit::Each:
    return l.ptx.mbarrierArrive(barrier, predicate);
  case BarrierUnit::Warp:
    return l.ptx.mbarrierArriveWarp(barrier, l.scope.isLane0, predicate);
  case BarrierUnit::Group:
    return l.ptx.mbarrierArrive(barrier, l.both(l.scope.isThread0, predicate));
  }
}

namespace {

LogicalResult lowerRing(RingOp op, Lowering &l) {
  if (!op.getBarriers() || !op.getData())
    return op.emitOpError("has no place in shared memory yet: run tile-place first");
  l.rings.push_back(op);
  l.bind(op.getRing(), {});
  return success();
}

LogicalResult lowerBuffer(BufferOp op, Lowering &l) {
  if (!op.getData())
    return op.emitOpError("has no place in shared memory yet: run tile-place first");
  l.bind(op.getBuffer(), {l.add(l.sharedBase, int64_t(*op.getData()))});
  return success();
}

LogicalResult lowerSlot(SlotOp op, Lowering &l) {
  if (l.checked) // what a third role says is not seen by tools
    waitOn(op.getRing(), op.getInstance(), op.getCursor(), /*empty=*/false, l);
  bindViews(op.getViews(), op.getRing(), op.getInstance(), op.getCursor(), l);
  return success();
}

LogicalResult lowerAcquire(AcquireOp op, Lowering &l) {
  waitOn(op.getRing(), op.getInstance(), op.getCursor(), /*empty=*/true, l);
  bindViews(op.getViews(), op.getRing(), op.getInstance(), op.getCursor(), l);
  return success();
}

LogicalResult lowerAwait(AwaitOp op, Lowering &l) {
  waitOn(op.getRing(), op.getInstance(), op.getCursor(), /*empty=*/false, l);
  bindViews(op.getViews(), op.getRing(), op.getInstance(), op.getCursor(), l);
  return success();
}

LogicalResult lowerPublish(PublishOp op, Lowering &l) {
  Value predicate = op.getPredicate() ? l.single(op.getPredicate()) : Value();
  arrive(barrierOf(op.getRing(), op.getInstance(), op.getCursor(), /*empty=*/false, l),
         arrivingUnit(ringOf(op.getRing()).getFullUnit(), l), predicate, l);
  return success();
}

LogicalResult lowerRelease(ReleaseOp op, Lowering &l) {
  Value predicate = op.getPredicate() ? l.single(op.getPredicate()) : Value();
  Address barrier = barrierOf(op.getRing(), op.getInstance(), op.getCursor(), /*empty=*/true, l);
  BarrierUnit unit = arrivingUnit(ringOf(op.getRing()).getEmptyUnit(), l);
  if (op.getAcross())
    arriveAcross(barrier, unit, *op.getAcross(), predicate, needsClusterScope(op.getRing()), l);
  else if (op.getAt())
    arriveAt(barrier, unit, l.single(op.getAt()), predicate, needsClusterScope(op.getRing()), l);
  else
    arrive(barrier, unit, predicate, l);
  return success();
}

LogicalResult lowerCursor(CursorOp op, Lowering &l) {
  int64_t slots = op.getCursor().getType().getSlots();
  Value count = op.getCount() ? l.single(op.getCount()) : l.constant(int64_t(0));
  if (llvm::isPowerOf2_64(slots)) {
    l.bind(op.getCursor(), {count});
    return success();
  }
  if (!op.getCount()) {
    l.bind(op.getCursor(), {count, count});
    return success();
  }
  Value by = l.constant(slots);
  Value round = arith::DivUIOp::create(l.b, count, by);
  Value slot = arith::RemUIOp::create(l.b, count, by);
  l.bind(op.getCursor(), {slot, l.modulo(round, 2)});
  return success();
}

LogicalResult lowerNext(NextOp op, Lowering &l) {
  int64_t slots = op.getCursor().getType().getSlots(), by = op.getBy();
  Values from = l.of(op.getCursor());
  if (llvm::isPowerOf2_64(slots)) {
    l.bind(op.getResult(), {l.add(from[0], by)});
    return success();
  }
  // Whole rounds first, then at most one wrap either way.
  int64_t rounds = by / slots, rest = by % slots;
  Value parity = l.exclusiveOr(from[1], rounds & 1), slot = from[0];
  if (rest) {
    Value moved = l.add(slot, rest);
    Value wraps = rest > 0 ? l.compare(arith::CmpIPredicate::sge, moved, l.constant(slots))
                           : l.compare(arith::CmpIPredicate::slt, moved, l.constant(int64_t(0)));
    if (rest == 1)
      wraps = l.compare(arith::CmpIPredicate::eq, moved, l.constant(slots));
    Value wrapped = rest == 1 ? l.constant(int64_t(0)) : l.add(moved, rest > 0 ? -slots : slots);
    slot = l.select(wraps, wrapped, moved);
    parity = l.select(wraps, l.exclusiveOr(parity, 1), parity);
  }
  l.bind(op.getResult(), {slot, parity});
  return success();
}

LogicalResult lowerSub(SubOp op, Lowering &l) {
  auto type = cast<SmemType>(op.getSource().getType());
  int64_t bytes = type.getElementBits() / 8, rank = type.getRank();
  int64_t panelColumns = type.getPanelColumns(), rowBytes = type.getSwizzle() ? type.getSwizzle() : type.getColumns() * bytes;
  Value at = l.single(op.getSource());
  int64_t tiles = type.getTileBytes(), constant = 0;
  SmallVector<OpFoldResult> offsets = op.getMixedOffsets();
  for (int64_t i = rank; i-- > 0;) {
    std::optional<int64_t> known = Lowering::constantOf(offsets[i]);
    if (i == rank - 1) {
      if (known) {
        constant += *known / panelColumns * type.getPanelBytes() + *known % panelColumns * bytes;
      } else if (!type.getSwizzle()) {
        at = l.add(at, l.mul(l.valueOf(offsets[i]), bytes));
      } else {
        Value column = l.valueOf(offsets[i]);
        at = l.add(at, l.mul(l.divide(column, panelColumns), type.getPanelBytes()));
        at = l.add(at, l.mul(l.modulo(column, panelColumns), bytes));
      }
      continue;
    }
    int64_t stride = i == rank - 2 ? rowBytes : tiles;
    if (i < rank - 2)
      tiles *= type.getShape()[i];
    if (known)
      constant += *known * stride;
    else
      at = l.add(at, l.mul(l.valueOf(offsets[i]), stride));
  }
  l.bind(op.getView(), {l.add(at, constant)});
  return success();
}

//===----------------------------------------------------------------------===//
// Named barriers
//===----------------------------------------------------------------------===//

LogicalResult lowerTurns(TurnsOp op, Lowering &l) {
  if (!op.getFirst())
    return op.emitOpError("has no barriers yet: run tile-place first");
  l.bind(op.getTurns(), {});
  return success();
}

Value turnBarrier(Value turns, Value index, Lowering &l) {
  return l.add(l.single(index), int64_t(*turns.getDefiningOp<TurnsOp>().getFirst()));
}

LogicalResult lowerTake(TakeOp op, Lowering &l) {
  l.ptx.barSync(turnBarrier(op.getTurns(), op.getIndex(), l), 2 * l.scope.threads);
  return success();
}

LogicalResult lowerPass(PassOp op, Lowering &l) {
  int64_t count = op.getTurns().getType().getCount(), first = *op.getTurns().getDefiningOp<TurnsOp>().getFirst();
  Value mine = turnBarrier(op.getTurns(), op.getIndex(), l);
  Value last = l.compare(arith::CmpIPredicate::eq, mine, l.constant(first + count - 1));
  l.ptx.barArrive(l.select(last, l.constant(first), l.add(mine, 1)), 2 * l.scope.threads);
  return success();
}

} // namespace

void meet(Lowering &l) {
  if (!l.scope.role)
    return l.ptx.barSync(l.constant(int64_t(0)), l.scope.threads);
  if (l.scope.threads == 1)
    return;
  if (l.scope.threads == 32)
    return l.ptx.warpSync();
  l.ptx.barSync(l.add(l.scope.instance, int64_t(l.scope.role.getBarrier().value_or(0))), l.scope.threads);
}

static LogicalResult lowerSync(SyncOp op, Lowering &l) {
  if (l.scope.role && l.scope.threads > 32 && !l.scope.role.getBarrier())
    return op.emitOpError("needs a named barrier for its role: run tile-place first");
  meet(l);
  return success();
}

static LogicalResult lowerFence(FenceOp op, Lowering &l) {
  l.ptx.fenceProxyAsync();
  return success();
}

void addRingLowerings(LoweringTable &table) {
  table.add<RingOp, lowerRing>();
  table.add<BufferOp, lowerBuffer>();
  table.add<SlotOp, lowerSlot>();
  table.add<AcquireOp, lowerAcquire>();
  table.add<AwaitOp, lowerAwait>();
  table.add<PublishOp, lowerPublish>();
  table.add<ReleaseOp, lowerRelease>();
  table.add<CursorOp, lowerCursor>();
  table.add<NextOp, lowerNext>();
  table.add<SubOp, lowerSub>();
}

void addBarrierLowerings(LoweringTable &table) {
  table.add<TurnsOp, lowerTurns>();
  table.add<TakeOp, lowerTake>();
  table.add<PassOp, lowerPass>();
  table.add<SyncOp, lowerSync>();
  table.add<FenceOp, lowerFence>();
}

} // namespace ssm::tile::gpu
