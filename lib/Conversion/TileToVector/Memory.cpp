//===- Memory.cpp - reads and writes of views -------------------------------===//
//
// A vector of a view is a masked load: lanes outside the view are off. The mask
// counts the lanes that are inside along the lanes' dimension, and is empty where
// another index is outside, so that nothing branches.
//
//===----------------------------------------------------------------------===//
#include "Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace ssm::tile {
namespace {

/// What one access at a point touches.
struct Access {
  Value memory;
  llvm::SmallVector<Value> indices; // of the first lane; a vector for gathered ones
  std::optional<unsigned> lane;     // the view's dimension that the lanes walk along
  Value inside;                     // i1, or a vector of them; null: all inside
  Value count;                      // lanes inside, where they are the first ones
  bool gathers = false;
};

struct Accessor {
  Lowering &l;
  ImplicitLocOpBuilder &b;
  ViewType view;
  Point point;
  Access access;
  Value condition; // of the index just added

  template <typename Op>
  Accessor(Lowering &lowering, Op op, const Point &point)
      : l(lowering), b(lowering.b), view(op.getView().getType()), point(point) {
    access.memory = l.scalars.lookupOrDefault(op.getView());
    llvm::StringMap<Value> coordinates, counts;
    for (auto [name, value] : llvm::zip(op.getDims().template getAsValueRange<StringAttr>(), op.getCoordinates()))
      coordinates[name] = value;
    for (auto [name, value] : llvm::zip(op.getCountDims().template getAsValueRange<StringAttr>(), op.getCounts()))
      counts[name] = l.scalars.lookupOrDefault(value);
    for (auto [i, dim] : llvm::enumerate(view.getDims())) {
      addIndex(i, dim, coordinates.lookup(dim.name), counts.lookup(dim.name));
      // Each condition stands where its index is known, all together where the access is.
      access.inside = both(access.inside, condition);
      condition = {};
    }
  }

  Value both(Value x, Value y) {
    if (!x || !y)
      return x ? x : y;
    if (x.getType() != y.getType()) {
      if (!llvm::isa<VectorType>(x.getType()))
        x = l.lanesOf(x, point.lanes);
      else
        y = l.lanesOf(y, point.lanes);
    }
    return arith::AndIOp::create(b, x, y);
  }
  Value sizeOf(unsigned i, const NamedDim &dim) {
    return dim.isStatic() ? l.index(dim.size) : memref::DimOp::create(b, access.memory, i).getResult();
  }

