//===- Expand.cpp - composite operations by their parts ---------------------===//
//
//   softmax[M] x  =  e / sum[M] e, 0 where the sum is 0,  e = exp(x - max[M] x), the
//                    maximum and the sum by an online fold
//   argmax[M] x   =  min[M] (pos(M) where x is the maximum or no number)
//   an online fold whose maximum runs over F too, which its sums keep  =  a fold with a
//                    maximum for each element of F, its sums times exp(r[F] - max[F] r)
//   cumsum[L] x   =  scan[L] s = 0 { s + x }
//   scan[L], linear_recurrence[L] where L has one element  =  its body
//
//===----------------------------------------------------------------------===//
#include "Expand.h"

#include "ssm/Algebra/Passes.h"
#include "ssm/Plan/Anchors.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"

#include <limits>

using namespace mlir;

namespace ssm {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

class Expander {
public:
  explicit Expander(Operation *op) : b(op->getLoc(), op) {}

  Value map(MapFn fn, ValueRange operands) { return MapOp::create(b, fn, operands); }
  Value number(double value, Type element) { return scalar(b.getFloatAttr(element, value), element); }
  Value integer(int64_t value) { return scalar(b.getI64IntegerAttr(value), b.getI64Type()); }
  Value scalar(TypedAttr value, Type element) {
    auto type = RankedTensorType::get({}, element);
    return arith::ConstantOp::create(b, DenseElementsAttr::get(type, static_cast<Attribute>(value)));
  }
  Value reduce(Monoid monoid, Value x, ArrayRef<StringRef> dims) { return ReduceOp::create(b, monoid, x, dims); }
  static SmallVector<StringRef> names(ArrayAttr array) { return llvm::to_vector(array.getAsValueRange<StringAttr>()); }

  /// The maximum r and the sum of exp(x - r), in one pass; in the body of a scan, whose
  /// values are short, in two.
  std::pair<Value, Value> sumUnderMaximum(Operation *op, Value x, ArrayRef<StringRef> dims) {
    if (!llvm::isa<func::FuncOp>(op->getParentOp())) {
      Value top = reduce(Monoid::Max, x, dims);
      return {top, reduce(Monoid::Add, map(MapFn::Exp, map(MapFn::Sub, {x, referenceOf(top)})), dims)};
    }
    Type type = getTensorType(withoutDims(getDims(x), dims), getElement(x));
    auto fold = OnlineFoldOp::create(b, type, TypeRange(type), x, b.getStrArrayAttr(dims), Value(), ValueRange(), ArrayRef<int64_t>{0},
                                     b.getArrayAttr({b.getStrArrayAttr(dims)}), false);
    return {fold.getMaximum(), fold.getSums()[0]};
  }
  /// The reference under the exponentials: 0 where the maximum is -inf.
  Value referenceOf(Value top) {
    Value none = map(MapFn::Eq, {top, number(-infinity, getElement(top))});
    return map(MapFn::Select, {none, number(0, getElement(top)), top});
  }

  Value expand(SoftmaxOp op) {
    auto [top, sum] = sumUnderMaximum(op, op.getOperand(), names(op.getDims()));
    Value e = map(MapFn::Exp, map(MapFn::Sub, {op.getOperand(), referenceOf(top)}));
    Value zero = number(0, getElement(op.getResult()));
    return map(MapFn::Select, {map(MapFn::Eq, {sum, zero}), zero, map(MapFn::Div, {e, sum})});
  }

  Value expand(ReduceOp op) {
    if (op.getMonoid() != Monoid::LogSumExp)
      return {};
    auto [top, sum] = sumUnderMaximum(op, op.getOperand(), names(op.getDims()));
    Value total = map(MapFn::Add, {map(MapFn::Log, sum), referenceOf(top)});
    // A sum that is infinite has no distance to its maximum.
    Value infinite = map(MapFn::Eq, {top, number(infinity, getElement(top))});
    return map(MapFn::Select, {infinite, top, total});
  }

