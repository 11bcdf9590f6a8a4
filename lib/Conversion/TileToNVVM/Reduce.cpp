//===- Reduce.cpp - folds and reductions ------------------------------------===//
//
// First what a thread holds of a row, in two chains; then the lanes that share the
// row, by exchanging with the lane whose number differs in one bit; then the warps,
// through a scratch buffer and a meeting of the role.
//
//===----------------------------------------------------------------------===//
#include "Memory.h"
#include "Ring.h"

#include <map>

using namespace mlir;

namespace ssm::tile::gpu {

Value combine(Combine kind, Value a, Value c, Lowering &l) {
  switch (kind) {
  case Combine::AddF:
    return arith::AddFOp::create(l.b, a, c);
  case Combine::MulF:
    return arith::MulFOp::create(l.b, a, c);
  case Combine::MaxNumF:
    return arith::MaxNumFOp::create(l.b, a, c);
  case Combine::MinNumF:
    return arith::MinNumFOp::create(l.b, a, c);
  case Combine::AddI:
    return arith::AddIOp::create(l.b, a, c);
  case Combine::MaximumF:
    return arith::MaximumFOp::create(l.b, a, c);
  case Combine::MinimumF:
    return arith::MinimumFOp::create(l.b, a, c);
  case Combine::MaxSI:
    return arith::MaxSIOp::create(l.b, a, c);
  case Combine::MinSI:
    return arith::MinSIOp::create(l.b, a, c);
  }
  llvm_unreachable("all kinds are above");
}

namespace {

/// Two chains, so that one's latency hides the other's.
Value chain(Combine kind, ArrayRef<Value> values, Lowering &l) {
  Value chains[2] = {};
  for (auto [i, value] : llvm::enumerate(values)) {
    Value &at = chains[i % 2];
    at = at ? combine(kind, at, value, l) : value;
  }
  return chains[1] ? combine(kind, chains[0], chains[1], l) : chains[0];
}

/// All lanes whose numbers agree outside of [from, to) end up with the same value.
Value acrossLanes(Combine kind, Value value, int64_t from, int64_t to, Lowering &l) {
  for (int64_t distance = from; distance < to; distance *= 2)
    value = combine(kind, value, l.ptx.shuffleXor(value, distance), l);
  return value;
}

/// The values of `source` that share a key, chained; keys in the result's order.
template <typename Key>
Values foldBy(Combine kind, ValueRange source, const Placement &from, const Placement &to, Key sourceKey, Key targetKey,
              Lowering &l, ValueRange init = {}) {
  std::map<std::pair<int64_t, int64_t>, SmallVector<Value>> groups;
  for (auto [value, spot] : llvm::zip(source, from.spots))
    groups[sourceKey(spot)].push_back(value);
  Values results;
  for (auto [i, spot] : llvm::enumerate(to.spots)) {
    SmallVector<Value> group = groups[targetKey(spot)];
    if (!init.empty())
      group.insert(group.begin(), init[i]);
    results.push_back(chain(kind, group, l));
  }
  return results;
}
std::pair<int64_t, int64_t> byRow(const Spot &spot) { return {spot.block, spot.row}; }
std::pair<int64_t, int64_t> byColumn(const Spot &spot) { return {spot.block, spot.column}; }

LogicalResult lowerFold(FoldOp op, Lowering &l) {
  auto from = cast<RankedTensorType>(op.getSource().getType()), to = cast<RankedTensorType>(op.getResult().getType());
  FailureOr<Placement> source = l.placement(from, op), target = l.placement(to, op);
  if (failed(source) || failed(target))
    return failure();
  Values init;
  if (op.getInit())
    init = l.of(op.getInit());
  l.bind(op.getResult(), foldBy(op.getKind(), l.of(op.getSource()), *source, *target, byRow, byRow, l, init));
  return success();
}

/// A word of the scratch buffer: [part][index], f32 or i32, plain.
struct Scratch {
  Value base;
  int64_t stride; // words of a part
  Address at(Value dynamic, int64_t word, Lowering &l) const {
    return {dynamic ? l.add(base, l.mul(dynamic, 4)) : base, 4 * word};
  }
};

/// Over the last dimension of lanes, or of acc and part over columns.
LogicalResult reduceToRow(ReduceOp op, RankedTensorType from, RankedTensorType to, const Placement &source,
                          const Placement &target, Lowering &l) {
  Combine kind = op.getKind();
  Values rows = foldBy(kind, l.of(op.getSource()), source, target, byRow, byColumn, l);
  auto lanes = dyn_cast<LanesAttr>(layoutOf(from));
  int64_t width = lanes ? lanes.getWidth() : 4;
  for (Value &row : rows)
    row = acrossLanes(kind, row, 1, std::min<int64_t>(width, 32), l);
  if (width <= 32) {
    l.bind(op.getResult(), rows);
    return success();
  }
  if (!op.getVia())
    return op.emitOpError("crosses warps, so it needs a scratch buffer: via(%buffer)");
  // Each warp leaves its part: [row][warp of the row].
  int64_t warps = width / 32;
  Value base = l.single(op.getVia()), row = target.column;
  Value warp = l.scope.warps() > warps ? l.modulo(l.scope.warp, warps) : l.scope.warp;
  Value rowBase = l.add(base, l.mul(row, 4 * warps));
  Value mine = l.add(rowBase, l.mul(warp, 4));
  for (auto [value, spot] : llvm::zip(rows, target.spots))
    l.ptx.storeShared({mine, spot.column * warps * 4}, value, l.scope.isLane0);
  meet(l);
  for (auto [value, spot] : llvm::zip(rows, target.spots)) {
    SmallVector<Value> parts;
    for (int64_t w = 0; w < warps;) {
      unsigned words = warps - w >= 4 ? 4 : warps - w >= 2 ? 2 : 1;
      llvm::append_range(parts, l.ptx.loadShared({rowBase, (spot.column * warps + w) * 4}, words, value.getType()));
      w += words;
    }
    value = chain(kind, parts, l);
  }
  l.bind(op.getResult(), rows);
  return success();
}

/// Over rows: acc to col, lanes to a vector of lanes.
LogicalResult reduceToColumn(ReduceOp op, RankedTensorType from, RankedTensorType to, const Placement &source,
                             const Placement &target, Lowering &l) {
  Combine kind = op.getKind();
  Values columns = foldBy(kind, l.of(op.getSource()), source, target, byColumn, byColumn, l);
  auto lanes = dyn_cast<LanesAttr>(layoutOf(from));
  int64_t width = lanes ? lanes.getWidth() : 4; // threads along the columns
  for (Value &column : columns)
    if (width < 32)
      column = acrossLanes(kind, column, width, 32, l);
  // Who still holds different rows: warps, or groups of `width` threads.
  int64_t parts = l.scope.threads / std::max<int64_t>(width, 32);
  if (parts <= 1) {
    l.bind(op.getResult(), columns);
    return success();
  }
  if (!op.getVia())
    return op.emitOpError("crosses warps, so it needs a scratch buffer: via(%buffer)");
  int64_t size = to.getShape().back();
  Value base = l.single(op.getVia());
  Value part = width > 32 ? l.divide(l.scope.thread, width) : l.scope.warp;
  Value first = l.add(base, l.mul(target.column, 4));
  Value mine = l.add(first, l.mul(part, 4 * size));
  Value owns = width < 32 ? l.compare(arith::CmpIPredicate::ult, l.scope.lane, l.constant(width)) : Value();
  if (!lanes)
    owns = l.compare(arith::CmpIPredicate::eq, l.scope.group, l.constant(int64_t(0)));
  for (auto [value, spot] : llvm::zip(columns, target.spots))
    l.ptx.storeShared({mine, spot.column * 4}, value, owns);
  meet(l);
  for (auto [value, spot] : llvm::zip(columns, target.spots)) {
    SmallVector<Value> all;
    for (int64_t p = 0; p < parts; ++p)
      all.push_back(l.ptx.loadShared({first, (p * size + spot.column) * 4}, 1, value.getType()).front());
    value = chain(kind, all, l);
  }
  l.bind(op.getResult(), columns);
  return success();
}

LogicalResult lowerReduce(ReduceOp op, Lowering &l) {
  auto from = cast<RankedTensorType>(op.getSource().getType()), to = cast<RankedTensorType>(op.getResult().getType());
  FailureOr<Placement> source = l.placement(from, op), target = l.placement(to, op);
  if (failed(source) || failed(target))
    return failure();
  if (isa<RowAttr>(layoutOf(to)))
    return reduceToRow(op, from, to, *source, *target, l);
  return reduceToColumn(op, from, to, *source, *target, l);
}

} // namespace

void addReduceLowerings(LoweringTable &table) {
  table.add<FoldOp, lowerFold>();
  table.add<ReduceOp, lowerReduce>();
}

} // namespace ssm::tile::gpu