  void addIndex(unsigned i, const NamedDim &dim, Value coordinate, Value count) {
    if (coordinate && llvm::isa<RankedTensorType>(coordinate.getType()))
      return addGathered(i, dim, coordinate, count);
    Value inTile = point.get(dim.name);
    Value offset = coordinate ? l.scalars.lookupOrDefault(coordinate) : Value();
    Value at = !inTile ? offset : offset ? l.add(offset, inTile) : inTile;
    access.indices.push_back(at);
    bool lanes = point.lane && dim.name == point.lane;
    if (lanes)
      access.lane = i;
    else if (inTile && llvm::is_contained(l.bounded, dim.name) && isNatural(at))
      return;
    // Read whole, and no longer than it is: nothing to check but the padding.
    bool whole = !offset && !count && dim.isStatic();
    if (whole) {
      if (lanes && point.valid < point.lanes)
        access.count = l.index(point.valid);
      return;
    }
    unsigned depth = l.scopes.depthOf(at);
    OpBuilder::InsertionGuard guard(b);
    l.scopes.goTo(depth);
    Value zero = l.index(0), limit = sizeOf(i, dim);
    if (count)
      limit = arith::MinSIOp::create(b, limit, count);
    access.indices.back() = within(at, limit, lanes ? point.lanes : 0, depth);
    if (!lanes) {
      Value low = isNatural(at) ? Value() : arith::CmpIOp::create(b, arith::CmpIPredicate::sge, at, zero).getResult();
      condition = both(low, arith::CmpIOp::create(b, arith::CmpIPredicate::slt, at, limit));
      return;
    }
    Value left = arith::SubIOp::create(b, limit, at);
    if (isNatural(at)) {
      left = arith::MaxSIOp::create(b, left, zero);
      access.count = arith::MinSIOp::create(b, left, l.index(point.valid));
      l.scopes.note(access.count, depth);
      return;
    }
    Value lane = vector::StepOp::create(b, VectorType::get(point.lanes, b.getIndexType()));
    Value places = arith::AddIOp::create(b, lane, l.lanesOf(at, point.lanes));
    Value low = arith::CmpIOp::create(b, arith::CmpIPredicate::sge, places, l.lanesOf(zero, point.lanes));
    Value high = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, places, l.lanesOf(limit, point.lanes));
    Value valid = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, lane, l.lanesOf(l.index(point.valid), point.lanes));
    condition = both(valid, both(low, high));
  }

  /// The index where it is inside, else one whose memory may be touched: loads of which
  /// no lane is on still take a slow path where their page is missing.
  Value within(Value at, Value limit, int64_t lanes, unsigned depth) {
    Value last = arith::MaxSIOp::create(b, arith::SubIOp::create(b, limit, l.index(1)), l.index(0));
    Value safe = arith::MinSIOp::create(b, at, last);
    if (!isNatural(at))
      safe = arith::MaxSIOp::create(b, safe, l.index(-lanes));
    l.scopes.note(safe, depth);
    return safe;
  }

  /// Never negative, plain to see: sums of loop indices and constants.
  static bool isNatural(Value value) {
    if (auto argument = llvm::dyn_cast<BlockArgument>(value)) {
      Operation *loop = argument.getOwner()->getParentOp();
      if (auto range = llvm::dyn_cast<scf::ForOp>(loop))
        return isNatural(range.getLowerBound());
      return llvm::isa<scf::ParallelOp>(loop);
    }
    APInt constant;
    if (matchPattern(value, m_ConstantInt(&constant)))
      return !constant.isNegative();
    if (auto sum = value.getDefiningOp<arith::AddIOp>())
      return isNatural(sum.getLhs()) && isNatural(sum.getRhs());
    if (auto product = value.getDefiningOp<arith::MulIOp>())
      return isNatural(product.getLhs()) && isNatural(product.getRhs());
    return false;
  }

  void addGathered(unsigned i, const NamedDim &dim, Value tile, Value count) {
    Value at = l.get(tile, point);
    bool lanes = llvm::isa<VectorType>(at.getType());
    Type type = lanes ? Type(VectorType::get(point.lanes, b.getIndexType())) : b.getIndexType();
    at = arith::IndexCastOp::create(b, type, at);
    access.indices.push_back(at);
    access.gathers |= lanes;
    Value limit = sizeOf(i, dim);
    if (count)
      limit = arith::MinSIOp::create(b, limit, count);
    Value zero = l.index(0);
    auto wide = [&](Value value) { return lanes ? l.lanesOf(value, point.lanes) : value; };
    Value low = arith::CmpIOp::create(b, arith::CmpIPredicate::sge, at, wide(zero));
    Value high = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, at, wide(limit));
    condition = both(low, high);
  }

  /// Which lanes are inside.
  Value mask() {
    auto type = VectorType::get(point.lanes, b.getI1Type());
    Value inside = access.inside, count = access.count;
    if (inside && !llvm::isa<VectorType>(inside.getType()) && access.lane) {
      count = arith::SelectOp::create(b, inside, count ? count : l.index(point.valid), l.index(0));
      inside = {};
    }
    Value lanes;
    if (count)
      lanes = vector::CreateMaskOp::create(b, type, count);
    else if (point.valid < point.lanes)
      lanes = vector::CreateMaskOp::create(b, type, l.index(point.valid));
    if (inside && !llvm::isa<VectorType>(inside.getType()))
      inside = l.lanesOf(inside, point.lanes);
    return both(inside, lanes);
  }
  Value maskOrAll() {
    if (Value known = mask())
      return known;
    return arith::ConstantOp::create(b, DenseElementsAttr::get(VectorType::get(point.lanes, b.getI1Type()), true));
  }

  /// Of pairs that lie side by side, which elements of them are inside; null where that
  /// takes more than a count. `all` is set where all are.
  Value pairMask(bool &all) {
    all = !access.inside && !access.count && point.valid == point.lanes;
    if (all || (access.inside && llvm::isa<VectorType>(access.inside.getType())))
      return {};
    Value count = access.count ? access.count : l.index(point.valid);
    if (access.inside)
      count = arith::SelectOp::create(b, access.inside, count, l.index(0));
    count = arith::MulIOp::create(b, count, l.index(2));
    return vector::CreateMaskOp::create(b, VectorType::get(2 * point.lanes, b.getI1Type()), count);
  }

  /// The lanes lie side by side in memory.
  bool contiguous() { return !access.gathers && access.lane && *access.lane + 1 == view.getShape().size(); }

  /// The place of the first lane in the flat buffer, and each lane's distance from it.
  Value distances() {
    unsigned rank = view.getShape().size();
    Value stride = l.index(1), sum;
    for (unsigned i = rank; i-- > 0;) {
      Value part;
      if (llvm::isa<VectorType>(access.indices[i].getType()))
        part = access.indices[i];
      else if (access.lane == i)
        part = vector::StepOp::create(b, VectorType::get(point.lanes, b.getIndexType()));
      if (part) {
        part = arith::MulIOp::create(b, part, l.lanesOf(stride, point.lanes));
        sum = sum ? arith::AddIOp::create(b, sum, part).getResult() : part;
      }
      stride = b.createOrFold<arith::MulIOp>(stride, sizeOf(i, view.getDims()[i]));
    }
    return sum;
  }
  llvm::SmallVector<Value> starts() {
    llvm::SmallVector<Value> indices;
    for (Value at : access.indices)
      indices.push_back(llvm::isa<VectorType>(at.getType()) ? l.index(0) : at);
    return indices;
  }
  /// Of a complex view: the parts are a dimension behind.
  bool isPair() { return llvm::isa<ComplexType>(view.getElementType()); }
};

} // namespace

