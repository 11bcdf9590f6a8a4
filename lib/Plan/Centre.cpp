//===- Centre.cpp - differences from a mean ---------------------------------===//
//
//   x - (sum[D] x) / n  ->  (x - high) - low,   high + low = (sum[D] x) / n in f64
//
// Where values differ little from each other, the mean's rounding is much of what
// their differences from it have, and a normalisation divides by as little. The mean
// is taken in f64 and subtracted in two parts; the elements stay in f32. Where f64 is
// dear (a GPU) the second part is the mean of the differences from the first:
//
//   high = (sum[D] x) / n,   low = (sum[D] (x - high)) / n
//
//===----------------------------------------------------------------------===//
#include "Expand.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;

namespace ssm {

/// The value before its dimensions were put in another order.
static Value unaligned(Value value) {
  while (auto align = value.getDefiningOp<AlignOp>())
    value = align.getOperand();
  return value;
}

/// The division that makes it a mean of these values; null where it is none.
static MapOp meanOf(Value x, Value value) {
  auto division = unaligned(value).getDefiningOp<MapOp>();
  if (!division || division.getFn() != MapFn::Div || !getDims(division.getOperands()[1]).empty())
    return {};
  auto sum = division.getOperands()[0].getDefiningOp<ReduceOp>();
  return sum && sum.getMonoid() == Monoid::Add && unaligned(sum.getOperand()) == unaligned(x) ? division : MapOp();
}

void centreByParts(func::FuncOp function, bool wide) {
  SmallVector<MapOp> differences;
  function.walk([&](MapOp op) {
    if (op.getFn() == MapFn::Sub && getElement(op.getResult()).isF32())
      differences.push_back(op);
  });
  llvm::DenseMap<Operation *, std::pair<Value, Value>> means;
  for (MapOp op : differences) {
    Value x = op.getOperands()[0];
    MapOp mean = meanOf(x, op.getOperands()[1]);
    if (!mean)
      continue;
    ImplicitLocOpBuilder b(mean.getLoc(), mean);
    auto cast = [&](Value value, Type element) { return MapOp::create(b, value, element).getResult(); };
    auto &[high, low] = means[mean];
    if (!high) {
      auto sum = mean.getOperands()[0].getDefiningOp<ReduceOp>();
      auto dims = llvm::to_vector(sum.getDims().getAsValueRange<StringAttr>());
      Value count = mean.getOperands()[1];
      if (wide) {
        Value total = ReduceOp::create(b, Monoid::Add, cast(x, b.getF64Type()), ArrayRef<StringRef>(dims));
        Value exact = MapOp::create(b, MapFn::Div, {total, cast(count, b.getF64Type())});
        high = cast(exact, b.getF32Type());
        low = cast(MapOp::create(b, MapFn::Sub, {exact, cast(high, b.getF64Type())}), b.getF32Type());
      } else {
        b.setInsertionPointAfter(mean);
        high = mean.getResult();
        Value rest = ReduceOp::create(b, Monoid::Add, MapOp::create(b, MapFn::Sub, {x, high}), ArrayRef<StringRef>(dims));
        low = MapOp::create(b, MapFn::Div, {rest, count});
      }
    }
    b.setLoc(op.getLoc());
    b.setInsertionPoint(op);
    Value near = MapOp::create(b, MapFn::Sub, {x, high});
    Value centred = MapOp::create(b, MapFn::Sub, {near, low});
    if (centred.getType() != op.getType())
      centred = AlignOp::create(b, op.getType(), centred);
    op.replaceAllUsesWith(centred);
    op.erase();
  }
}

} // namespace ssm
