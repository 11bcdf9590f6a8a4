//===- Combine.cpp - how elements are combined ------------------------------===//
#include "Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace ssm::tile {

static TypedAttr neutral(OpBuilder &b, Combiner combiner, Type element) {
  if (auto real = llvm::dyn_cast<FloatType>(element)) {
    switch (combiner) {
    case Combiner::Mul:
      return b.getFloatAttr(element, 1);
    case Combiner::Max:
      return b.getFloatAttr(element, llvm::APFloat::getInf(real.getFloatSemantics(), /*Negative=*/true));
    case Combiner::Min:
      return b.getFloatAttr(element, llvm::APFloat::getInf(real.getFloatSemantics()));
    default:
      return b.getFloatAttr(element, 0);
    }
  }
  unsigned width = element.getIntOrFloatBitWidth();
  switch (combiner) {
  case Combiner::Mul:
    return b.getIntegerAttr(element, 1);
  case Combiner::Max:
    return b.getIntegerAttr(element, llvm::APInt::getSignedMinValue(width));
  case Combiner::Min:
    return b.getIntegerAttr(element, llvm::APInt::getSignedMaxValue(width));
  default:
    return b.getIntegerAttr(element, 0);
  }
}

llvm::SmallVector<Value> Lowering::identity(CombineOp op, unsigned lanes) {
  llvm::SmallVector<Value> values;
  for (auto [i, operand] : llvm::enumerate(op.getInputs())) {
    TypedAttr element = op.getIdentities() ? llvm::cast<TypedAttr>((*op.getIdentities())[i])
                                           : neutral(b, op.getCombiner(), getElement(operand));
    values.push_back(lanes ? lanesOf(constant(element, 1), lanes) : constant(element, 1));
  }
  return values;
}

template <typename Real, typename Whole>
static Value apply(ImplicitLocOpBuilder &b, Value x, Value y) {
  if (llvm::isa<FloatType>(getElementTypeOrSelf(x.getType())))
    return Real::create(b, x, y);
  return Whole::create(b, x, y);
}

/// Clones a region on scalars with vectors in their place.
static llvm::SmallVector<Value> cloneRegion(ImplicitLocOpBuilder &b, Region &region, ValueRange arguments,
                                            IRMapping map) {
  for (auto [argument, value] : llvm::zip(region.getArguments(), arguments))
    map.map(argument, value);
  auto vector = llvm::dyn_cast<VectorType>(arguments.front().getType());
  for (Operation &op : region.front().without_terminator()) {
    OperationState state(b.getLoc(), op.getName());
    for (Value operand : op.getOperands()) {
      Value value = map.lookupOrDefault(operand);
      // What comes from outside is the same for all lanes.
      if (vector && !llvm::isa<VectorType>(value.getType()))
        value = vector::BroadcastOp::create(b, vector.clone(value.getType()), value);
      state.addOperands(value);
    }
    for (Type type : op.getResultTypes())
      state.addTypes(vector ? Type(vector.clone(type)) : type);
    state.addAttributes(op.getAttrs());
    Operation *made;
    if (auto constant = llvm::dyn_cast<arith::ConstantOp>(op); constant && vector)
      made = arith::ConstantOp::create(b, DenseElementsAttr::get(vector.clone(constant.getType()), constant.getValue()));
    else
      made = b.create(state);
    map.map(op.getResults(), made->getResults());
  }
  llvm::SmallVector<Value> results;
  for (Value value : region.front().getTerminator()->getOperands())
    results.push_back(map.lookupOrDefault(value));
  return results;
}

llvm::SmallVector<Value> Lowering::combine(CombineOp op, ValueRange x, ValueRange y) {
  switch (op.getCombiner()) {
  case Combiner::Add:
    return {apply<arith::AddFOp, arith::AddIOp>(b, x[0], y[0])};
  case Combiner::Mul:
    return {apply<arith::MulFOp, arith::MulIOp>(b, x[0], y[0])};
  case Combiner::Max:
    return {apply<arith::MaximumFOp, arith::MaxSIOp>(b, x[0], y[0])};
  case Combiner::Min:
    return {apply<arith::MinimumFOp, arith::MinSIOp>(b, x[0], y[0])};
  default: {
    llvm::SmallVector<Value> both(x);
    llvm::append_range(both, y);
    return cloneRegion(b, op.getBody(), both, scalars);
  }
  }
}

llvm::SmallVector<Value> Lowering::across(CombineOp op, ValueRange given) {
  llvm::SmallVector<Value> values(given);
  auto vector = llvm::dyn_cast<VectorType>(values.front().getType());
  for (int64_t lanes = vector ? vector.getNumElements() : 1; lanes > 1; lanes /= 2) {
    llvm::SmallVector<Value> low, high;
    for (Value value : values) {
      llvm::SmallVector<int64_t> first, second;
      for (int64_t i = 0; i < lanes / 2; ++i) {
        first.push_back(i);
        second.push_back(lanes / 2 + i);
      }
      low.push_back(vector::ShuffleOp::create(b, value, value, first));
      high.push_back(vector::ShuffleOp::create(b, value, value, second));
    }
    values = combine(op, low, high);
  }
  if (vector)
    for (Value &value : values)
      value = vector::ExtractOp::create(b, value, int64_t(0));
  return values;
}

/// Inside a recurrence in registers: every element of the reduced dimensions in turn.
Value Lowering::combineUnrolled(CombineOp op, unsigned result, const Point &point) {
  NamedDims dims = ssm::getDims(op.getInputs().front());
  llvm::SmallVector<llvm::StringRef> names(op.getDims().getAsValueRange<StringAttr>());
  llvm::SmallVector<Point> points{point};
  for (const NamedDim &dim : dims) {
    if (!llvm::is_contained(names, dim.name.getValue()))
      continue;
    llvm::SmallVector<Point> more;
    for (const Point &at : points)
      for (int64_t i = 0; i < dim.size; ++i) {
        more.push_back(at);
        more.back().set(dim.name, index(i));
      }
    points = std::move(more);
  }
  // Four sums at a time: the operations of one do not wait for those of another.
  llvm::SmallVector<llvm::SmallVector<Value>, 4> partial;
  for (auto [i, at] : llvm::enumerate(points)) {
    llvm::SmallVector<Value> values;
    for (Value operand : op.getInputs())
      values.push_back(get(operand, at));
    if (partial.size() < 4)
      partial.push_back(values);
    else
      partial[i % 4] = combine(op, partial[i % 4], values);
  }
  while (partial.size() > 1) {
    llvm::SmallVector<Value> last = partial.pop_back_val();
    partial[partial.size() / 2] = combine(op, partial[partial.size() / 2], last);
  }
  return partial.front()[result];
}

} // namespace ssm::tile