/// Rows that lie apart are asked for one tile ahead, where a loop walks them in order: no
/// machine guesses them. Likewise the next parts of more rows than a machine follows, where
/// a product reads them in place.
static void fetchAhead(Lowering &l, ReadOp op, Value memory, llvm::ArrayRef<Value> starts) {
  NamedDims dims = op.getView().getType().getDims();
  for (auto [name, coordinate] : llvm::zip(op.getDims().getAsRange<StringAttr>(), op.getCoordinates())) {
    auto position = llvm::dyn_cast<BlockArgument>(coordinate);
    auto loop = position ? llvm::dyn_cast<LoopOp>(position.getOwner()->getParentOp()) : LoopOp();
    std::optional<unsigned> place = findDim(dims, name);
    bool manyRows = !l.bounded.empty() && ssm::getDims(op.getResult(0)).front().size > 16;
    if (!loop || loop.getPosition() != position || (*place + 1 == dims.size() && !manyRows) ||
        op.getView().getDefiningOp<ScratchOp>())
      continue;
    int64_t step = loop.getStep();
    llvm::SmallVector<Value> next(starts);
    next[*place] = arith::AddIOp::create(l.b, next[*place], l.index(loop.getOrder() == Order::Down ? -step : step));
    memref::PrefetchOp::create(l.b, memory, next, /*isWrite=*/false, /*localityHint=*/2, /*isDataCache=*/true);
    return;
  }
}

Value Lowering::read(ReadOp op, unsigned result, const Point &point) {
  Accessor a(*this, op, point);
  Type element = a.view.getTileElement();
  TypedAttr fillAttr = op.getFillAttr() ? op.getFillAttr() : b.getZeroAttr(element);
  Value part = index(result);
  llvm::SmallVector<Value> starts = a.starts();
  if (a.isPair())
    starts.push_back(part);
  if (!point.lane) {
    auto loadOne = [&] { return memref::LoadOp::create(b, a.access.memory, starts).getResult(); };
    if (!a.access.inside)
      return loadOne();
    auto guarded = scf::IfOp::create(b, TypeRange(element), a.access.inside, /*withElseRegion=*/true);
    b.setInsertionPointToStart(guarded.thenBlock());
    scf::YieldOp::create(b, loadOne());
    b.setInsertionPointToStart(guarded.elseBlock());
    scf::YieldOp::create(b, constant(fillAttr, 1));
    b.setInsertionPointAfter(guarded);
    return guarded.getResult(0);
  }
  auto type = VectorType::get(point.lanes, element);
  Value fill = constant(fillAttr, point.lanes);
  if (point.lanes == 1)
    fill = lanesOf(fill, 1);
  if (a.contiguous() && !a.isPair()) {
    fetchAhead(*this, op, a.access.memory, starts);
    Value mask = a.mask();
    if (!mask)
      return vector::LoadOp::create(b, type, a.access.memory, starts);
    return vector::MaskedLoadOp::create(b, type, a.access.memory, starts, mask, fill);
  }
  if (a.contiguous() && a.isPair()) { // all of the pairs, and every second element of them
    bool all;
    Value mask = a.pairMask(all);
    if (all || mask) {
      auto pairs = VectorType::get(2 * point.lanes, element);
      starts.back() = index(0);
      Value both;
      if (all)
        both = vector::LoadOp::create(b, pairs, a.access.memory, starts);
      else
        both = vector::MaskedLoadOp::create(b, pairs, a.access.memory, starts, mask, constant(fillAttr, 2 * point.lanes));
      llvm::SmallVector<int64_t> places;
      for (unsigned i = 0; i < point.lanes; ++i)
        places.push_back(2 * i + result);
      return vector::ShuffleOp::create(b, both, both, places);
    }
  }
  if (!a.access.gathers && !a.access.lane) // the tile's lanes are no dimension of the view
    return lanesOf(read(op, result, point.scalar()), point.lanes);
  Value distances = a.distances();
  if (a.isPair())
    distances = arith::MulIOp::create(b, distances, lanesOf(index(2), point.lanes));
  return vector::GatherOp::create(b, type, a.access.memory, starts, distances, a.maskOrAll(), fill);
}

