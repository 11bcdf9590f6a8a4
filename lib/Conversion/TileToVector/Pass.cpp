//===- Pass.cpp - one loop nest over a domain -------------------------------===//
//
// Dimensions that stay are the outer loops, reduced ones the inner, whose partial
// results are carried in registers. Vectors along the last dimension are taken up
// to four at a time, so that their chains of operations overlap:
//
//   for m { x = f(m, l .. l + 16); y = f(m, l + 16 .. l + 32); store x; store y }
//
//===----------------------------------------------------------------------===//
#include "Lowering.h"
#include "Schedule.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace ssm::tile {
namespace {

/// What an element of the pass costs, roughly in instructions.
unsigned costOf(Operation *op, llvm::SmallPtrSetImpl<Operation *> &seen, const Schedule &schedule, bool root) {
  if (!seen.insert(op).second)
    return 0;
  if (!root && (!isPointwise(op) || llvm::any_of(op->getResults(), [&](Value v) { return schedule.stored.contains(v); })))
    return 1;
  unsigned cost = llvm::isa_and_nonnull<math::MathDialect>(op->getDialect()) ? 16 : 1;
  for (Value operand : op->getOperands())
    if (Operation *def = operand.getDefiningOp(); def && def->getBlock() == op->getBlock())
      cost += costOf(def, seen, schedule, false);
  return cost;
}

class PassEmitter {
public:
  PassEmitter(Lowering &lowering, const Group &group, const Schedule &schedule)
      : l(lowering), b(lowering.b), group(group) {
    llvm::SmallPtrSet<Operation *, 16> seen;
    unsigned cost = 0;
    for (Operation *root : group.roots)
      cost += costOf(root, seen, schedule, true);
    unroll = cost <= 8 ? 4 : cost <= 24 ? 2 : 1;
    for (Operation *root : group.roots)
      if (auto combine = llvm::dyn_cast<CombineOp>(root))
        combines.push_back(combine);
    for (const NamedDim &dim : group.domain)
      if (!isReduced(dim.name))
        kept.push_back(dim);
      else
        reduced.push_back(dim);
    if (!group.domain.empty()) {
      const NamedDim &last = group.domain.back();
      lanes = {last.name, lanesFor(last.size, l.widest), last.size};
      laneReduced = isReduced(last.name);
      (laneReduced ? reduced : kept).pop_back();
    }
  }

  void emit() {
    l.scopes.isolate([&] {
      findExtents();
      outer(0, Point());
    });
  }

private:
  using Values = llvm::SmallVector<Value>;

  bool isReduced(StringAttr dim) { return llvm::is_contained(group.reduced, dim); }

  Point vectorAt(Point point, Value begin, int64_t offset, unsigned valid) {
    point.set(lanes.dim, l.add(begin, offset));
    point.lane = lanes.lanes > 1 ? lanes.dim : StringAttr();
    point.lanes = lanes.lanes;
    point.valid = valid;
    return point;
  }

  /// What is only written is only computed where it is; nothing where the item has no
  /// elements.
  void findExtents() {
    for (const NamedDim &dim : group.domain) {
      Value most;
      for (Operation *root : group.roots) {
        auto write = llvm::dyn_cast<WriteOp>(root);
        Value extent = write ? l.extentOf(write, dim.name) : Value();
        if (!extent) {
          most = {};
          break;
        }
        most = most ? arith::MaxSIOp::create(b, most, extent).getResult() : extent;
      }
      if (!most)
        most = l.ownedExtent(dim.name);
      if (most)
        extents[dim.name] = most;
    }
  }

  /// Up to the dimension's extent, if that is known.
  void range(StringAttr dim, int64_t end, int64_t step, llvm::function_ref<void(Value)> body) {
    Values none;
    auto inside = [&](Value at, ValueRange) -> Values {
      body(at);
      return {};
    };
    Value extent = extents.lookup(dim);
    if (!extent || end <= step)
      return forRange(l, 0, end, step, {}, inside, none);
    if (end < group.domain[*findDim(group.domain, dim)].size) {
      l.scopes.goTo(0);
      extent = arith::MinSIOp::create(b, extent, l.index(end));
    }
    forRange(l, 0, extent, step, {}, inside, none);
  }

