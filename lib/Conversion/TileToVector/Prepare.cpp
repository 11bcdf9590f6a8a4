//===- Prepare.cpp - a program in the form that the lowering takes ----------===//
#include "Prepare.h"

#include "Point.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;

namespace ssm::tile {
namespace {

/// `dims` with `name` as the last.
NamedDims withLast(NamedDims dims, StringAttr name) {
  std::optional<unsigned> place = findDim(dims, name);
  NamedDim dim = dims[*place];
  dims.erase(dims.begin() + *place);
  dims.push_back(dim);
  return dims;
}

/// Puts code where the value is made: after its operation, or at its block's start.
void goAfter(OpBuilder &b, Value value) {
  if (Operation *op = value.getDefiningOp())
    b.setInsertionPointAfter(op);
  else
    b.setInsertionPointToStart(value.getParentBlock());
}

class Preparer {
public:
  Preparer(ProgramOp program, const TileToVectorOptions &options)
      : program(program), options(options), b(program.getContext()) {}

  void run() {
    llvm::SmallVector<ProductOp> products;
    llvm::SmallVector<RunningOp> runnings;
    llvm::SmallVector<RecurOp> recurs;
    program.walk([&](ProductOp op) { products.push_back(op); });
    program.walk([&](RunningOp op) { runnings.push_back(op); });
    for (ProductOp op : products)
      order(op);
    layOutOnce(program, options);
    divideOnce(program);
    for (RunningOp op : runnings)
      toRecur(op);
    program.walk([&](RecurOp op) { recurs.push_back(op); });
    for (RecurOp op : recurs)
      if (std::string why; !shapeOf(op, options, why))
        toLoop(op);
  }

private:
  Value widened(Value value) {
    Type element = getElement(value);
    if (!element.isBF16() && !element.isF16())
      return value;
    Value &wide = wides[value];
    if (!wide) {
      goAfter(b, value);
      wide = arith::ExtFOp::create(b, value.getLoc(), llvm::cast<RankedTensorType>(value.getType()).clone(b.getF32Type()),
                                   value);
    }
    return wide;
  }

  Value ordered(Value value, StringAttr last) {
    NamedDims dims = ssm::getDims(value);
    if (!findDim(dims, last) || dims.back().name == last)
      return value;
    Value &turned = orders[{value, last}];
    if (!turned) {
      goAfter(b, value);
      turned = SpreadOp::create(b, value.getLoc(), getTensorType(withLast(dims, last), getElement(value)), value);
    }
    return turned;
  }

  /// Whether the product can take pairs of 16-bit elements, and along which dimension.
  StringAttr pairedDim(ProductOp op) {
    NamedDims dims = ssm::getDims(op.getType());
    if (!options.dotBf16 || options.vectorBits != 512 || !getElement(op.getLhs()).isBF16() || dims.empty() ||
        dims.back().size % 16 != 0 || hasDim(op.getLhs(), dims.back().name) == hasDim(op.getRhs(), dims.back().name))
      return {};
    Value others = hasDim(op.getLhs(), dims.back().name) ? op.getRhs() : op.getLhs();
    StringAttr found;
    for (const NamedDim &dim : ssm::getDims(others)) // the last is the best: its pairs lie side by side
      if (llvm::is_contained(op.getDims(), dim.name) && dim.size % 2 == 0)
        found = dim.name;
    return found;
  }

  /// The dimension as halves and pairs, the pairs last; where it is not the last one
  /// already, the pairs of rows are laid into each other.
  Value paired(Value value, StringAttr dim, StringAttr half, StringAttr pair) {
    Value &made = pairs[{value, dim}];
    if (made)
      return made;
    NamedDims dims = ssm::getDims(value), parted, turned;
    StringAttr last = dims.back().name;
    for (const NamedDim &known : dims) {
      if (known.name != dim) {
        parted.push_back(known);
        continue;
      }
      parted.push_back({half, known.size / 2});
      parted.push_back({pair, 2});
    }
    goAfter(b, value);
    made = PartOp::create(b, value.getLoc(), getTensorType(parted, getElement(value)), value, dim,
                          b.getArrayAttr({half, pair}));
    if (last == dim)
      return made;
    for (StringAttr name : {half, last, pair}) {
      for (const NamedDim &known : parted)
        if (known.name == name)
          turned.push_back(known);
    }
    NamedDims rest = withoutDims(parted, {half.getValue(), last.getValue(), pair.getValue()});
    rest.append(turned);
    return made = SpreadOp::create(b, value.getLoc(), getTensorType(rest, getElement(value)), made);
  }

