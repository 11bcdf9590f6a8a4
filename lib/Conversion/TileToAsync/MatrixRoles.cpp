//===- MatrixRoles.cpp - copies, products, stores of matrices ---------------===//
//
//   copy     a thread: fetches the operands of one step after the other into a ring, for
//            one item after the other, as far ahead as the ring has slots
//   product  a warpgroup for 64 rows: multiplies behind the ring, then works on 64
//            columns of the sums at a time, and leaves them in a ring of its own
//   store    a thread for each of them: sends what is there, while the next item is
//            multiplied
//
//===----------------------------------------------------------------------===//
#include "Matrix.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace ssm::tile {

/// Shared memory of a multiprocessor, what rings of results take of it, and what barriers do.
constexpr int64_t sharedBytes = 232448, barrierBytes = 2048, resultSlots = 2;
/// Rows of the output that are worked on together, so that what they read stays in L2.
constexpr int64_t bandRows = 2048;

SmemType sharedTile(const MatrixOperand &operand, int64_t depth, Type element) {
  SmallVector<int64_t> shape{operand.size, depth};
  if (operand.keptInner)
    std::swap(shape[0], shape[1]);
  return SmemType::get(element.getContext(), shape, element, 128);
}

void MatrixKernel::makeRings() {
  // One warpgroup leaves room for another CTA beside it.
  ctasOfCore = e.frame.groups == 1 ? 2 : 1;
  int64_t bytes = sharedBytes / ctasOfCore - barrierBytes;
  if (staged) {
    auto part = SmemType::get(e.b.getContext(), {64, 64}, getElement(staged.getValues().front()), 128);
    auto type = RingType::get(e.b.getContext(), resultSlots, e.frame.groups, {e.b.getStringAttr("c")}, {part});
    bytes -= type.getBytes();
    e.b.setInsertionPoint(e.getPrologue()->getTerminator());
    outRing = RingOp::create(e.b, type, uint64_t(4), BarrierUnit::Warp, uint64_t(1), BarrierUnit::Thread, IntegerAttr(), IntegerAttr());
    SmallVector<int64_t> box;
    for (const NamedDim &d : llvm::reverse(staged.getView().getType().getDims()))
      box.push_back(d.name == e.frame.columns || d.name == e.frame.rows ? 64 : 1);
    outMap = e.mapArgument(staged.getView(), box, 128);
  }
  for (MatrixFold &fold : folds)
    makeRing(fold, bytes / int64_t(folds.size()));
}

void MatrixKernel::makeRing(MatrixFold &fold, int64_t bytes) {
  MLIRContext *context = e.b.getContext();
  SmemType a = sharedTile(fold.a, fold.depth, fold.element), b = sharedTile(fold.b, fold.depth, fold.element);
  // A power of two: a slot's number is then the low bits of a count.
  fold.stages = int64_t(1) << llvm::Log2_64(std::clamp<int64_t>(bytes / (a.getBytes() + b.getBytes()), 2, 8));
  auto type = RingType::get(context, fold.stages, 1, {e.b.getStringAttr("a"), e.b.getStringAttr("b")}, {a, b});
  e.b.setInsertionPoint(e.getPrologue()->getTerminator());
  fold.ring = RingOp::create(e.b, type, uint64_t(1), BarrierUnit::Thread, uint64_t(e.frame.groups), BarrierUnit::Group,
                             IntegerAttr(), IntegerAttr());
  for (MatrixOperand *operand : {&fold.a, &fold.b}) {
    // Boxes of 64 elements inside: 128 bytes, as the swizzle has them.
    SmallVector<int64_t> box;
    for (const NamedDim &d : llvm::reverse(operand->read.getView().getType().getDims())) {
      bool inner = box.empty();
      box.push_back(inner ? 64 : d.name == operand->kept ? operand->size : d.name == fold.summed ? fold.depth : 1);
    }
    operand->map = e.mapArgument(operand->read.getView(), box, 128);
  }
}