  /// The dimensions that stay.
  void outer(unsigned i, Point point) {
    if (i < kept.size())
      return range(kept[i].name, kept[i].size, 1, [&](Value at) {
        Point inner = point;
        inner.set(kept[i].name, at);
        outer(i + 1, inner);
      });
    if (group.domain.empty() || laneReduced)
      return reduceFor({point});
    // Vectors along the last dimension: a loop of several at a time, and the rest.
    int64_t whole = lanes.whole(), looped = whole <= unroll ? 0 : whole / unroll * unroll;
    if (looped)
      range(lanes.dim, looped * lanes.lanes, unroll * lanes.lanes, [&](Value at) {
        llvm::SmallVector<Point> points;
        for (unsigned u = 0; u < unroll; ++u)
          points.push_back(vectorAt(point, at, u * lanes.lanes, lanes.lanes));
        reduceFor(points);
      });
    llvm::SmallVector<Point> points;
    for (int64_t i = looped; i < whole; ++i)
      points.push_back(vectorAt(point, l.index(0), i * lanes.lanes, lanes.lanes));
    if (lanes.tail())
      points.push_back(vectorAt(point, l.index(0), whole * lanes.lanes, lanes.tail()));
    if (!points.empty())
      reduceFor(points);
  }

  /// The reduced dimensions around some points, and what becomes of the results.
  void reduceFor(llvm::ArrayRef<Point> points) {
    if (combines.empty()) {
      if (laneReduced)
        return; // nothing reduces
      visit(points, {});
      return;
    }
    l.scopes.goTo(l.scopes.depth());
    unsigned sets = laneReduced ? std::max(1u, unsigned(std::min<int64_t>(unroll, std::max<int64_t>(lanes.whole(), 1)))) : points.size();
    bool vectors = !group.domain.empty() && lanes.lanes > 1;
    Values start;
    for (unsigned i = 0; i < sets; ++i)
      for (CombineOp op : combines)
        llvm::append_range(start, l.identity(op, vectors ? lanes.lanes : 0));
    Values sums = inner(0, llvm::to_vector(points), start);
    l.scopes.goTo(l.scopes.depth());
    unsigned each = start.size() / sets;
    if (!laneReduced) {
      for (auto [i, point] : llvm::enumerate(points))
        keep(point, ArrayRef(sums).slice(i * each, each));
      return;
    }
    Values one(sums.begin(), sums.begin() + each);
    for (unsigned i = 1; i < sets; ++i)
      one = combineAll(one, ArrayRef(sums).slice(i * each, each));
    Values elements;
    unsigned at = 0;
    for (CombineOp op : combines) {
      llvm::append_range(elements, l.across(op, ArrayRef(one).slice(at, op.getInputs().size())));
      at += op.getInputs().size();
    }
    keep(points.front(), elements);
  }

  Values inner(unsigned i, llvm::SmallVector<Point> points, ValueRange sums) {
    if (i < reduced.size()) {
      Values results;
      forRange(l, 0, reduced[i].size, 1, sums, [&](Value at, ValueRange carried) {
        llvm::SmallVector<Point> inside = points;
        for (Point &point : inside)
          point.set(reduced[i].name, at);
        return inner(i + 1, inside, carried);
      }, results);
      return results;
    }
    if (!laneReduced)
      return visit(points, sums);
    // Along the lanes: as many sums as vectors at a time.
    Point point = points.front();
    int64_t whole = lanes.whole();
    unsigned sets = std::max(1u, unsigned(std::min<int64_t>(unroll, std::max<int64_t>(whole, 1)))), each = sums.size() / sets;
    int64_t looped = whole <= unroll ? 0 : whole / sets * sets;
    Values results(sums);
    if (looped)
      forRange(l, 0, looped * lanes.lanes, sets * lanes.lanes, sums, [&](Value at, ValueRange carried) {
        llvm::SmallVector<Point> inside;
        for (unsigned u = 0; u < sets; ++u)
          inside.push_back(vectorAt(point, at, u * lanes.lanes, lanes.lanes));
        return visit(inside, carried);
      }, results);
    unsigned set = 0;
    auto one = [&](int64_t begin, unsigned valid) {
      Values part(results.begin() + set * each, results.begin() + (set + 1) * each);
      Values next = visit({vectorAt(point, l.index(0), begin, valid)}, part);
      llvm::copy(next, results.begin() + set * each);
      set = (set + 1) % sets;
    };
    for (int64_t i = looped; i < whole; ++i)
      one(i * lanes.lanes, lanes.lanes);
    if (lanes.tail())
      one(whole * lanes.lanes, lanes.tail());
    return results;
  }