  /// Items could not share out what the sums keep if each needed the maximum over all.
  void expand(OnlineFoldOp op) {
    SmallVector<StringRef> folded = op.getFoldedDims(), kept;
    for (StringRef dim : op.getMaxDims().getAsValueRange<StringAttr>())
      if (!llvm::is_contained(folded, dim))
        kept.push_back(dim);
    auto isKept = [&](StringRef dim) {
      return hasDim(op.getExponentOrReference(), dim) &&
             llvm::none_of(op.getTerms(), [&](OnlineFoldOp::Sum &sum) { return llvm::is_contained(sum.over, dim); });
    };
    if (kept.empty() || !llvm::all_of(kept, isKept))
      return;
    Type element = getElement(op.getMaximum());
    NamedDims each = getDims(op.getReference());
    llvm::erase_if(each, [&](const NamedDim &d) { return llvm::is_contained(folded, d.name.getValue()); });
    SmallVector<Type> types;
    for (Value sum : op.getSums())
      types.push_back(sum.getType());
    auto fold = OnlineFoldOp::create(b, getTensorType(each, element), types, op.getReference(), b.getStrArrayAttr(folded),
                                     op.getExponent(), op.getFactors(), op.getFactorCounts(), op.getOver(), op.getFreeReference());
    Value top = reduce(Monoid::Max, fold.getMaximum(), kept);
    Value factor = map(MapFn::Exp, map(MapFn::Sub, {fold.getMaximum(), referenceOf(top)}));
    auto replace = [&](Value old, Value by) {
      old.replaceAllUsesWith(by.getType() == old.getType() ? by : AlignOp::create(b, old.getType(), by).getResult());
    };
    replace(op.getMaximum(), top);
    for (auto [old, sum] : llvm::zip(op.getSums(), fold.getSums()))
      replace(old, map(MapFn::Mul, {sum, factor}));
    op.erase();
  }

  Value expand(ArgmaxOp op) {
    Value x = op.getOperand();
    Value top = reduce(Monoid::Max, x, {op.getDim()});
    Value hit = map(MapFn::Or, {map(MapFn::Eq, {x, top}), map(MapFn::Ne, {x, x})});
    auto dims = getDims(x);
    Value place = PosOp::create(b, getTensorType({dims[*findDim(dims, op.getDim())]}, b.getI64Type()), op.getDim());
    Value none = integer(std::numeric_limits<int64_t>::max());
    return reduce(Monoid::Min, map(MapFn::Select, {hit, place, none}), {op.getDim()});
  }

  Value expand(CumulateOp op) {
    Value x = op.getOperand();
    Type element = getElement(x);
    auto carry = getTensorType(withoutDims(getDims(x), {op.getDim()}), element);
    Value start = identity(op.getMonoid(), element);
    Value init = AlignOp::create(b, carry, start);
    auto scan = ScanOp::create(b, TypeRange{carry}, TypeRange{x.getType()}, op.getDimAttr(), UnitAttr(), ValueRange{init},
                               ValueRange{x});
    Block &body = scan.getBody().emplaceBlock();
    body.addArgument(RankedTensorType::get({}, b.getI64Type()), op.getLoc());
    Value so = body.addArgument(carry, op.getLoc()), at = body.addArgument(carry, op.getLoc());
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&body);
    Value next = combine(op.getMonoid(), so, at);
    YieldOp::create(b, ValueRange{next, next});
    return scan.getOutputs()[0];
  }

  /// A scan of one step is its body: an entry for one position runs no loop.
  void inlineStep(ScanOp op) {
    Value first = integer(0);
    IRMapping map;
    map.map(op.getPosition(), first);
    map.map(op.getCarries(), op.getInits());
    for (auto [argument, slice] : llvm::zip(op.getSliceArguments(), op.getSlices())) {
      Value picked = GatherOp::create(b, slice, op.getDim(), first);
      map.map(argument, picked.getType() == argument.getType() ? picked : AlignOp::create(b, argument.getType(), picked));
    }
    for (Operation &inner : op.getBody().front().without_terminator())
      b.clone(inner, map);
    for (auto [final, next] : llvm::zip(op.getFinals(), op.getNextCarries()))
      final.replaceAllUsesWith(map.lookupOrDefault(next));
    for (auto [output, value] : llvm::zip(op.getOutputs(), op.getYieldedOutputs()))
      output.replaceAllUsesWith(AlignOp::create(b, output.getType(), map.lookupOrDefault(value)));
    op.erase();
  }

