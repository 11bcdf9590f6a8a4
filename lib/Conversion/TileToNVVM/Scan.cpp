//===- Scan.cpp - inclusive scans along the lanes ---------------------------===//
//
// Of a lanes tile, three levels: the elements a thread holds side by side, the lanes
// (log2 of them shuffles, each lane adding what comes from before it), and the rounds
// of a row, each of which starts from the last lane of the one before. With factors an
// item is the pair (a, x) of h -> a h + x, and two of them compose to one.
//
//===----------------------------------------------------------------------===//
#include "Lowering.h"

using namespace mlir;

namespace ssm::tile::gpu {
namespace {

/// A value of a plain scan, or a factor and a value.
struct Item {
  Value value, factor;
};

class Scan {
public:
  Scan(ScanOp op, Lowering &l) : op(op), l(l), tile(cast<RankedTensorType>(op.getSource().getType())) {
    auto lanes = cast<LanesAttr>(layoutOf(tile));
    width = lanes.getWidth(), vector = lanes.getVector(), size = tile.getShape().back();
    within = op.getWithin().value_or(size);
    reverse = op.getReverse();
  }
  LogicalResult run();

private:
  Item compose(Item first, Item second) {
    if (!second.factor)
      return {combine(op.getKind(), first.value, second.value, l), {}};
    // h -> a2 (a1 h + x1) + x2
    Value value = math::FmaOp::create(l.b, second.factor, first.value, second.value);
    return {value, arith::MulFOp::create(l.b, first.factor, second.factor)};
  }
  Item select(Value condition, Item a, Item c) {
    return {l.select(condition, a.value, c.value), a.factor ? l.select(condition, a.factor, c.factor) : Value()};
  }
  template <typename Shuffle>
  Item shuffled(Item item, Shuffle shuffle) {
    return {shuffle(item.value), item.factor ? shuffle(item.factor) : Value()};
  }
  void scanRow(MutableArrayRef<Item> row);
  /// Scans the items in [0, count) of a thread, restarting every `restart`.
  void scanThread(MutableArrayRef<Item> items, int64_t restart);

  ScanOp op;
  Lowering &l;
  RankedTensorType tile;
  int64_t width, vector, size, within;
  bool reverse;
};

void Scan::scanThread(MutableArrayRef<Item> items, int64_t restart) {
  for (int64_t i = 1; i < int64_t(items.size()); ++i)
    if (i % restart)
      items[reverse ? items.size() - 1 - i : i] =
          compose(items[reverse ? items.size() - i : i - 1], items[reverse ? items.size() - 1 - i : i]);
}

/// One row: rounds of `vector` items a thread.
void Scan::scanRow(MutableArrayRef<Item> row) {
  int64_t rounds = row.size() / vector, perRound = width * vector;
  // Lanes of a segment, and where a lane is in it.
  int64_t segment = std::clamp<int64_t>(within / vector, 1, width);
  Value lane = l.modulo(l.scope.lane, segment);
  Item carry;
  for (int64_t n = 0; n < rounds; ++n) {
    int64_t k = reverse ? rounds - 1 - n : n;
    MutableArrayRef<Item> items = row.slice(k * vector, vector);
    scanThread(items, std::min(within, vector));
    if (within <= vector)
      continue;
    // What all lanes before this one in the segment amount to.
    Item total = reverse ? items.front() : items.back(), sum = total;
    for (int64_t distance = 1; distance < segment; distance *= 2) {
      Item other = shuffled(sum, [&](Value x) {
        return reverse ? l.ptx.shuffleDown(x, distance, segment) : l.ptx.shuffleUp(x, distance, segment);
      });
      Value has = reverse ? l.compare(arith::CmpIPredicate::ult, lane, l.constant(segment - distance))
                          : l.compare(arith::CmpIPredicate::uge, lane, l.constant(distance));
      sum = select(has, compose(other, sum), sum);
    }
    bool first = !carry.value || n * perRound % within == 0;
    Item before = carry;
    if (segment > 1) {
      Item shifted = shuffled(sum, [&](Value x) {
        return reverse ? l.ptx.shuffleDown(x, 1, segment) : l.ptx.shuffleUp(x, 1, segment);
      });
      Value isFirst = l.compare(arith::CmpIPredicate::eq, lane, l.constant(reverse ? segment - 1 : int64_t(0)));
      if (first) {
        for (Item &item : items)
          item = select(isFirst, item, compose(shifted, item));
      } else {
        before = select(isFirst, carry, compose(carry, shifted));
      }
    }
    if (!first)
      for (Item &item : items)
        item = compose(before, item);
    // The next round of the segment starts from the last lane's sum.
    if (within > perRound && (n + 1) * perRound % within) {
      Item whole = first ? sum : compose(carry, sum);
      Value last = l.constant(reverse ? int64_t(0) : width - 1);
      carry = width == 1 ? whole : shuffled(whole, [&](Value x) { return l.ptx.shuffleIndex(x, last, width); });
    }
  }
}

LogicalResult Scan::run() {
  if (width > 32)
    return op.emitOpError("scans over ") << width << " threads; rows lie within a warp, of 32";
  if (!llvm::isPowerOf2_64(width) || !llvm::isPowerOf2_64(within) ? within != size : false)
    return op.emitOpError("restarts every ") << within << " elements; a power of two fits the lanes";
  if (within % std::min(vector, within) || (within > vector && within < width * vector && !llvm::isPowerOf2_64(within / vector)))
    return op.emitOpError("restarts every ") << within << " elements, inside what a lane holds";
  Values values = l.of(op.getSource()), factors;
  if (op.getScale())
    factors = l.of(op.getScale());
  SmallVector<Item> items;
  for (auto [i, value] : llvm::enumerate(values))
    items.push_back({value, factors.empty() ? Value() : factors[i]});
  int64_t perRow = size / width;
  for (int64_t at = 0; at < int64_t(items.size()); at += perRow)
    scanRow(MutableArrayRef(items).slice(at, perRow));
  Values results;
  for (const Item &item : items)
    results.push_back(item.value);
  l.bind(op.getResult(), results);
  return success();
}

LogicalResult lowerScan(ScanOp op, Lowering &l) { return Scan(op, l).run(); }

} // namespace

void addScanLowerings(LoweringTable &table) { table.add<ScanOp, lowerScan>(); }

} // namespace ssm::tile::gpu
