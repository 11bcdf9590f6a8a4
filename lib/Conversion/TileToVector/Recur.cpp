//===- Recur.cpp - a recurrence with its carries in registers ---------------===//
//
// Dimensions that the body neither sums nor rearranges are walked outside, the last
// of them a vector (or several, if the carries are few) at a time; all others are
// written out, an element of them a register:
//
//   for d in vectors { h0 .. h15 = ...; for t { h0 = f(h0, ..); ...; y[t, d] = ... } }
//
//===----------------------------------------------------------------------===//
#include "Lowering.h"
#include "Prepare.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace ssm::tile {
namespace {

class RecurEmitter {
public:
  RecurEmitter(Lowering &lowering, RecurOp op, RecurShape shape)
      : l(lowering), b(lowering.b), op(op), shape(std::move(shape)) {
    for (Value value : op.getBody().front().getArguments())
      if (llvm::isa<RankedTensorType>(value.getType()))
        uniteDims(dims, ssm::getDims(value));
    for (Operation &inner : op.getBody().front())
      for (Value value : inner.getOperands())
        if (llvm::isa<RankedTensorType>(value.getType()))
          uniteDims(dims, ssm::getDims(value));
    if (op.getCount()) {
      count = l.scalars.lookupOrDefault(op.getCount());
      count = arith::MaxSIOp::create(b, arith::MinSIOp::create(b, count, l.index(op.getLength())), l.index(0));
    } else {
      count = l.index(op.getLength());
    }
  }

  void emit() {
    if (op.getCount())
      for (Value output : op.getOutputs())
        zero(output);
    l.scopes.isolate([&] { outer(0, Point()); });
  }

private:
  using Values = llvm::SmallVector<Value>;

  int64_t sizeOf(StringAttr dim) { return dims[*findDim(dims, dim)].size; }

  /// What `count` leaves out is 0.
  void zero(Value output) {
    auto type = llvm::cast<RankedTensorType>(output.getType());
    OpBuilder::InsertionGuard guard(b);
    OpBuilder made(op);
    Value none = arith::ConstantOp::create(made, op.getLoc(), made.getZeroAttr(type));
    l.emitStore(none, l.storage(output));
  }

  void outer(unsigned i, Point point) {
    bool lanes = shape.lane && i + 1 == shape.outer.size();
    Values none;
    if (i < shape.outer.size() && !lanes) {
      auto inside = [&](Value at, ValueRange) -> Values {
        Point inner = point;
        inner.set(shape.outer[i], at);
        outer(i + 1, inner);
        return {};
      };
      if (Value extent = l.ownedExtent(shape.outer[i]))
        forRange(l, 0, extent, 1, {}, inside, none);
      else
        forRange(l, 0, sizeOf(shape.outer[i]), 1, {}, inside, none);
      return;
    }
    if (!lanes)
      return run({point});
    unsigned width = lanesFor(sizeOf(shape.lane), l.widest);
    int64_t size = sizeOf(shape.lane), whole = size / width, tail = size % width;
    int64_t together = std::clamp<int64_t>(12 / std::max<int64_t>(shape.vectors, 1), 1, 4);
    auto vectorAt = [&](Value begin, int64_t offset, unsigned valid) {
      Point vector = point;
      vector.set(shape.lane, l.add(begin, offset));
      vector.lane = shape.lane;
      vector.lanes = width;
      vector.valid = valid;
      return vector;
    };
    int64_t looped = whole / together * together;
    if (looped)
      forRange(l, 0, looped * width, together * width, {}, [&](Value at, ValueRange) -> Values {
        llvm::SmallVector<Point> points;
        for (int64_t u = 0; u < together; ++u)
          points.push_back(vectorAt(at, u * width, width));
        run(points);
        return {};
      }, none);
    llvm::SmallVector<Point> points;
    for (int64_t i = looped; i < whole; ++i)
      points.push_back(vectorAt(l.index(0), i * width, width));
    if (tail)
      points.push_back(vectorAt(l.index(0), whole * width, tail));
    if (!points.empty())
      run(points);
  }