  /// Beside a pick: fails the call where an index is outside.
  void check(GatherOp op) {
    for (auto [dim, index] : llvm::zip(op.getDims().getAsRange<StringAttr>(), op.getIndices())) {
      DenseIntElementsAttr known;
      NamedDims operand = getDims(op.getOperand());
      int64_t length = operand[*findDim(operand, dim)].size;
      if (matchPattern(index, m_Constant(&known)) && known.isSplat() && !ShapedType::isDynamic(length)) {
        int64_t place = known.getSplatValue<APInt>().getSExtValue();
        if (place >= -length && place < length)
          continue;
      }
      SmallVector<StringRef> all;
      NamedDims indexDims = getDims(index);
      for (const NamedDim &d : indexDims)
        all.push_back(d.name);
      Value most = all.empty() ? index : reduce(Monoid::Max, index, all);
      Value least = all.empty() ? index : reduce(Monoid::Min, index, all);
      Value size = SizeOfOp::create(b, RankedTensorType::get({}, b.getI64Type()), dim);
      Value high = map(MapFn::Lt, {most, size}), low = map(MapFn::Ge, {least, map(MapFn::Neg, size)});
      Value bad = map(MapFn::Select, {high, least, most});
      std::string message = "index %a is outside of dimension '" + dim.str() + "' of size %b";
      CheckOp::create(b, map(MapFn::And, {high, low}), message, ValueRange{bad, size});
    }
  }

private:
  Value identity(Monoid monoid, Type element) {
    if (auto complex = llvm::dyn_cast<ComplexType>(element))
      return map(MapFn::Complex, {number(monoid == Monoid::Mul, complex.getElementType()), number(0, complex.getElementType())});
    bool whole = element.isInteger();
    switch (monoid) {
    case Monoid::Add:
      return whole ? integer(0) : number(0, element);
    case Monoid::Mul:
      return whole ? integer(1) : number(1, element);
    case Monoid::Max:
    case Monoid::LogSumExp:
      return whole ? integer(std::numeric_limits<int64_t>::min()) : number(-infinity, element);
    case Monoid::Min:
      return whole ? integer(std::numeric_limits<int64_t>::max()) : number(infinity, element);
    }
    return {};
  }

  Value combine(Monoid monoid, Value a, Value x) {
    switch (monoid) {
    case Monoid::Add:
      return map(MapFn::Add, {a, x});
    case Monoid::Mul:
      return map(MapFn::Mul, {a, x});
    case Monoid::Max:
      return map(MapFn::Max, {a, x});
    case Monoid::Min:
      return map(MapFn::Min, {a, x});
    case Monoid::LogSumExp:
      break;
    }
    // By the larger of the two.
    Value large = map(MapFn::Max, {a, x}), small = map(MapFn::Min, {a, x});
    Value sum = map(MapFn::Add, {large, map(MapFn::Log1p, map(MapFn::Exp, map(MapFn::Sub, {small, large})))});
    Value infinite = map(MapFn::Eq, {map(MapFn::Abs, large), number(infinity, getElement(a))});
    return map(MapFn::Select, {infinite, large, sum});
  }

  ImplicitLocOpBuilder b;
};

} // namespace

void expandForKernels(func::FuncOp function) {
  llvm::StringSet<> single;
  if (auto table = function->getAttrOfType<ArrayAttr>(kDimsAttr))
    for (auto dim : table.getAsRange<DimAttr>())
      if (dim.getSize() && dim.getSize().constantValue() == 1)
        single.insert(dim.getName());
  for (auto linear : llvm::make_early_inc_range(function.getBody().front().getOps<LinearRecurrenceOp>()))
    if (single.contains(linear.getDim()))
      lowerRaised(linear);
  for (auto scan : llvm::make_early_inc_range(function.getBody().front().getOps<ScanOp>()))
    if (single.contains(scan.getDim()))
      Expander(scan).inlineStep(scan);
  for (auto fold : llvm::make_early_inc_range(function.getBody().front().getOps<OnlineFoldOp>()))
    Expander(fold).expand(fold);
  SmallVector<Operation *> ops;
  function.walk([&](Operation *op) { ops.push_back(op); });
  for (Operation *op : ops) {
    Expander expander(op);
    Value value = llvm::TypeSwitch<Operation *, Value>(op)
                      .Case<SoftmaxOp, ReduceOp, ArgmaxOp, CumulateOp>([&](auto typed) { return expander.expand(typed); })
                      .Default([](Operation *) { return Value(); });
    if (value) {
      Value old = op->getResult(0);
      if (value.getType() != old.getType()) {
        OpBuilder b(op);
        value = AlignOp::create(b, op->getLoc(), old.getType(), value);
      }
      old.replaceAllUsesWith(value);
      op->erase();
      continue;
    }
    if (auto gather = llvm::dyn_cast<GatherOp>(op); gather && llvm::isa<func::FuncOp>(op->getParentOp()))
      expander.check(gather);
  }
}

} // namespace ssm