  void pair(ProductOp op, StringAttr dim) {
    StringAttr last = ssm::getDims(op.getType()).back().name;
    StringAttr half = b.getStringAttr(dim.getValue() + ".half"), pair = b.getStringAttr(dim.getValue() + ".pair");
    op.getLhsMutable().assign(paired(ordered(op.getLhs(), last), dim, half, pair));
    op.getRhsMutable().assign(paired(ordered(op.getRhs(), last), dim, half, pair));
    llvm::SmallVector<Attribute> names;
    for (Attribute name : op.getDims())
      if (name != dim)
        names.push_back(name);
    names.push_back(half);
    names.push_back(pair);
    op.setDimsAttr(b.getArrayAttr(names));
  }

  void order(ProductOp op) {
    if (StringAttr dim = pairedDim(op))
      return pair(op, dim);
    op.getLhsMutable().assign(widened(op.getLhs()));
    op.getRhsMutable().assign(widened(op.getRhs()));
    NamedDims dims = ssm::getDims(op.getType());
    if (dims.empty())
      return;
    op.getLhsMutable().assign(ordered(op.getLhs(), dims.back().name));
    op.getRhsMutable().assign(ordered(op.getRhs(), dims.back().name));
  }

  /// running add(%x) along "L" from(%c0)  =>  recur L over(%x) carry(%c = %c0) { c + x, stacked }
  void toRecur(RunningOp op) {
    b.setInsertionPoint(op);
    Location loc = op.getLoc();
    bool affine = op.getCombiner() == Combiner::Affine;
    StringAttr dim = op.getDimAttr();
    NamedDims all = ssm::getDims(op.getInputs().front());
    NamedDims rest = withoutDims(all, {dim.getValue()});
    // The dimension that runs must not lie along lanes where another could.
    llvm::SmallVector<Value> inputs(op.getInputs());
    NamedDims wanted = all;
    if (!rest.empty() && all.back().name == dim)
      wanted = withLast(all, rest.back().name);
    if (wanted != all)
      for (Value &input : inputs)
        input = SpreadOp::create(b, loc, getTensorType(wanted, getElement(input)), input);
    llvm::SmallVector<Value> inits;
    llvm::SmallVector<Type> outputs;
    for (auto [i, result] : llvm::enumerate(op.getResults())) {
      RankedTensorType type = getTensorType(rest, getElement(result));
      Value init = op.getFrom().empty() ? start(op, i, type) : Value(op.getFrom()[i]);
      if (init.getType() != type)
        init = SpreadOp::create(b, loc, type, init);
      inits.push_back(init);
      outputs.push_back(getTensorType(wanted, getElement(result)));
    }
    auto recur = RecurOp::create(b, loc, dim, op.getReverse(), Value(), inits, inputs, outputs);
    {
      OpBuilder::InsertionGuard guard(b);
      Block &body = recur.getBody().front();
      b.setInsertionPointToEnd(&body);
      llvm::SmallVector<Value> carries(recur.getCarries().begin(), recur.getCarries().end());
      llvm::SmallVector<Value> slices(recur.getSliceArguments().begin(), recur.getSliceArguments().end());
      llvm::SmallVector<Value> next = affine ? affineStep(loc, carries, slices) : step(op, carries, slices);
      llvm::SmallVector<Value> yielded(next);
      llvm::append_range(yielded, op.getExclusive() ? carries : next);
      YieldOp::create(b, loc, yielded);
    }
    for (auto [result, output] : llvm::zip(op.getResults(), recur.getOutputs())) {
      Value value = output;
      if (value.getType() != result.getType())
        value = SpreadOp::create(b, loc, result.getType(), value);
      result.replaceAllUsesWith(value);
    }
    op.erase();
  }