  /// The point at every element of the dimensions in registers that the tile has.
  llvm::SmallVector<Point> written(Value tile, const Point &point) {
    llvm::SmallVector<Point> points{point};
    for (const NamedDim &dim : shape.held) {
      if (!hasDim(tile, dim.name))
        continue;
      llvm::SmallVector<Point> more;
      for (const Point &at : points)
        for (int64_t i = 0; i < dim.size; ++i) {
          more.push_back(at);
          more.back().set(dim.name, l.index(i));
        }
      points = std::move(more);
    }
    return points;
  }

  Lowering::Register keyOf(Value carry, const Point &point) {
    Lowering::Register key{carry, {}, point.lane && hasDim(carry, point.lane) ? point.get(point.lane) : Value()};
    for (const NamedDim &dim : ssm::getDims(carry))
      if (llvm::is_contained(l.registerDims, dim.name)) {
        APInt constant;
        if (matchPattern(point.get(dim.name), m_ConstantInt(&constant)))
          key.at.push_back(constant.getSExtValue());
      }
    return key;
  }

  void run(llvm::ArrayRef<Point> points) {
    l.registerDims.clear();
    for (const NamedDim &dim : shape.held)
      l.registerDims.push_back(dim.name);
    Values start;
    for (const Point &point : points)
      for (auto [init, carry] : llvm::zip(op.getInits(), op.getCarries()))
        for (const Point &at : written(carry, point))
          start.push_back(l.get(init, at));
    l.scopes.goTo(l.scopes.depth());
    auto loop = scf::ForOp::create(b, l.index(0), count, l.index(1), start);
    b.setInsertionPointToStart(loop.getBody());
    l.scopes.enter({loop.getInductionVar()}, [&] {
      Value at = loop.getInductionVar();
      if (op.getReverse()) {
        Value last = arith::SubIOp::create(b, count, l.index(1));
        at = arith::SubIOp::create(b, last, at);
        l.scopes.note(at, l.scopes.depth());
      }
      body(points, loop, at);
    });
    b.setInsertionPointAfter(loop);
    unsigned i = 0;
    for (const Point &point : points)
      for (auto [final, carry] : llvm::zip(op.getFinals(), op.getCarries()))
        for (const Point &at : written(carry, point)) {
          Value value = loop.getResult(i++);
          if (!final.use_empty())
            l.store(value, l.storage(final), at.within(ssm::getDims(final)));
        }
  }

  void body(llvm::ArrayRef<Point> points, scf::ForOp loop, Value at) {
    l.recurBody = &op.getBody().front();
    l.recurDepth = l.scopes.depth();
    l.scalars.map(op.getPosition(), at);
    unsigned i = 0;
    for (const Point &point : points)
      for (Value carry : op.getCarries())
        for (const Point &place : written(carry, point))
          l.registers[keyOf(carry, place)] = loop.getRegionIterArg(i++);
    for (auto [slice, argument] : llvm::zip(op.getSlices(), op.getSliceArguments()))
      l.slices[argument] = {slice, op.getDimAttr(), at};
    Values next;
    for (const Point &point : points)
      for (auto [value, carry] : llvm::zip(op.getNextCarries(), op.getCarries()))
        for (const Point &place : written(carry, point))
          next.push_back(l.get(value, place));
    for (const Point &point : points)
      for (auto [value, output] : llvm::zip(op.getYieldedOutputs(), op.getOutputs()))
        for (Point place : written(value, point)) {
          Value element = l.get(value, place);
          l.scopes.goTo(l.scopes.depth());
          place.set(op.getDimAttr(), at);
          l.store(element, l.storage(output), place.within(ssm::getDims(output)));
        }
    l.scopes.goTo(l.scopes.depth());
    if (!next.empty())
      scf::YieldOp::create(b, next);
    l.registers.clear();
    for (Value argument : op.getSliceArguments())
      l.slices.erase(argument);
    l.recurBody = nullptr;
  }

  Lowering &l;
  ImplicitLocOpBuilder &b;
  RecurOp op;
  RecurShape shape;
  NamedDims dims;
  Value count;
};

} // namespace

LogicalResult Lowering::emitRecur(RecurOp op) {
  std::string why;
  std::optional<RecurShape> shape = shapeOf(op, options, why);
  if (!shape)
    return op.emitOpError() << "cannot run in registers: " << why;
  RecurEmitter(*this, op, std::move(*shape)).emit();
  return success();
}

} // namespace ssm::tile
