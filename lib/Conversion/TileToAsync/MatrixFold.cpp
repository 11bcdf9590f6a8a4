//===- MatrixFold.cpp - folds of products -----------------------------------===//
#include "Matrix.h"

#include "mlir/Dialect/UB/IR/UBOps.h"

#include <limits>

using namespace mlir;

namespace ssm::tile {

Value multiply(KernelEmitter &e, const MatrixFold &fold, Value a, Value b, Value acc, Value unless) {
  ProductOp product = fold.product;
  auto type = FlightType::get(e.b.getContext(), e.frame.typeOf(product.getType()));
  UnitAttr yes = e.b.getUnitAttr();
  return MmaOp::create(e.b, type, a, b, acc, unless, fold.a.keptInner ? yes : UnitAttr(), fold.b.keptInner ? UnitAttr() : yes,
                       UnitAttr());
}

FailureOr<Value> withInit(KernelEmitter &e, MatrixFold &fold, Value sum) {
  Value init = fold.loop.getInits().front();
  DenseElementsAttr constant;
  if (matchPattern(init, m_Constant(&constant)) && constant.isSplat() && constant.getSplatValue<APFloat>().isZero())
    return sum;
  Value tile = e.tileOf(init);
  if (!tile)
    return failure();
  return arith::AddFOp::create(e.b, sum, tile).getResult();
}

FailureOr<Value> emitRingFold(KernelEmitter &e, MatrixFold &fold, Value instance) {
  LoopOp loop = fold.loop;
  RankedTensorType type = e.frame.typeOf(fold.product.getType());
  Value from = e.of(loop.getFrom()), to = e.of(loop.getTo()), step = e.index(loop.getStep());
  auto cursors = CursorType::get(e.b.getContext(), fold.stages);
  Value start = fold.cursor ? fold.cursor : CursorOp::create(e.b, cursors, Value()).getResult();
  Value nothing = ub::PoisonOp::create(e.b, FlightType::get(e.b.getContext(), type));
  auto products = scf::ForOp::create(e.b, from, to, step, ValueRange{start, nothing});
  {
    OpBuilder::InsertionGuard guard(e.b);
    e.b.setInsertionPointToStart(products.getBody());
    Value cursor = products.getRegionIterArg(0), flight = products.getRegionIterArg(1);
    auto slot = AwaitOp::create(e.b, fold.ring, Value(), cursor, UnitAttr());
    Value a = slot.getViews()[0], b = slot.getViews()[1];
    if (instance) { // its own 64 rows
      Value at = e.rowOffset, zero = e.index(0);
      SmallVector<Value> offsets{at, zero};
      SmallVector<int64_t> sizes{64, fold.depth}, none(2, ShapedType::kDynamic);
      if (fold.a.keptInner) {
        std::swap(offsets[0], offsets[1]);
        std::swap(sizes[0], sizes[1]);
      }
      a = SubOp::create(e.b, a, offsets, none, sizes);
    }
    Value first = arith::CmpIOp::create(e.b, arith::CmpIPredicate::eq, products.getInductionVar(), from);
    Value next = multiply(e, fold, a, b, flight, first);
    // The product before this one has read its slot.
    RetireOp::create(e.b, uint64_t(1));
    Value before = NextOp::create(e.b, cursor, int64_t(-1));
    Value late = arith::XOrIOp::create(e.b, first, arith::ConstantIntOp::create(e.b, 1, 1));
    ReleaseOp::create(e.b, fold.ring, Value(), before, late, Value(), IntegerAttr());
    scf::YieldOp::create(e.b, ValueRange{NextOp::create(e.b, cursor).getResult(), next});
  }
  Value sum = LandOp::create(e.b, uint64_t(0), ValueRange{products.getResult(1)}).getTiles()[0];
  bool something = getConstantIntValue(loop.getTo()) || (e.assumptions.something && isa<BlockArgument>(loop.getTo()));
  Value some = something ? Value() : arith::CmpIOp::create(e.b, arith::CmpIPredicate::sgt, to, from).getResult();
  Value last = NextOp::create(e.b, products.getResult(0), int64_t(-1));
  ReleaseOp::create(e.b, fold.ring, Value(), last, some, Value(), IntegerAttr());
  if (!something)
    sum = arith::SelectOp::create(e.b, some, sum, e.splat(type, 0));
  fold.cursor = products.getResult(0);
  return sum;
}

//===----------------------------------------------------------------------===//
// By registers
//===----------------------------------------------------------------------===//

namespace {

/// An operand's tile in registers, as it lies in memory: eight threads a row.
FailureOr<Value> loadOperand(KernelEmitter &e, MatrixFold &fold, MatrixOperand &operand) {
  ViewType view = operand.read.getView().getType();
  NamedDims memory = view.getDims();
  llvm::SmallDenseMap<StringAttr, Value> places;
  bool eitherSide = false;
  for (auto [dim, at] : llvm::zip(operand.read.getDims().getAsRange<StringAttr>(), operand.read.getCoordinates())) {
    places[dim] = at;
    eitherSide |= !isNeverNegative(at);
  }
  StringAttr outer = operand.keptInner ? fold.summed : operand.kept, inner = operand.keptInner ? operand.kept : fold.summed;
  SmallVector<StringAttr> order;
  SmallVector<Value> offsets;
  SmallVector<int64_t> extents;
  auto take = [&](StringAttr name, int64_t extent) {
    order.push_back(name);
    Value at = places.lookup(name);
    offsets.push_back(at ? e.of(at) : e.index(0));
    extents.push_back(extent);
  };
  for (auto [dim, at] : places)
    if (!e.of(at))
      return e.refuse(operand.read) << "a product whose place along '" << dim.getValue() << "' is computed in another loop", failure();
  for (const NamedDim &d : memory)
    if (d.name != outer && d.name != inner)
      take(d.name, 1);
  take(outer, operand.keptInner ? fold.depth : operand.size);
  take(inner, operand.keptInner ? operand.size : fold.depth);
  int64_t vector = 1;
  if (memory.back().name == inner) {
    const NamedDim &d = memory.back();
    Value at = places.lookup(inner);
    vector = std::min<int64_t>(8, 128 / operand.element.getIntOrFloatBitWidth());
    while (vector > 1 && (!d.isStatic() || d.size % vector || (at && alignmentOf(at) % vector)))
      vector /= 2;
  } else {
    order.push_back({});
    offsets.push_back(e.index(0));
    extents.push_back(1);
  }
  Value argument = e.viewArgument(operand.read.getView(), order, vector);
  SmallVector<int64_t> none(offsets.size(), ShapedType::kDynamic);
  SmemType shared = sharedTile(operand, fold.depth, fold.element);
  auto type = RankedTensorType::get(shared.getShape(), operand.element, LanesAttr::get(e.b.getContext(), 8, 8));
  return LoadOp::create(e.b, type, argument, offsets, e.b.getDenseI64ArrayAttr(none), e.b.getDenseI64ArrayAttr(extents),
                        UnitAttr(), UnitAttr(), UnitAttr(), eitherSide ? e.b.getUnitAttr() : UnitAttr())
      .getResult();
}

/// What is stored for a loaded tile: itself, rounded, or its parts in bf16.
SmallVector<Value, 3> partsOf(KernelEmitter &e, MatrixFold &fold, Value tile) {
  auto type = cast<RankedTensorType>(tile.getType());
  Type f32 = e.b.getF32Type(), bf16 = e.b.getBF16Type();
  if (!fold.element.isF32()) {
    if (type.getElementType() == fold.element)
      return {tile};
    return {arith::TruncFOp::create(e.b, type.clone(fold.element), tile)};
  }
  if (!type.getElementType().isF32())
    tile = arith::ExtFOp::create(e.b, type = type.clone(f32), tile);
  SmallVector<Value, 3> parts;
  Value rest = tile;
  for (unsigned i = 0; i < 3; ++i) {
    Value part = arith::TruncFOp::create(e.b, type.clone(bf16), rest);
    parts.push_back(part);
    if (i == 2)
      break;
    Value back = arith::ExtFOp::create(e.b, type, part);
    Value left = arith::SubFOp::create(e.b, rest, back);
    // Of an infinity or a NaN nothing is left.
    Value size = math::AbsFOp::create(e.b, back);
    Value finite = arith::CmpFOp::create(e.b, arith::CmpFPredicate::OLT, size,
                                         e.splat(type, std::numeric_limits<double>::infinity()));
    rest = arith::SelectOp::create(e.b, finite, left, e.splat(type, 0));
  }
  return parts;
}

} // namespace

FailureOr<Value> emitStagedFold(KernelEmitter &e, MatrixFold &fold) {
  LoopOp loop = fold.loop;
  RankedTensorType type = e.frame.typeOf(fold.product.getType());
  bool exact = fold.element.isF32();
  unsigned count = exact ? 3 : 1;
  Type element = exact ? Type(e.b.getBF16Type()) : fold.element;
  SmallVector<Value, 3> as, bs;
  {
    OpBuilder::InsertionGuard guard(e.b);
    e.b.setInsertionPointToStart(e.getPrologue());
    for (unsigned i = 0; i < count; ++i) {
      as.push_back(BufferOp::create(e.b, sharedTile(fold.a, fold.depth, element), IntegerAttr()));
      bs.push_back(BufferOp::create(e.b, sharedTile(fold.b, fold.depth, element), IntegerAttr()));
    }
  }
  Value from = e.of(loop.getFrom()), to = e.of(loop.getTo()), step = e.index(loop.getStep());
  auto products = scf::ForOp::create(e.b, from, to, step, ValueRange{e.splat(type, 0)});
  OpBuilder::InsertionGuard guard(e.b);
  e.b.setInsertionPointToStart(products.getBody());
  e.bind(loop.getPosition(), products.getInductionVar());
  for (Operation &op : loop.getBody().front().without_terminator())
    if (op.getNumResults() == 1 && (op.getResult(0).getType().isIndex() || isa<IntegerType>(op.getResult(0).getType())) &&
        failed(emitElementwise(e, &op)))
      return failure();
  FailureOr<Value> a = loadOperand(e, fold, fold.a), b = loadOperand(e, fold, fold.b);
  if (failed(a) || failed(b))
    return failure();
  // The last step's products have read the buffers, in every warp.
  SyncOp::create(e.b);
  SmallVector<int64_t> none(2, ShapedType::kDynamic);
  auto put = [&](Value tile, ArrayRef<Value> buffers) {
    for (auto [part, buffer] : llvm::zip(partsOf(e, fold, tile), buffers))
      StoreOp::create(e.b, part, buffer, ValueRange{e.index(0), e.index(0)}, e.b.getDenseI64ArrayAttr(none),
                      DenseI64ArrayAttr(), UnitAttr(), UnitAttr(), UnitAttr(), UnitAttr());
  };
  put(*a, as);
  put(*b, bs);
  FenceOp::create(e.b);
  SyncOp::create(e.b);
  Value sum = products.getRegionIterArg(0);
  if (!exact) {
    Value flight = multiply(e, fold, as[0], bs[0], sum, Value());
    sum = LandOp::create(e.b, uint64_t(0), ValueRange{flight}).getTiles()[0];
  } else {
    // The small ones first; a step's sum is added in f32, as the tensor cores' own additions
    // are a little coarser.
    Value flight;
    for (auto [i, j] : {std::pair(1, 1), {0, 2}, {2, 0}, {0, 1}, {1, 0}, {0, 0}})
      flight = multiply(e, fold, as[i], bs[j], flight, Value());
    Value tile = LandOp::create(e.b, uint64_t(0), ValueRange{flight}).getTiles()[0];
    sum = arith::AddFOp::create(e.b, sum, tile);
  }
  scf::YieldOp::create(e.b, ValueRange{sum});
  e.b.setInsertionPointAfter(products);
  return products.getResult(0);
}

} // namespace ssm::tile
