//===- Kernel.cpp - items, values, and what every rule needs ----------------===//
#include "Kernel.h"

#include "mlir/Dialect/UB/IR/UBOps.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace ssm::tile {

KernelEmitter::KernelEmitter(func::FuncOp function, ProgramOp program, Frame frame, const Assumptions &assumptions)
    : b(program.getLoc(), program.getContext()), frame(std::move(frame)), assumptions(assumptions), function(function),
      program(program) {
  coarse = true;
  program.walk([&](WriteOp write) {
    Type element = write.getView().getType().getElementType();
    coarse &= element.isBF16() || element.isF16();
  });
}

int64_t KernelEmitter::multipleOf(const NamedDim &inner) const {
  if (inner.isStatic())
    return std::max<int64_t>(inner.size, 1);
  return assumptions.aligned ? 8 : 1;
}

KernelEmitter::Steps KernelEmitter::stepsOf(LoopOp loop) const {
  if (!llvm::is_contained(assumptions.single, loop.getDimAttr()))
    return Steps::Many;
  bool fromStart = getConstantIntValue(loop.getFrom()) == 0;
  return fromStart && !isa<BlockArgument>(loop.getTo()) ? Steps::None : Steps::One;
}

bool KernelEmitter::isOnlyRead(Value view) const {
  auto named = view.getDefiningOp<ViewOp>();
  if (!named)
    return false;
  return !program
              ->walk([&](WriteOp write) {
                auto other = write.getView().getDefiningOp<ViewOp>();
                return !other || other.getSource() == named.getSource() ? WalkResult::interrupt() : WalkResult::advance();
              })
              .wasInterrupted();
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

Value KernelEmitter::of(Value value) {
  if (Value known = map.lookup(value))
    return known;
  if (auto argument = dyn_cast<BlockArgument>(value); argument && argument.getOwner() == &function.getBody().front()) {
    // A size.
    unsigned number = argument.getArgNumber();
    interface.arguments.push_back({std::nullopt, false, number});
    return map[value] = prologue->addArgument(b.getIndexType(), value.getLoc());
  }
  // What stands before the program: constants.
  if (Operation *op = value.getDefiningOp(); op && op->hasTrait<OpTrait::ConstantLike>()) {
    OpBuilder::InsertionGuard guard(b);
    if (failed(emitElementwise(*this, op)))
      return {};
    Value made = map.lookup(value);
    map.erase(value); // it is known where it was made only
    return made;
  }
  return {};
}

Value KernelEmitter::tileOf(Value value) {
  Value made = of(value);
  if (!made || isRegisterTile(made.getType()))
    return made;
  RankedTensorType type = frame.typeOf(value.getType());
  if (made.getType().isIndex())
    made = arith::IndexCastOp::create(b, b.getI32Type(), made);
  return BroadcastOp::create(b, type, made);
}

Value KernelEmitter::splat(RankedTensorType type, Attribute value) {
  return arith::ConstantOp::create(b, DenseElementsAttr::get(type, value));
}
Value KernelEmitter::splat(RankedTensorType type, double value) {
  Type element = type.getElementType();
  return splat(type, isa<FloatType>(element) ? Attribute(b.getFloatAttr(element, value))
                                             : Attribute(b.getIntegerAttr(element, int64_t(value))));
}

Value KernelEmitter::slice(Value tile, int64_t dim, int64_t at) {
  auto type = cast<RankedTensorType>(tile.getType());
  SmallVector<int64_t> shape(type.getShape()), offsets(type.getRank(), 0);
  if (shape[dim] == 1)
    return tile;
  shape[dim] = 1;
  offsets[dim] = at;
  return SliceOp::create(b, type.clone(shape), tile, ValueRange(), offsets);
}

Value KernelEmitter::insert(Value part, Value tile, int64_t dim, int64_t at) {
  auto type = cast<RankedTensorType>(tile.getType());
  if (type.getDimSize(dim) == 1)
    return part;
  SmallVector<int64_t> offsets(type.getRank(), 0);
  offsets[dim] = at;
  return InsertOp::create(b, part, tile, ValueRange(), offsets);
}

Value KernelEmitter::spread(Value tile, RankedTensorType type) {
  if (tile.getType() == type)
    return tile;
  // What is the same for many threads is held in f32.
  if (Type to = type.getElementType(); getElementTypeOrSelf(tile.getType()).isF32() && (to.isBF16() || to.isF16()))
    return arith::TruncFOp::create(b, type, spread(tile, type.clone(b.getF32Type())));
  if (!isRegisterTile(tile.getType())) {
    if (tile.getType().isIndex())
      tile = arith::IndexCastOp::create(b, b.getI32Type(), tile);
    return BroadcastOp::create(b, type, tile);
  }
  if (frame.isProduct())
    return BroadcastOp::create(b, type, tile);
  auto from = cast<RankedTensorType>(tile.getType());
  int64_t blocks = frame.blocks.size();
  for (int64_t dim = 0; dim < blocks; ++dim) {
    if (from.getDimSize(dim) == type.getDimSize(dim))
      continue;
    SmallVector<int64_t> shape(from.getShape());
    shape[dim] = type.getDimSize(dim);
    from = from.clone(shape);
    Value wide = ub::PoisonOp::create(b, from);
    for (int64_t i = 0; i < shape[dim]; ++i)
      wide = insert(tile, wide, dim, i);
    tile = wide;
  }
  if (from != type)
    tile = BroadcastOp::create(b, type, tile);
  return tile;
}

Value KernelEmitter::keepFirst(Value tile, int64_t size, double fill) {
  auto type = cast<RankedTensorType>(tile.getType());
  int64_t rank = type.getRank();
  if (!isa<LanesAttr>(type.getEncoding()) || type.getDimSize(rank - 1) == size)
    return tile;
  unsigned dims = rank == 1 ? 1 : 2;
  IntegerSet set = IntegerSet::get(dims, 0, b.getAffineConstantExpr(size - 1) - b.getAffineDimExpr(dims - 1), {false});
  Type element = type.getElementType();
  TypedAttr value = isa<FloatType>(element) ? TypedAttr(b.getFloatAttr(element, fill))
                                            : TypedAttr(b.getIntegerAttr(element, int64_t(fill)));
  return MaskOp::create(b, tile, set, ValueRange(), arith::ConstantOp::create(b, value), Value());
}

//===----------------------------------------------------------------------===//
// Arguments, buffers
//===----------------------------------------------------------------------===//

Value KernelEmitter::viewArgument(Value view, ArrayRef<StringAttr> order, int64_t vector) {
  auto named = view.getDefiningOp<ViewOp>();
  unsigned buffer = cast<BlockArgument>(named.getSource()).getArgNumber();
  KernelArgument::View wanted{buffer, named.getType(), SmallVector<StringAttr>(order), vector};
  for (auto [i, argument] : llvm::enumerate(interface.arguments))
    if (argument.view && !argument.isMap && *argument.view == wanted)
      return prologue->getArgument(i);
  Type element = named.getType().getElementType();
  int64_t rank = order.size();
  if (auto complex = dyn_cast<ComplexType>(element)) {
    element = complex.getElementType();
    ++rank;
  }
  interface.arguments.push_back({wanted, false, 0});
  return prologue->addArgument(GlobalType::get(b.getContext(), element, rank, vector), view.getLoc());
}

Value KernelEmitter::mapArgument(Value view, ArrayRef<int64_t> box, int64_t swizzle) {
  auto named = view.getDefiningOp<ViewOp>();
  unsigned buffer = cast<BlockArgument>(named.getSource()).getArgNumber();
  SmallVector<StringAttr> order;
  for (const NamedDim &d : llvm::reverse(named.getType().getDims()))
    order.push_back(d.name);
  interface.arguments.push_back({KernelArgument::View{buffer, named.getType(), order, 1}, true, 0});
  return prologue->addArgument(MapType::get(b.getContext(), named.getType().getElementType(), box, swizzle), view.getLoc());
}

Value KernelEmitter::scratch(int64_t count, Type element) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(prologue);
  return BufferOp::create(b, SmemType::get(b.getContext(), {count}, element), IntegerAttr());
}