  Value start(RunningOp op, unsigned i, RankedTensorType type) {
    Type element = type.getElementType();
    TypedAttr value = b.getZeroAttr(element);
    if (op.getIdentities())
      value = llvm::cast<TypedAttr>((*op.getIdentities())[i]);
    else if (op.getCombiner() == Combiner::Mul)
      value = b.getOneAttr(element);
    else if (op.getCombiner() == Combiner::Max || op.getCombiner() == Combiner::Min) {
      bool max = op.getCombiner() == Combiner::Max;
      if (auto real = llvm::dyn_cast<FloatType>(element))
        value = b.getFloatAttr(element, APFloat::getInf(real.getFloatSemantics(), max));
      else
        value = b.getIntegerAttr(element, max ? APInt::getSignedMinValue(element.getIntOrFloatBitWidth())
                                              : APInt::getSignedMaxValue(element.getIntOrFloatBitWidth()));
    }
    return arith::ConstantOp::create(b, op.getLoc(), DenseElementsAttr::get(type, value));
  }

  template <typename Real, typename Whole> Value apply(Location loc, Value x, Value y) {
    if (llvm::isa<FloatType>(getElement(x)))
      return Real::create(b, loc, x, y);
    return Whole::create(b, loc, x, y);
  }

  llvm::SmallVector<Value> step(RunningOp op, ArrayRef<Value> carries, ArrayRef<Value> slices) {
    Location loc = op.getLoc();
    Value x = carries[0], y = slices[0];
    switch (op.getCombiner()) {
    case Combiner::Add:
      return {apply<arith::AddFOp, arith::AddIOp>(loc, x, y)};
    case Combiner::Mul:
      return {apply<arith::MulFOp, arith::MulIOp>(loc, x, y)};
    case Combiner::Max:
      return {apply<arith::MaximumFOp, arith::MaxSIOp>(loc, x, y)};
    case Combiner::Min:
      return {apply<arith::MinimumFOp, arith::MinSIOp>(loc, x, y)};
    default:
      break;
    }
    // A region on scalars, on tiles of them.
    IRMapping map;
    bool later = op.getReverse();
    for (auto [i, argument] : llvm::enumerate(op.getBody().getArguments())) {
      bool first = i < carries.size();
      size_t k = first ? i : i - carries.size();
      map.map(argument, first != later ? carries[k] : slices[k]);
    }
    auto shape = llvm::cast<RankedTensorType>(x.getType());
    for (Operation &inner : op.getBody().front().without_terminator()) {
      OperationState state(loc, inner.getName());
      for (Value operand : inner.getOperands()) {
        Value value = map.lookupOrDefault(operand);
        if (!llvm::isa<RankedTensorType>(value.getType()))
          value = SpreadOp::create(b, loc, shape.clone(value.getType()), value);
        state.addOperands(value);
      }
      for (Type type : inner.getResultTypes())
        state.addTypes(shape.clone(type));
      state.addAttributes(inner.getAttrs());
      if (auto constant = llvm::dyn_cast<arith::ConstantOp>(inner)) {
        Value made = arith::ConstantOp::create(
            b, loc, DenseElementsAttr::get(llvm::cast<ShapedType>(shape.clone(constant.getType())), constant.getValue()));
        map.map(constant.getResult(), made);
        continue;
      }
      map.map(inner.getResults(), b.create(state)->getResults());
    }
    llvm::SmallVector<Value> results;
    for (Value value : op.getBody().front().getTerminator()->getOperands())
      results.push_back(map.lookup(value));
    return results;
  }

  /// h' = a h + b, complex with four operands.
  llvm::SmallVector<Value> affineStep(Location loc, ArrayRef<Value> h, ArrayRef<Value> ab) {
    auto fused = [&](Value x, Value y, Value z, bool minus) -> Value {
      if (!llvm::isa<FloatType>(getElement(x)))
        return arith::AddIOp::create(b, loc, z, arith::MulIOp::create(b, loc, x, y));
      auto flags = arith::FastMathFlags::contract;
      Value product = arith::MulFOp::create(b, loc, x, y, flags);
      return minus ? arith::SubFOp::create(b, loc, z, product, flags).getResult()
                   : arith::AddFOp::create(b, loc, z, product, flags).getResult();
    };
    if (h.size() == 1)
      return {fused(ab[0], h[0], ab[1], false)};
    Value re = fused(ab[1], h[1], fused(ab[0], h[0], ab[2], false), true);
    Value im = fused(ab[1], h[0], fused(ab[0], h[1], ab[3], false), false);
    return {re, im};
  }

