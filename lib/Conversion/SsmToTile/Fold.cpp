//===- Fold.cpp - reductions and products, over tiles and within them -------===//
#include "Range.h"

#include "../SsmToLinalg/Functions.h"

using namespace mlir;

namespace ssm {

static tile::Combiner combinerOf(Monoid monoid) {
  switch (monoid) {
  case Monoid::Add:
    return tile::Combiner::Add;
  case Monoid::Mul:
    return tile::Combiner::Mul;
  case Monoid::Max:
    return tile::Combiner::Max;
  default:
    return tile::Combiner::Min;
  }
}

Tile Emitter::identity(Monoid monoid, RankedTensorType type, bool isComplex) {
  auto part = [&](double value) { return splat(b.getFloatAttr(type.getElementType(), value), type); };
  if (isComplex)
    return {part(monoid == Monoid::Mul), part(0)};
  Value scalar = emitIdentity(b, b.getLoc(), monoid, type.getElementType());
  TypedAttr value;
  matchPattern(scalar, m_Constant(&value));
  Operation *unused = scalar.getDefiningOp();
  Tile result{splat(value, type)};
  unused->erase();
  return result;
}

namespace {

/// Loops over the dimensions that are not whole, one inside the other, where one of the
/// factors of the term is not the identity; `body` gets the coordinates of all of them and
/// gives the next carries.
FailureOr<Tile> loops(Emitter &e, ArrayRef<StringAttr> dims, const Coords &at, ValueRange factors, Monoid monoid,
                      const Tile &carries, llvm::function_ref<FailureOr<Tile>(const Coords &, const Tile &)> body) {
  if (dims.empty())
    return body(at, carries);
  SmallVector<std::pair<Value, Monoid>> terms;
  for (Value factor : factors)
    terms.push_back({factor, monoid});
  int64_t step = e.stepOf(dims.front());
  FoldRange range = foldRange(e, terms, /*anySkips=*/true, dims.front(), step, at);
  range.fullHi = {}; // the masks cost less than the code twice
  return walkRange(e, range, dims.front(), step, carries, [&](const Coord &coord, ValueRange inner) -> FailureOr<Tile> {
    Coords next = at;
    next.set(dims.front(), coord);
    return loops(e, dims.drop_front(), next, factors, monoid, Tile(inner), body);
  });
}

/// The combined dimensions, each whole or to be walked.
struct Combined {
  SmallVector<StringAttr> walked;
  Coords at; // those that are whole are set
};
Combined combine(Emitter &e, ArrayRef<StringAttr> dims, const Coords &at) {
  Combined result{{}, at};
  for (StringAttr dim : dims) {
    result.at.erase(dim);
    if (e.isWhole(dim))
      result.at.set(dim, e.wholeCoord(dim));
    else
      result.walked.push_back(dim);
  }
  return result;
}

/// Combines a tile along those of the dimensions that it has.
Value combineWithin(Emitter &e, Monoid monoid, Value tile, ArrayRef<StringAttr> dims) {
  SmallVector<StringRef> present;
  for (StringAttr dim : dims)
    if (findDim(getDims(tile), dim))
      present.push_back(dim.getValue());
  if (present.empty())
    return tile;
  return tile::CombineOp::create(e.b, combinerOf(monoid), tile, present).getResults()[0];
}

} // namespace

Value beforeComplex(Value value) {
  auto cast = value.getDefiningOp<MapOp>();
  bool widens = cast && cast.getFn() == MapFn::Cast && llvm::isa<ComplexType>(getElement(value)) &&
                getElement(cast.getOperands()[0]) == llvm::cast<ComplexType>(getElement(value)).getElementType();
  return widens ? cast.getOperands()[0] : value;
}

bool isReadAsItLies(Value value) {
  while (auto map = value.getDefiningOp<MapOp>()) {
    if (map.getFn() != MapFn::Cast)
      return false;
    value = map.getOperands()[0];
  }
  auto argument = llvm::dyn_cast<BlockArgument>(value);
  return argument && llvm::isa<KernelOp>(argument.getOwner()->getParentOp());
}

FailureOr<Tile> emit(Emitter &e, ReduceOp op, const Coords &at) {
  auto dims = llvm::to_vector(op.getDims().getAsRange<StringAttr>());
  Monoid monoid = op.getMonoid();
  Type element = getElement(op.getResult());
  bool isComplex = llvm::isa<ComplexType>(element);
  if (monoid == Monoid::LogSumExp || (isComplex && monoid != Monoid::Add))
    return FailureOr<Tile>(e.refuse("this reduction has no tile form"));
  FailureOr<RankedTensorType> type = e.tileType(getDims(op.getResult()), element, at);
  if (failed(type))
    return failure();
  Combined combined = combine(e, dims, at);
  auto operand = [&](const Coords &where) -> FailureOr<Tile> {
    FailureOr<Tile> tile = e.demand(op.getOperand(), where);
    if (failed(tile))
      return failure();
    Tile none;
    for (Value part : *tile) {
      auto partType = llvm::cast<RankedTensorType>(part.getType());
      none.push_back(e.identity(monoid, RankedTensorType::get({}, partType.getElementType()), false)[0]);
    }
    Tile valid = e.maskTail(*tile, combined.walked, where, none), result;
    for (Value part : valid)
      result.push_back(e.spread(combineWithin(e, monoid, part, dims), *type));
    return result;
  };
  if (combined.walked.empty())
    return operand(combined.at);
  return loops(e, combined.walked, combined.at, op.getOperand(), monoid, e.identity(monoid, *type, isComplex),
               [&](const Coords &where, const Tile &carries) -> FailureOr<Tile> {
                 FailureOr<Tile> tile = operand(where);
                 if (failed(tile))
                   return failure();
                 Tile next;
                 for (auto [carry, part] : llvm::zip(carries, *tile))
                   next.push_back(emitCombine(e.b, e.b.getLoc(), monoid, carry, part));
                 return next;
               });
}

// Products.

namespace {

/// One real product, `sign` times, onto an accumulator: over those dimensions that the
/// operands have.
Value multiply(Emitter &e, Value a, Value b, ArrayRef<StringAttr> dims, Value acc, bool minus, RankedTensorType type) {
  if (minus)
    a = arith::NegFOp::create(e.b, a);
  // What only one of them has is summed before.
  SmallVector<StringAttr> onlyA, onlyB;
  SmallVector<StringRef> both;
  for (StringAttr dim : dims) {
    bool inA = findDim(getDims(a), dim).has_value(), inB = findDim(getDims(b), dim).has_value();
    if (inA && inB)
      both.push_back(dim.getValue());
    else if (inA)
      onlyA.push_back(dim);
    else if (inB)
      onlyB.push_back(dim);
  }
  a = combineWithin(e, Monoid::Add, a, onlyA);
  b = combineWithin(e, Monoid::Add, b, onlyB);
  // Where each has all dimensions of the other no element serves twice: a pass over them.
  auto sameDims = [&] {
    NamedDims x = getDims(a), y = getDims(b);
    return x.size() == y.size() && llvm::all_of(x, [&](const NamedDim &d) { return findDim(y, d.name).has_value(); });
  };
  if (!both.empty() && (type.getElementType().isInteger() || !sameDims()))
    return tile::ProductOp::create(e.b, type, a, b, both, acc);
  if (!both.empty()) {
    auto wide = llvm::cast<RankedTensorType>(a.getType()).clone(type.getElementType());
    auto widened = [&](Value x) { return getElementTypeOrSelf(x.getType()) == type.getElementType() ? x : e.cast(x, type); };
    Value x = widened(a), y = a == b ? x : e.spread(widened(b), wide);
    Value sum = combineWithin(e, Monoid::Add, arith::MulFOp::create(e.b, x, y), dims);
    return arith::AddFOp::create(e.b, acc, e.spread(sum, type));
  }
  auto shaped = [&](Value x) { return e.spread(x, type.clone(getElementTypeOrSelf(x.getType()))); };
  Value x = shaped(a), y = shaped(b);
  if (getElementTypeOrSelf(x.getType()) != type.getElementType()) {
    x = e.cast(x, type);
    y = e.cast(y, type);
  }
  if (type.getElementType().isInteger())
    return arith::AddIOp::create(e.b, acc, arith::MulIOp::create(e.b, x, y));
  return arith::AddFOp::create(e.b, acc, arith::MulFOp::create(e.b, x, y));
}

/// a b + acc, of real or complex tiles.
Tile multiply(Emitter &e, const Tile &a, const Tile &b, ArrayRef<StringAttr> dims, const Tile &acc,
              RankedTensorType type) {
  auto real = [&](unsigned i, unsigned j, Value onto, bool minus) {
    return multiply(e, a[i], b[j], dims, onto, minus, type);
  };
  if (a.size() == 1 && b.size() == 1) { // a complex sum of real products has no imaginary part of its own
    Tile sum = acc;
    sum[0] = real(0, 0, acc[0], false);
    return sum;
  }
  if (a.size() == 1)
    return {real(0, 0, acc[0], false), real(0, 1, acc[1], false)};
  if (b.size() == 1)
    return {real(0, 0, acc[0], false), real(1, 0, acc[1], false)};
  Value re = real(0, 0, acc[0], false), im = real(0, 1, acc[1], false);
  return {real(1, 1, re, true), real(1, 0, im, false)};
}

/// A value as it was before it was widened for the product.
Value beforeWidening(Value value) {
  auto cast = value.getDefiningOp<MapOp>();
  if (!cast || cast.getFn() != MapFn::Cast)
    return value;
  Type from = getElement(cast.getOperands()[0]), to = getElement(value);
  return (from.isBF16() || from.isF16()) && to.isF32() ? cast.getOperands()[0] : value;
}

} // namespace

Tile timesEach(Emitter &e, const Tile &a, const Tile &b, RankedTensorType type) {
  Tile x = e.spread(a, type), y = e.spread(b, type);
  auto times = [&](Value u, Value v) -> Value {
    if (type.getElementType().isInteger())
      return arith::MulIOp::create(e.b, u, v);
    return arith::MulFOp::create(e.b, u, v);
  };
  if (x.size() == 1 && y.size() == 1)
    return {times(x[0], y[0])};
  if (x.size() == 1)
    return {times(x[0], y[0]), times(x[0], y[1])};
  if (y.size() == 1)
    return {times(x[0], y[0]), times(x[1], y[0])};
  Value re = arith::SubFOp::create(e.b, times(x[0], y[0]), times(x[1], y[1]));
  Value im = arith::AddFOp::create(e.b, times(x[0], y[1]), times(x[1], y[0]));
  return {re, im};
}

/// The element-wise product of two tiles, broadcast.
static FailureOr<Tile> scale(Emitter &e, const Tile &a, const Tile &b, ArrayRef<NamedDim> dims, Type element, const Coords &at) {
  FailureOr<RankedTensorType> type = e.tileType(dims, element, at);
  if (failed(type))
    return failure();
  return timesEach(e, a, b, *type);
}

FailureOr<Tile> sumOfProducts(Emitter &e, SmallVector<Factor> factors, ArrayRef<StringAttr> dims, const Tile &acc,
                              Type element, RankedTensorType type, const Coords &at) {
  // More than two: the pair with the smallest product first.
  auto elements = [&](ArrayRef<NamedDim> united) {
    double product = 1;
    for (const NamedDim &d : united) {
      const Coord *coord = at.find(d.name);
      product *= coord ? coord->size : std::max<int64_t>(1, e.staticSize(d.name));
    }
    return product;
  };
  while (factors.size() > 2) {
    unsigned first = 0, second = 1;
    double least = -1;
    for (unsigned i = 0; i < factors.size(); ++i)
      for (unsigned j = i + 1; j < factors.size(); ++j) {
        NamedDims united = factors[i].dims;
        uniteDims(united, factors[j].dims);
        if (double count = elements(united); least < 0 || count < least) {
          least = count;
          first = i;
          second = j;
        }
      }
    NamedDims united = factors[first].dims;
    uniteDims(united, factors[second].dims);
    FailureOr<Tile> product = scale(e, factors[first].tile, factors[second].tile, united, element, at);
    if (failed(product))
      return failure();
    factors[first] = {*product, united};
    factors.erase(factors.begin() + second);
  }
  if (factors.size() == 2)
    return multiply(e, factors[0].tile, factors[1].tile, dims, acc, type);
  Tile next = acc;
  for (auto [part, sum] : llvm::zip(factors[0].tile, next)) {
    Value combined = e.spread(combineWithin(e, Monoid::Add, part, dims), type);
    sum = emitCombine(e.b, e.b.getLoc(), Monoid::Add, sum, combined);
  }
  return next;
}

/// A value as it was before it became complex, of this precision or a lower one.
static Value beforeComplexAndWide(Value value) {
  auto cast = value.getDefiningOp<MapOp>();
  bool fromReal = cast && cast.getFn() == MapFn::Cast && llvm::isa<ComplexType>(getElement(value)) &&
                  llvm::isa<FloatType>(getElement(cast.getOperands()[0]));
  return fromReal ? cast.getOperands()[0] : value;
}

FailureOr<Tile> emit(Emitter &e, ContractOp op, const Coords &at) {
  auto dims = llvm::to_vector(op.getDims().getAsRange<StringAttr>());
  Type element = getElement(op.getResult());
  bool isComplex = llvm::isa<ComplexType>(element);
  FailureOr<RankedTensorType> type = e.tileType(getDims(op.getResult()), element, at);
  if (failed(type))
    return failure();
  // A real operand of a complex product makes two real products of it, not four.
  SmallVector<Value> operands(llvm::map_range(op.getOperands(), beforeComplexAndWide));
  // 16-bit operands multiply as they are where both are.
  if (operands.size() == 2) {
    Value a = beforeWidening(operands[0]), b = beforeWidening(operands[1]);
    if (getElement(a) == getElement(b))
      operands = {a, b};
  }
  Combined combined = combine(e, dims, at);
  auto step = [&](const Coords &where, const Tile &acc) -> FailureOr<Tile> {
    SmallVector<Factor> factors;
    Type first = getElement(operands[0]);
    bool areNarrow = operands.size() == 2 && first == getElement(operands[1]) && (first.isBF16() || first.isF16()) &&
                     Emitter::partType(element).isF32();
    for (Value operand : operands) {
      FailureOr<Tile> tile = e.demand(operand, where);
      if (failed(tile))
        return failure();
      if (!isReadAsItLies(operand)) {
        Tile none;
        for (Value part : *tile) {
          auto scalar = RankedTensorType::get({}, getElement(part));
          none.push_back(e.splat(llvm::cast<TypedAttr>(e.b.getZeroAttr(scalar.getElementType())), scalar));
        }
        tile = e.maskTail(*tile, combined.walked, where, none);
      }
      if (!areNarrow)
        for (Value &part : *tile)
          part = e.cast(part, Emitter::partType(element));
      factors.push_back({*tile, getDims(operand)});
    }
    return sumOfProducts(e, factors, dims, acc, element, *type, where);
  };
  return loops(e, combined.walked, combined.at, op.getOperands(), Monoid::Add, e.identity(Monoid::Add, *type, isComplex),
               step);
}

/// A loop over the kernel's elements; the operand is read shifted by each.
FailureOr<Tile> emit(Emitter &e, ConvOp op, const Coords &at) {
  StringAttr dim = op.getDimAttr(), taps = op.getKernelDimAttr();
  ConvMode mode = op.getMode();
  Type element = getElement(op.getResult());
  FailureOr<RankedTensorType> type = e.tileType(getDims(op.getResult()), element, at);
  const Coord *given = at.find(dim);
  if (failed(type))
    return failure();
  Coord place = given ? *given : e.wholeCoord(dim);
  Value middle;
  if (mode == ConvMode::Same) {
    Value one = arith::ConstantIndexOp::create(e.b, 1), two = arith::ConstantIndexOp::create(e.b, 2);
    middle = arith::DivSIOp::create(e.b, arith::SubIOp::create(e.b, e.size(taps), one), two);
  }
  return e.loop(taps, 1, tile::Order::Any, e.identity(Monoid::Add, *type, llvm::isa<ComplexType>(element)),
                [&](const Coord &tap, ValueRange carries) -> FailureOr<Tile> {
                  Value start = place.at ? place.at : arith::ConstantIndexOp::create(e.b, 0).getResult();
                  if (middle)
                    start = arith::AddIOp::create(e.b, start, middle);
                  Value by = tap.at;
                  if (mode == ConvMode::Circular)
                    by = arith::RemUIOp::create(e.b, by, e.size(dim));
                  Value from = mode == ConvMode::Anticausal ? arith::AddIOp::create(e.b, start, by).getResult()
                                                            : arith::SubIOp::create(e.b, start, by).getResult();
                  Coords ofKernel = at;
                  ofKernel.erase(dim);
                  ofKernel.set(taps, tap);
                  FailureOr<Tile> k = e.demand(op.getKernel(), ofKernel);
                  if (failed(k))
                    return failure();
                  Tile sum(carries);
                  auto add = [&](Value start) -> LogicalResult {
                    Coords there = at;
                    Coord moved{start, place.size, &e.current()};
                    there.set(dim, moved);
                    FailureOr<Tile> x = e.demand(op.getOperand(), there);
                    if (failed(x))
                      return failure();
                    // What is computed, and not read, is something outside too.
                    if (!isReadAsItLies(op.getOperand()))
                      *x = e.zeroOutside(*x, dim, moved);
                    sum = multiply(e, e.spread(*x, *type), e.spread(*k, *type), {}, sum, *type);
                    return success();
                  };
                  if (failed(add(from)))
                    return failure();
                  // Round the ring: each element is inside in one of the two places.
                  if (mode == ConvMode::Circular && failed(add(arith::AddIOp::create(e.b, from, e.size(dim)))))
                    return failure();
                  return sum;
                });
}

} // namespace ssm