//===----------------------------------------------------------------------===//
// The program
//===----------------------------------------------------------------------===//

LogicalResult KernelEmitter::emit(Operation *op) {
  b.setLoc(op->getLoc());
  if (given.contains(op))
    return success();
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](ReadOp read) { return emitRead(*this, read); })
      .Case([&](WriteOp write) { return emitWrite(*this, write); })
      .Case([&](scf::IfOp branch) { return emitIf(*this, branch); })
      .Case([&](LoopOp loop) { return emitLoop(*this, loop); })
      .Case([&](RecurOp recur) { return emitRecur(*this, recur); })
      .Case([&](CombineOp combine) { return emitCombine(*this, combine); })
      .Case([&](ProductOp product) { return emitProduct(*this, product); })
      .Case([&](ScratchOp scratch) {
        return refuse(scratch) << "what an item keeps in memory of its own: chunks of a recurrence, or states that do not "
                                  "stay in registers";
      })
      .Case<PosOp, SpreadOp, RenameOp, PickOp, GetOp>([&](auto) { return emitNames(*this, op); })
      .Default([&](Operation *) { return emitElementwise(*this, op); });
}

LogicalResult KernelEmitter::emitBlock(Block &block) {
  for (Operation &op : block.without_terminator())
    if (failed(emit(&op)))
      return failure();
  return success();
}

void KernelEmitter::begin(StringRef name) {
  b.setInsertionPoint(function);
  interface.kernel = KernelOp::create(b, name, b.getFunctionType({}, {}), nullptr, nullptr, nullptr, nullptr, nullptr, nullptr);
  prologue = &interface.kernel.getBody().emplaceBlock();
  b.setInsertionPointToEnd(prologue);
  YieldOp::create(b);
}

Block *KernelEmitter::addRole(StringRef name, RoleKind kind, int64_t instances) {
  b.setInsertionPoint(prologue->getTerminator());
  RoleOp role = RoleOp::create(b, name, kind, instances, IntegerAttr(), IntegerAttr(), IntegerAttr());
  Block *body = &role.getBody().emplaceBlock();
  b.setInsertionPointToEnd(body);
  YieldOp::create(b);
  b.setInsertionPoint(body->getTerminator());
  return body;
}