  void toLoop(RecurOp op);

  ProgramOp program;
  const TileToVectorOptions &options;
  OpBuilder b;
  llvm::DenseMap<Value, Value> wides;
  llvm::DenseMap<std::pair<Value, StringAttr>, Value> orders, pairs;
};

/// The outputs go through scratch; slices are picked.
void Preparer::toLoop(RecurOp op) {
  b.setInsertionPoint(op);
  Location loc = op.getLoc();
  StringAttr dim = op.getDimAttr();
  int64_t length = op.getLength();
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value to = arith::ConstantIndexOp::create(b, loc, length);
  if (op.getCount())
    to = arith::MinSIOp::create(b, loc, op.getCount(), to);
  llvm::SmallVector<Value> views;
  for (Value output : op.getOutputs()) {
    auto type = llvm::cast<RankedTensorType>(output.getType());
    llvm::SmallVector<StringAttr> names;
    for (const NamedDim &dim : ssm::getDims(type))
      names.push_back(dim.name);
    Type element = type.getElementType().isInteger(1) ? b.getI8Type() : type.getElementType();
    auto view = ViewType::get(b.getContext(), type.getShape(), element, names);
    views.push_back(ScratchOp::create(b, loc, view, ValueRange()));
    if (op.getCount()) {
      Value none = arith::ConstantOp::create(b, loc, b.getZeroAttr(type.clone(element)));
      WriteOp::create(b, loc, ValueRange(none), views.back(), ArrayRef<StringRef>(), ValueRange());
    }
  }
  auto loop = LoopOp::create(b, loc, dim, 1, op.getReverse() ? Order::Down : Order::Up, zero, to, op.getInits());
  IRMapping map;
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToEnd(&loop.getBody().front());
    Value at = loop.getPosition();
    map.map(op.getPosition(), at);
    for (auto [from, into] : llvm::zip(op.getCarries(), loop.getCarries()))
      map.map(from, into);
    for (auto [slice, argument] : llvm::zip(op.getSlices(), op.getSliceArguments()))
      map.map(argument, PickOp::create(b, loc, argument.getType(), slice, b.getStrArrayAttr({dim.getValue()}), at).getResult());
    for (Operation &inner : op.getBody().front().without_terminator())
      b.clone(inner, map);
    for (auto [value, view] : llvm::zip(op.getYieldedOutputs(), views)) {
      Value element = map.lookupOrDefault(value);
      if (getElement(element).isInteger(1))
        element = arith::ExtUIOp::create(b, loc, llvm::cast<RankedTensorType>(element.getType()).clone(b.getI8Type()), element);
      WriteOp::create(b, loc, ValueRange(element), view, ArrayRef<StringRef>{dim.getValue()}, ValueRange(at));
    }
    llvm::SmallVector<Value> next;
    for (Value value : op.getNextCarries())
      next.push_back(map.lookupOrDefault(value));
    YieldOp::create(b, loc, next);
  }
  for (auto [from, into] : llvm::zip(op.getFinals(), loop.getResults()))
    from.replaceAllUsesWith(into);
  for (auto [output, view] : llvm::zip(op.getOutputs(), views)) {
    auto type = llvm::cast<RankedTensorType>(output.getType());
    bool mask = type.getElementType().isInteger(1);
    Value all = ReadOp::create(b, loc, TypeRange(mask ? type.clone(b.getI8Type()) : type), view, ArrayRef<StringRef>(),
                               ValueRange())
                    .getResult(0);
    if (mask)
      all = arith::TruncIOp::create(b, loc, type, all);
    output.replaceAllUsesWith(all);
  }
  op.erase();
}

} // namespace

void prepare(ProgramOp program, const TileToVectorOptions &options) { Preparer(program, options).run(); }

} // namespace ssm::tile
