//===- Copy.cpp - what the copy engine does ---------------------------------===//
#include "Memory.h"
#include "Ring.h"

using namespace mlir;

namespace ssm::tile::gpu {
namespace {

/// Coordinates as i32.
Values coordinates(ArrayRef<OpFoldResult> offsets, Lowering &l) {
  Values values;
  for (OpFoldResult offset : offsets)
    values.push_back(l.valueOf(offset));
  return values;
}

/// A 64-bit global address of an element.
Value globalAddress(Value view, ArrayRef<OpFoldResult> offsets, Lowering &l) {
  auto type = cast<GlobalType>(view.getType());
  Values parts = l.of(view);
  int64_t rank = type.getRank(), bytes = type.getElementType().getIntOrFloatBitWidth() / 8;
  Value at = parts[0];
  for (int64_t i = 0; i < rank; ++i)
    at = l.add(at, l.mul(elementOffset(l.valueOf(offsets[i]), parts[1 + rank + i], l), bytes));
  return at;
}

LogicalResult lowerFetch(FetchOp op, Lowering &l) {
  RingType ring = op.getRing().getType();
  Value instance = op.getInstance(), cursor = op.getCursor();
  waitOn(op.getRing(), instance, cursor, /*empty=*/true, l);
  Address slot = slotAddress(op.getRing(), instance, cursor, l);
  Address full = barrierOf(op.getRing(), instance, cursor, /*empty=*/false, l);
  SmallVector<FetchOp::Entry> entries = op.getEntries();

  // Scalars are ordinary stores; the arrival after them publishes them.
  for (const FetchOp::Entry &entry : entries) {
    if (entry.source)
      continue;
    Address to = slot.plus(ring.getPartOffset(entry.part));
    for (auto [i, value] : llvm::enumerate(entry.values)) {
      Value word = l.valueOf(value);
      if (word.getType().isF32() || ring.getPart(entry.part).getElementType().isInteger(32))
        l.ptx.storeShared(to.plus(4 * i), word);
      else
        return op.emitOpError("stores scalars in a part of ") << ring.getPart(entry.part).getElementType();
    }
  }
  if (int64_t bytes = op.getCopiedBytes())
    l.ptx.mbarrierExpect(full, bytes);
  else
    l.ptx.mbarrierArrive(full);

  Value policy;
  if (op.getHint() != CacheHint::Normal)
    policy = l.ptx.cachePolicy(op.getHint() == CacheHint::EvictFirst);
  SmallVector<int64_t> filled(ring.getNumParts(), 0); // boxes fill a part one after another
  for (const FetchOp::Entry &entry : entries) {
    if (!entry.source)
      continue;
    Address to = slot.plus(ring.getPartOffset(entry.part) + filled[entry.part]);
    if (auto map = dyn_cast<MapType>(entry.source.getType())) {
      Value mask;
      if (entry.across) { // this CTA's share of the part, to all
        mask = maskAcross(*entry.across, l);
        to.base = l.add(to.base, l.mul(placeAlong(*entry.across, l), map.getBoxBytes()));
      }
      l.ptx.bulkTensorLoad(to, l.single(entry.source), coordinates(entry.values, l), full, mask, policy);
      filled[entry.part] += op.getBytes(entry);
    } else {
      int64_t bytes = ring.getPart(entry.part).getBytes();
      l.ptx.bulkLoad(to, globalAddress(entry.source, entry.values, l), l.constant(bytes), full);
      filled[entry.part] += bytes;
    }
  }
  return success();
}

LogicalResult lowerSend(SendOp op, Lowering &l) {
  l.ptx.bulkTensorStore(l.single(op.getMap()), coordinates(op.getMixedCoords(), l), {l.single(op.getSource())}, op.getAdd());
  l.ptx.bulkCommit();
  return success();
}

LogicalResult lowerSendWait(SendWaitOp op, Lowering &l) {
  l.ptx.bulkWait(op.getGroups(), op.getRead());
  return success();
}

LogicalResult lowerCopy(CopyOp op, Lowering &l) {
  // The tile that the layout would hold says which thread copies what.
  SmemType target = op.getTarget().getType();
  Type element = target.getElementType();
  auto tile = RankedTensorType::get(target.getShape(), element, op.getLayout());
  FailureOr<Placement> at = l.placement(tile, op);
  if (failed(at))
    return failure();
  SmallVector<int64_t> extents(op.getSource().getType().getRank(), 1);
  if (op.getSizes())
    extents.assign(op.getSizes()->begin(), op.getSizes()->end());
  else
    llvm::copy(target.getShape(), extents.end() - target.getRank());
  FailureOr<GlobalTile> from = GlobalTile::make(op.getSource(), op.getMixedOffsets(), extents, tile, *at, false, op, l);
  SmallVector<OpFoldResult> zeros(target.getRank(), l.b.getIndexAttr(0));
  FailureOr<SharedTile> to = SharedTile::make(op.getTarget(), zeros, target.getShape(), tile, *at, false, op, l);
  if (failed(from) || failed(to))
    return failure();
  int64_t bits = element.getIntOrFloatBitWidth();
  int64_t vector = std::min<int64_t>({at->vector, op.getSource().getType().getVector(), 128 / bits});
  if (vector * bits < 32)
    return op.emitOpError("copies ") << vector * bits / 8 << " bytes at a time; asynchronous copies take 4, 8 or 16";
  for (unsigned i = 0; i < at->spots.size(); i += vector)
    l.ptx.asyncCopy(to->at(at->spots[i]), from->at(at->spots[i]), vector * bits / 8, from->inside(at->spots[i]));
  if (op.getRing()) {
    l.ptx.mbarrierArriveOnCopies(barrierOf(op.getRing(), op.getInstance(), op.getCursor(), /*empty=*/false, l));
  } else { // nobody waits for it elsewhere
    l.ptx.asyncCopyCommit();
    l.ptx.asyncCopyWait(0);
  }
  return success();
}

} // namespace

void addCopyLowerings(LoweringTable &table) {
  table.add<FetchOp, lowerFetch>();
  table.add<SendOp, lowerSend>();
  table.add<SendWaitOp, lowerSendWait>();
  table.add<CopyOp, lowerCopy>();
}

} // namespace ssm::tile::gpu