SmallVector<Value> KernelEmitter::countTiles() {
  interface.ranges.clear();
  SmallVector<Value> counts;
  for (auto [owned, step] : llvm::zip(program.getExtents(), program.getSteps())) {
    Value extent = owned;
    OwnedRange range{std::nullopt, 0, step};
    if (auto least = extent.getDefiningOp<arith::MaxSIOp>()) { // of results that lack it
      range.atLeastOne = true;
      extent = least.getLhs();
    }
    std::optional<int64_t> known = getConstantIntValue(extent);
    if (known)
      range.constant = *known;
    else
      range.argument = cast<BlockArgument>(extent).getArgNumber();
    interface.ranges.push_back(range);
    if (known) {
      counts.push_back(index(llvm::divideCeil(*known, step)));
      continue;
    }
    Value elements = of(extent);
    if (range.atLeastOne)
      elements = arith::MaxSIOp::create(b, elements, index(1));
    counts.push_back(step == 1 ? elements
                               : arith::DivUIOp::create(b, arith::AddIOp::create(b, elements, index(step - 1)), index(step)).getResult());
  }
  return counts;
}

Value KernelEmitter::bindItem(Value item, int64_t band) {
  SmallVector<Value> counts = countTiles(), numbers(counts.size());
  // The last owned dimension runs fastest.
  Value rest = item, inside;
  unsigned left = counts.size();
  if (band && left >= 2) {
    Value rows = counts[left - 2], columns = counts[left - 1], place = rest;
    if (left > 2) {
      Value both = arith::MulIOp::create(b, rows, columns);
      place = arith::RemUIOp::create(b, rest, both);
      rest = arith::DivUIOp::create(b, rest, both);
    }
    Value inBand = arith::MulIOp::create(b, columns, index(band));
    Value first = arith::MulIOp::create(b, arith::DivUIOp::create(b, place, inBand), index(band));
    Value height = arith::MinUIOp::create(b, arith::SubIOp::create(b, rows, first), index(band));
    Value in = arith::RemUIOp::create(b, place, inBand);
    numbers[left - 2] = arith::AddIOp::create(b, first, arith::RemUIOp::create(b, in, height));
    numbers[left - 1] = arith::DivUIOp::create(b, in, height);
    left -= 2;
  }
  while (left-- > 0) {
    numbers[left] = rest;
    if (left > 0) {
      numbers[left] = arith::RemUIOp::create(b, rest, counts[left]);
      rest = arith::DivUIOp::create(b, rest, counts[left]);
    } else {
      inside = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, rest, counts[0]);
    }
  }
  for (auto [argument, number, step] : llvm::zip(program.getBody().getArguments(), numbers, program.getSteps()))
    bind(argument, step == 1 ? number : arith::MulIOp::create(b, number, index(step)).getResult());
  return inside ? inside : arith::CmpIOp::create(b, arith::CmpIPredicate::eq, item, index(0)).getResult();
}

KernelInterface KernelEmitter::finish() {
  interface.kernel.setFunctionType(b.getFunctionType(prologue->getArgumentTypes(), {}));
  return interface;
}

FailureOr<KernelInterface> KernelEmitter::run(StringRef name) {
  interface.itemsOfCta = frame.itemsOfCta();
  begin(name);
  Block *body = addRole("items", frame.threads == 32 ? RoleKind::Warp : RoleKind::Group, frame.itemsOfCta());
  Value item = CtaOp::create(b, 0);
  if (frame.itemsOfCta() > 1) {
    Value instance = body->addArgument(b.getIndexType(), b.getLoc());
    item = arith::AddIOp::create(b, arith::MulIOp::create(b, item, index(frame.itemsOfCta())), instance);
  }
  Value inside = bindItem(item);
  if (frame.itemsOfCta() > 1) { // of the last CTA's items some may be none
    auto guard = scf::IfOp::create(b, inside, /*withElse=*/false);
    b.setInsertionPointToStart(guard.thenBlock());
  }
  if (failed(emitBlock(program.getBody().front()))) {
    interface.kernel.erase();
    return failure();
  }
  return finish();
}

FailureOr<KernelInterface> makeKernel(func::FuncOp function, ProgramOp program, StringRef name,
                                      const Assumptions &assumptions) {
  for (auto [dim, extent] : llvm::zip(program.getDims().getAsRange<StringAttr>(), program.getExtents()))
    if (!isa<BlockArgument>(extent) && !getConstantIntValue(extent) && !extent.getDefiningOp<arith::MaxSIOp>())
      return program.emitError() << "this has no kernel for the GPU: the number of items along '" << dim.getValue()
                                 << "' is computed", failure();
  if (hasMatrixProduct(program))
    return makeMatrixKernel(function, program, name, assumptions);
  FailureOr<Frame> frame = Frame::make(program, assumptions.aligned);
  if (failed(frame))
    return failure();
  return KernelEmitter(function, program, *frame, assumptions).run(name);
}

} // namespace ssm::tile