  /// All roots at some points: values first, then what is stored.
  Values visit(llvm::ArrayRef<Point> points, ValueRange sums) {
    Values next;
    llvm::SmallVector<std::tuple<Operation *, const Point *, Values>> writes;
    llvm::SmallVector<std::tuple<Value, const Point *, Value>> stores;
    unsigned at = 0;
    for (const Point &point : points) {
      for (Operation *root : group.roots) {
        if (auto write = llvm::dyn_cast<WriteOp>(root)) {
          Values values;
          for (Value value : write.getValues())
            values.push_back(l.get(value, point));
          writes.push_back({root, &point, values});
        } else if (!llvm::isa<CombineOp>(root)) {
          for (Value result : root->getResults())
            if (!result.use_empty())
              stores.push_back({result, &point, l.get(result, point)});
        }
      }
      for (CombineOp op : combines) {
        Values elements;
        for (Value operand : op.getInputs())
          elements.push_back(l.get(operand, point));
        l.scopes.goTo(l.scopes.depth());
        if (point.lane && laneReduced && point.valid < point.lanes)
          elements = maskPadding(op, elements, point);
        unsigned count = elements.size();
        Values old(sums.begin() + at, sums.begin() + at + count);
        llvm::append_range(next, l.combine(op, old, elements));
        at += count;
      }
    }
    for (auto &[value, point, element] : stores) {
      l.scopes.goTo(l.scopes.depth());
      l.store(element, l.storage(value), *point);
    }
    for (auto &[op, point, values] : writes)
      l.write(llvm::cast<WriteOp>(op), *point, values);
    return next;
  }

  Values maskPadding(CombineOp op, Values elements, const Point &point) {
    auto type = VectorType::get(point.lanes, b.getI1Type());
    Value valid = vector::CreateMaskOp::create(b, type, l.index(point.valid));
    Values neutral = l.identity(op, point.lanes);
    for (auto [element, identity] : llvm::zip(elements, neutral))
      element = arith::SelectOp::create(b, valid, element, identity);
    return elements;
  }

  Values combineAll(ArrayRef<Value> x, ArrayRef<Value> y) {
    Values results;
    unsigned at = 0;
    for (CombineOp op : combines) {
      unsigned count = op.getInputs().size();
      llvm::append_range(results, l.combine(op, x.slice(at, count), y.slice(at, count)));
      at += count;
    }
    return results;
  }

  /// Stores the results of the reductions.
  void keep(const Point &point, ArrayRef<Value> values) {
    unsigned at = 0;
    for (CombineOp op : combines)
      for (Value result : op.getResults()) {
        Value value = values[at++];
        if (result.use_empty())
          continue;
        Point place = point.within(ssm::getDims(result));
        if (!isContiguousIn(result, place))
          scatterInto(value, result, place);
        else
          l.store(value, l.storage(result), place);
      }
  }
  bool isContiguousIn(Value tile, const Point &point) {
    return !point.lane || ssm::getDims(tile).back().name == point.lane;
  }
  void scatterInto(Value value, Value tile, const Point &point) {
    for (unsigned i = 0; i < point.valid; ++i) {
      Point one = point.scalar();
      one.set(point.lane, l.add(point.get(point.lane), i));
      l.store(vector::ExtractOp::create(b, value, static_cast<int64_t>(i)), l.storage(tile), one);
    }
  }

  Lowering &l;
  ImplicitLocOpBuilder &b;
  const Group &group;
  llvm::SmallVector<CombineOp> combines;
  NamedDims kept, reduced;
  Lanes lanes;
  bool laneReduced = false;
  unsigned unroll = 1;
  llvm::DenseMap<StringAttr, Value> extents;
};

} // namespace

LogicalResult Lowering::emitPass(const Group &group, const Schedule &schedule) {
  PassEmitter(*this, group, schedule).emit();
  return success();
}

void Lowering::emitStore(Value tile, const Buffer &into) {
  NamedDims dims = into.dims;
  scopes.isolate([&] {
    std::function<void(unsigned, Point)> nest = [&](unsigned i, Point point) {
      llvm::SmallVector<Value> none;
      if (i + 1 < dims.size()) {
        forRange(*this, 0, dims[i].size, 1, {}, [&](Value at, ValueRange) -> llvm::SmallVector<Value> {
          Point inner = point;
          inner.set(dims[i].name, at);
          nest(i + 1, inner);
          return {};
        }, none);
        return;
      }
      auto put = [&](const Point &at) {
        Value value = get(tile, at);
        scopes.goTo(scopes.depth());
        store(value, into, at);
      };
      if (dims.empty())
        return put(point);
      unsigned lanes = lanesFor(dims[i].size, widest);
      int64_t padded = llvm::alignTo(dims[i].size, lanes);
      forRange(*this, 0, padded, lanes, {}, [&](Value at, ValueRange) -> llvm::SmallVector<Value> {
        Point inner = point;
        inner.set(dims[i].name, at);
        inner.lanes = inner.valid = lanes;
        inner.lane = lanes > 1 ? dims[i].name : StringAttr();
        // The last vector of an odd size may be read past its elements, never past the padding.
        if (padded != dims[i].size)
          inner.valid = padded == lanes ? dims[i].size : lanes;
        put(inner);
        return {};
      }, none);
    };
    nest(0, Point());
  });
}

} // namespace ssm::tile