scf::ForOp MatrixKernel::loopOverItems(ValueRange carries) {
  Value total = e.index(1);
  for (Value count : e.countTiles())
    total = arith::MulIOp::create(e.b, total, count);
  auto loop = scf::ForOp::create(e.b, CtaOp::create(e.b, 0), total, CtaCountOp::create(e.b, 0), carries);
  e.b.setInsertionPointToStart(loop.getBody());
  // In bands where rows and columns are the last of what items own.
  MatrixDims dims = findMatrixDims(program);
  auto owned = llvm::to_vector(program.getDims().getAsRange<StringAttr>());
  bool ordered = owned.size() >= 2 && owned[owned.size() - 2] == dims.rows && owned.back() == dims.columns;
  e.bindItem(loop.getInductionVar(), ordered ? std::max<int64_t>(1, bandRows / folds.front().a.size) : 0);
  return loop;
}

LogicalResult MatrixKernel::emitScalars(Block &block) {
  for (Operation &op : block.without_terminator())
    if (op.getNumResults() == 1 && isa<arith::ArithDialect>(op.getDialect()) &&
        (op.getResult(0).getType().isIndex() || isa<IntegerType>(op.getResult(0).getType())) && failed(emitElementwise(e, &op)))
      return failure();
  return success();
}

SmallVector<Value> MatrixKernel::placeOf(Value view, ArrayAttr dims, ValueRange coordinates, Value row, Value column) {
  llvm::SmallDenseMap<StringAttr, Value> places;
  for (auto [dim, at] : llvm::zip(dims.getAsRange<StringAttr>(), coordinates))
    places[dim] = e.of(at);
  SmallVector<Value> at;
  for (const NamedDim &d : llvm::reverse(cast<ViewType>(view.getType()).getDims())) {
    Value place = places.lookup(d.name), further = d.name == e.frame.rows ? row : d.name == e.frame.columns ? column : Value();
    if (!place)
      place = e.index(0);
    at.push_back(further ? arith::AddIOp::create(e.b, place, further).getResult() : place);
  }
  return at;
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

void MatrixKernel::fetch(MatrixFold &fold, Value cursor) {
  SmallVector<Value> sources, values;
  SmallVector<int32_t> parts;
  for (auto [part, operand] : llvm::enumerate(std::array<MatrixOperand *, 2>{&fold.a, &fold.b})) {
    ReadOp read = operand->read;
    SmallVector<Value> at = placeOf(read.getView(), read.getDims(), read.getCoordinates(), {}, {});
    int64_t inner = operand->keptInner ? operand->size : fold.depth;
    for (int64_t column = 0; column < inner; column += 64) {
      sources.push_back(operand->map);
      parts.push_back(part);
      values.push_back(column ? arith::AddIOp::create(e.b, at[0], e.index(column)).getResult() : at[0]);
      values.append(at.begin() + 1, at.end());
    }
  }
  SmallVector<int64_t> none(values.size(), ShapedType::kDynamic);
  SmallVector<bool> copies(parts.size(), true);
  FetchOp::create(e.b, fold.ring, Value(), cursor, sources, values, none, parts, copies, DenseI32ArrayAttr());
}

LogicalResult MatrixKernel::emitCopies() {
  Block *copy = e.addRole("copy", RoleKind::Thread, 1);
  if (e.frame.groups == 2) // what the copying warpgroup does not need the others get
    cast<RoleOp>(copy->getParentOp()).setRegs(40);
  SmallVector<Value> cursors;
  for (MatrixFold &fold : folds)
    cursors.push_back(CursorOp::create(e.b, CursorType::get(e.b.getContext(), fold.stages), Value()));
  scf::ForOp items = loopOverItems(cursors);
  SmallVector<Value> next;
  if (failed(emitScalars(program.getBody().front())))
    return failure();
  for (auto [fold, cursor] : llvm::zip(folds, items.getRegionIterArgs())) {
    LoopOp loop = fold.loop;
    auto copies = scf::ForOp::create(e.b, e.of(loop.getFrom()), e.of(loop.getTo()), e.index(loop.getStep()), ValueRange{cursor});
    next.push_back(copies.getResult(0));
    OpBuilder::InsertionGuard guard(e.b);
    e.b.setInsertionPointToStart(copies.getBody());
    e.bind(loop.getPosition(), copies.getInductionVar());
    if (failed(emitScalars(loop.getBody().front())))
      return failure();
    Value slot = copies.getRegionIterArg(0);
    fetch(fold, slot);
    scf::YieldOp::create(e.b, ValueRange{NextOp::create(e.b, slot).getResult()});
  }
  scf::YieldOp::create(e.b, next);
  return success();
}

//===----------------------------------------------------------------------===//
// Stores
//===----------------------------------------------------------------------===//

LogicalResult MatrixKernel::emitStores() {
  Block *body = e.addRole("store", RoleKind::Thread, e.frame.groups);
  if (e.frame.groups == 2)
    cast<RoleOp>(body->getParentOp()).setRegs(40);
  Value instance, row;
  if (e.frame.groups > 1) {
    instance = body->addArgument(e.b.getIndexType(), e.b.getLoc());
    row = arith::MulIOp::create(e.b, instance, e.index(64));
  }
  Value start = CursorOp::create(e.b, CursorType::get(e.b.getContext(), resultSlots), Value());
  scf::ForOp items = loopOverItems({start, e.index(0)});
  if (failed(emitScalars(program.getBody().front())))
    return failure();
  int64_t columns = folds.front().b.size;
  auto pieces = scf::ForOp::create(e.b, e.index(0), e.index(columns), e.index(piece), ValueRange(items.getRegionIterArgs()));
  {
    OpBuilder::InsertionGuard guard(e.b);
    e.b.setInsertionPointToStart(pieces.getBody());
    Value cursor = pieces.getRegionIterArg(0), sent = pieces.getRegionIterArg(1);
    SmallVector<Value> at = placeOf(staged.getView(), staged.getDims(), staged.getCoordinates(), row, pieces.getInductionVar());
    SmallVector<int64_t> none(at.size(), ShapedType::kDynamic);
    Value slot = AwaitOp::create(e.b, outRing, instance, cursor, UnitAttr()).getViews()[0];
    FenceOp::create(e.b);
    SendOp::create(e.b, slot, outMap, at, e.b.getDenseI64ArrayAttr(none), UnitAttr());
    SendWaitOp::create(e.b, e.b.getI64IntegerAttr(1), e.b.getUnitAttr());
    // What was sent before this is read.
    Value late = arith::CmpIOp::create(e.b, arith::CmpIPredicate::ne, sent, e.index(0));
    ReleaseOp::create(e.b, outRing, instance, NextOp::create(e.b, cursor, int64_t(-1)), late, Value(), IntegerAttr());
    scf::YieldOp::create(e.b, ValueRange{NextOp::create(e.b, cursor).getResult(), e.index(1)});
  }
  scf::YieldOp::create(e.b, pieces.getResults());
  e.b.setInsertionPoint(body->getTerminator());
  SendWaitOp::create(e.b, e.b.getI64IntegerAttr(0), UnitAttr());
  return success();
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

LogicalResult MatrixKernel::emitPiece(ArrayRef<Value> sums, Value instance, Value &outCursor) {
  for (Operation &op : program.getBody().front().without_terminator()) {
    e.b.setLoc(op.getLoc());
    auto *fold = llvm::find_if(folds, [&](const MatrixFold &f) { return f.loop == &op; });
    if (fold != folds.end()) {
      FailureOr<Value> sum = withInit(e, *fold, sums[fold - folds.begin()]);
      if (failed(sum))
        return failure();
      e.bind(op.getResult(0), *sum);
    } else if (staged && &op == staged) {
      Value tile = e.of(staged.getValues().front());
      if (!tile)
        return failure();
      Value slot = AcquireOp::create(e.b, outRing, instance, outCursor).getViews()[0];
      SmallVector<int64_t> none(2, ShapedType::kDynamic);
      StoreOp::create(e.b, tile, slot, ValueRange{e.index(0), e.index(0)}, e.b.getDenseI64ArrayAttr(none), DenseI64ArrayAttr(),
                      UnitAttr(), UnitAttr(), UnitAttr(), UnitAttr());
      PublishOp::create(e.b, outRing, instance, outCursor, Value());
      outCursor = NextOp::create(e.b, outCursor);
    } else if (failed(e.emit(&op))) {
      return failure();
    }
  }
  return success();
}

LogicalResult MatrixKernel::emitItem(Value instance, Value &outCursor) {
  if (failed(emitScalars(program.getBody().front())))
    return failure();
  SmallVector<Value> sums;
  for (MatrixFold &fold : folds) {
    e.b.setLoc(fold.loop.getLoc());
    FailureOr<Value> sum = fold.byMap() ? emitRingFold(e, fold, instance) : emitStagedFold(e, fold);
    if (failed(sum))
      return failure();
    sums.push_back(*sum);
  }
  int64_t columns = folds.front().b.size;
  if (piece == columns)
    return emitPiece(sums, instance, outCursor);
  SmallVector<Value> carries;
  if (staged)
    carries.push_back(outCursor);
  auto pieces = scf::ForOp::create(e.b, e.index(0), e.index(columns), e.index(piece), carries);
  pieces->setAttr("tile.unroll", e.b.getUnitAttr());
  OpBuilder::InsertionGuard guard(e.b);
  e.b.setInsertionPointToStart(pieces.getBody());
  e.columnOffset = pieces.getInductionVar();
  e.frame.piece = piece;
  for (Value &sum : sums) {
    auto type = cast<RankedTensorType>(sum.getType());
    sum = SliceOp::create(e.b, type.clone({type.getDimSize(0), piece}), sum, ValueRange{e.columnOffset},
                          ArrayRef<int64_t>{0, ShapedType::kDynamic});
  }
  if (staged)
    outCursor = pieces.getRegionIterArg(0);
  LogicalResult done = emitPiece(sums, instance, outCursor);
  e.columnOffset = {};
  e.frame.piece = 0;
  if (failed(done))
    return failure();
  if (staged) {
    scf::YieldOp::create(e.b, outCursor);
    outCursor = pieces.getResult(0);
  }
  return success();
}

LogicalResult MatrixKernel::emitProducts() {
  Block *body = e.addRole("product", RoleKind::Group, e.frame.groups);
  if (e.frame.groups == 2)
    cast<RoleOp>(body->getParentOp()).setRegs(232);
  Value instance, outCursor;
  if (e.frame.groups > 1) {
    instance = body->addArgument(e.b.getIndexType(), e.b.getLoc());
    e.rowOffset = arith::MulIOp::create(e.b, instance, e.index(64));
  }
  if (!ringed) {
    e.bindItem(CtaOp::create(e.b, 0));
    return emitItem(instance, outCursor);
  }
  SmallVector<Value> cursors;
  for (MatrixFold &fold : folds)
    cursors.push_back(CursorOp::create(e.b, CursorType::get(e.b.getContext(), fold.stages), Value()));
  if (staged)
    cursors.push_back(CursorOp::create(e.b, CursorType::get(e.b.getContext(), resultSlots), Value()));
  scf::ForOp items = loopOverItems(cursors);
  auto carried = items.getRegionIterArgs();
  for (auto [fold, cursor] : llvm::zip(folds, carried))
    fold.cursor = cursor;
  if (staged)
    outCursor = carried.back();
  if (failed(emitItem(instance, outCursor)))
    return failure();
  SmallVector<Value> next;
  for (MatrixFold &fold : folds)
    next.push_back(fold.cursor);
  if (staged)
    next.push_back(outCursor);
  scf::YieldOp::create(e.b, next);
  return success();
}

} // namespace ssm::tile