void Lowering::write(WriteOp op, const Point &point, llvm::ArrayRef<Value> values) {
  scopes.goTo(scopes.depth());
  Accessor a(*this, op, point);
  if (!point.lane || a.access.gathers || (op.getAccumulate() && !a.contiguous())) {
    // One element after the other: two lanes may go to one place.
    Value mask = point.lane ? a.maskOrAll() : a.access.inside;
    for (unsigned i = 0; i < point.lanes; ++i) {
      llvm::SmallVector<Value> at;
      for (auto [k, start] : llvm::enumerate(a.access.indices)) {
        if (llvm::isa<VectorType>(start.getType()))
          at.push_back(vector::ExtractOp::create(b, start, static_cast<int64_t>(i)));
        else
          at.push_back(a.access.lane == k ? add(start, i) : start); // where the lane is off, not used
      }
      Value inside = point.lane ? vector::ExtractOp::create(b, mask, static_cast<int64_t>(i)).getResult() : mask;
      auto put = [&] {
        for (auto [part, value] : llvm::enumerate(values)) {
          llvm::SmallVector<Value> place = at;
          if (a.isPair())
            place.push_back(index(part));
          Value one = point.lane ? vector::ExtractOp::create(b, value, static_cast<int64_t>(i)).getResult() : value;
          if (op.getAccumulate()) {
            Value old = memref::LoadOp::create(b, a.access.memory, place);
            one = llvm::isa<FloatType>(one.getType()) ? arith::AddFOp::create(b, old, one).getResult()
                                                      : arith::AddIOp::create(b, old, one).getResult();
          }
          memref::StoreOp::create(b, one, a.access.memory, place);
        }
      };
      if (!inside) {
        put();
        continue;
      }
      auto guarded = scf::IfOp::create(b, inside, /*withElseRegion=*/false);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(guarded.thenBlock());
      put();
    }
    return;
  }
  if (a.contiguous() && a.isPair() && !op.getAccumulate()) { // the parts laid into each other
    bool all;
    Value mask = a.pairMask(all);
    if (all || mask) {
      llvm::SmallVector<Value> starts = a.starts();
      starts.push_back(index(0));
      llvm::SmallVector<int64_t> places;
      for (unsigned i = 0; i < 2 * point.lanes; ++i)
        places.push_back(i / 2 + i % 2 * point.lanes);
      Value both = vector::ShuffleOp::create(b, values[0], values[1], places);
      if (all)
        vector::StoreOp::create(b, both, a.access.memory, starts);
      else
        vector::MaskedStoreOp::create(b, a.access.memory, starts, mask, both);
      return;
    }
  }
  Value mask = a.maskOrAll();
  for (auto [part, given] : llvm::enumerate(values)) {
    Value value = given;
    llvm::SmallVector<Value> starts = a.starts();
    if (a.isPair())
      starts.push_back(index(part));
    if (op.getAccumulate()) {
      Value old = vector::MaskedLoadOp::create(b, llvm::cast<VectorType>(value.getType()), a.access.memory, starts, mask,
                                               value);
      value = llvm::isa<FloatType>(getElementTypeOrSelf(value.getType())) ? arith::AddFOp::create(b, old, value).getResult()
                                                                         : arith::AddIOp::create(b, old, value).getResult();
    }
    if (a.contiguous() && !a.isPair()) {
      vector::MaskedStoreOp::create(b, a.access.memory, starts, mask, value);
      continue;
    }
    Value distances = a.distances();
    if (a.isPair())
      distances = arith::MulIOp::create(b, distances, lanesOf(index(2), point.lanes));
    vector::ScatterOp::create(b, Type(), a.access.memory, starts, distances, mask, value);
  }
}

} // namespace ssm::tile
