//===- Matrix.cpp - recognising them, and the kernel around them ------------===//
#include "Matrix.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace ssm::tile {
namespace {

/// Shared memory that a CTA's rings may take.
constexpr int64_t ringBytes = 200 * 1024;

bool isMatrixProduct(ProductOp op) {
  if (op.getDims().size() != 1 || getDims(op.getType()).size() != 2 || getDims(op.getLhs()).size() != 2 ||
      getDims(op.getRhs()).size() != 2 || !isa<LoopOp>(op->getParentOp()))
    return false;
  Type element = getElement(op.getLhs());
  return element.isBF16() || element.isF16() || element.isF32();
}

class MatrixKernel {
public:
  MatrixKernel(func::FuncOp function, ProgramOp program) : program(program), e(function, program, Frame()) {}
  FailureOr<KernelInterface> run(StringRef name);

private:
  LogicalResult collect();
  LogicalResult collectFold(LoopOp loop);
  LogicalResult findOperand(Value value, StringAttr summed, MatrixOperand &operand);
  void chooseWay(MatrixFold &fold);
  void makeRing(MatrixFold &fold);
  LogicalResult emitCopies();
  LogicalResult emitProducts();
  /// The scalars of a fold's body, for coordinates.
  LogicalResult emitScalars(LoopOp loop);
  void fetch(MatrixFold &fold, Value cursor);

  ProgramOp program;
  KernelEmitter e;
  SmallVector<MatrixFold, 2> folds;
};

LogicalResult MatrixKernel::findOperand(Value value, StringAttr summed, MatrixOperand &operand) {
  for (;;) { // widened, or in another order
    auto spread = value.getDefiningOp<SpreadOp>();
    if (auto cast = value.getDefiningOp<arith::ExtFOp>())
      value = cast.getIn();
    else if (spread && isTile(spread.getOperand().getType()) && getDims(spread.getOperand()).size() == getDims(value).size())
      value = spread.getOperand();
    else
      break;
  }
  operand.read = value.getDefiningOp<ReadOp>();
  if (!operand.read) {
    Operation *op = value.getDefiningOp();
    return e.refuse(op ? op : program.getOperation()) << "a product's operand that is computed in the same kernel; what lies in memory can be "
                                       "multiplied";
  }
  for (const NamedDim &d : getDims(value))
    if (d.name != summed) {
      operand.kept = d.name;
      operand.size = d.size;
    }
  ViewType view = operand.read.getView().getType();
  operand.element = view.getElementType();
  operand.keptInner = view.getDims().back().name == operand.kept;
  if (!operand.element.isF32() && !operand.element.isBF16() && !operand.element.isF16())
    return e.refuse(operand.read) << "a product of elements of " << operand.element;
  for (auto [dim, at] : llvm::zip(operand.read.getDims().getAsRange<StringAttr>(), operand.read.getCoordinates()))
    if (isTile(at.getType()))
      return e.refuse(operand.read) << "a product of elements picked along '" << dim.getValue() << "' by a table of indices";
  return success();
}

/// What one operand stores in 16 bits the other may be rounded to as it enters the tensor
/// core, unless the layer's schedule says `precision = f32`; nothing else is rounded: f32
/// goes by parts, and so do bf16 and f16 together.
Type multipliedType(ProductOp product, Type a, Type b) {
  if (a == b)
    return a;
  auto precision = product->getParentOfType<ModuleOp>()->getAttrOfType<StringAttr>("ssm.precision");
  bool mayRound = !precision || precision.getValue() != "f32";
  if (mayRound && a.isF32() != b.isF32())
    return a.isF32() ? b : a;
  return Float32Type::get(product.getContext());
}

LogicalResult MatrixKernel::collectFold(LoopOp loop) {
  MatrixFold fold;
  fold.loop = loop;
  for (Operation &op : loop.getBody().front().without_terminator()) {
    if (auto product = dyn_cast<ProductOp>(op)) {
      if (fold.product)
        return e.refuse(product) << "two products in one step";
      fold.product = product;
    }
  }
  ProductOp product = fold.product;
  auto yield = loop.getYield();
  if (!product || loop.getInits().size() != 1 || yield->getOperand(0) != product.getResult() ||
      product.getAcc() != loop.getCarries().front())
    return e.refuse(loop) << "a fold that multiplies matrices and does something else with its steps";
  fold.summed = cast<StringAttr>(product.getDims()[0]);
  if (failed(findOperand(product.getLhs(), fold.summed, fold.a)) || failed(findOperand(product.getRhs(), fold.summed, fold.b)))
    return failure();
  // The first has the rows.
  if (fold.a.kept == e.frame.columns)
    std::swap(fold.a, fold.b);
  if (fold.a.kept != e.frame.rows || fold.b.kept != e.frame.columns)
    return e.refuse(product) << "products with different rows and columns";
  NamedDims dims = getDims(product.getLhs());
  int64_t step = dims[*findDim(dims, fold.summed)].size;
  fold.depth = llvm::alignTo(step, 64);
  auto whole = [&](MatrixOperand &operand) {
    NamedDims memory = operand.read.getView().getType().getDims();
    return memory[*findDim(memory, fold.summed)].size == step;
  };
  if (fold.depth != step && !(whole(fold.a) && whole(fold.b)))
    return e.refuse(product) << "steps of " << step << " along '" << fold.summed.getValue() << "'; multiples of 64 do";
  fold.element = multipliedType(product, fold.a.element, fold.b.element);
  folds.push_back(fold);
  return success();
}

LogicalResult MatrixKernel::collect() {
  // The output's contiguous dimension lies along columns: the plan's last.
  ProductOp first;
  program.walk([&](ProductOp product) {
    if (isMatrixProduct(product) && !first)
      first = product;
  });
  NamedDims dims = getDims(first.getType());
  unsigned column = 1;
  for (auto [i, d] : llvm::enumerate(dims))
    if (!program.getDims().empty() && d.name == program.getDims().getValue().back())
      column = i;
  e.frame.columns = dims[column].name;
  e.frame.rows = dims[1 - column].name;
  e.frame.vector = 8;
  for (Operation &op : program.getBody().front())
    if (auto loop = dyn_cast<LoopOp>(op)) {
      if (failed(collectFold(loop)))
        return failure();
    }
  // Rows are shared out where all operands come by the copy engine; B's tile is then one
  // for all warpgroups.
  int64_t rows = dims[1 - column].size;
  for (MatrixFold &fold : folds)
    chooseWay(fold);
  bool ringed = llvm::all_of(folds, [](const MatrixFold &fold) { return fold.byMap(); });
  if (!ringed)
    for (MatrixFold &fold : folds)
      fold.a.byMap = fold.b.byMap = false;
  e.frame.groups = ringed && rows > 64 ? llvm::divideCeil(rows, 64) : 1;
  if (e.frame.groups > 3)
    return e.refuse(first) << rows << " rows in an item; up to 192 are multiplied together";
  for (MatrixFold &fold : folds)
    if (fold.b.keptInner)
      e.frame.columnUnit = 64;
  for (MatrixFold &fold : folds) {
    fold.a.size = e.frame.rowsOfGroup(rows) * e.frame.groups;
    fold.b.size = e.frame.columnsOf(dims[column].size);
    if (fold.b.size > 256)
      return e.refuse(fold.product) << fold.b.size << " columns in an item; up to 256 are multiplied together";
  }
  return success();
}

/// The copy engine takes rows that begin at multiples of 16 bytes.
void MatrixKernel::chooseWay(MatrixFold &fold) {
  for (MatrixOperand *operand : {&fold.a, &fold.b}) {
    ViewType view = operand->read.getView().getType();
    NamedDims memory = view.getDims();
    StringAttr inner = memory.back().name;
    bool contiguous = inner == operand->kept || inner == fold.summed;
    bool aligned = memory.back().isStatic() && memory.back().size % 8 == 0 && memory.back().size > 0;
    bool ahead = llvm::all_of(operand->read.getCoordinates(), [](Value at) { return isNeverNegative(at); });
    operand->byMap = operand->element == fold.element && !fold.element.isF32() && contiguous && aligned && ahead && memory.size() <= 5;
  }
}

} // namespace

SmemType sharedTile(const MatrixOperand &operand, int64_t depth, Type element) {
  SmallVector<int64_t> shape{operand.size, depth};
  if (operand.keptInner)
    std::swap(shape[0], shape[1]);
  return SmemType::get(element.getContext(), shape, element, 128);
}

namespace {

void MatrixKernel::makeRing(MatrixFold &fold) {
  MLIRContext *context = e.b.getContext();
  SmemType a = sharedTile(fold.a, fold.depth, fold.element), b = sharedTile(fold.b, fold.depth, fold.element);
  int64_t bytes = a.getBytes() + b.getBytes();
  fold.stages = std::clamp<int64_t>(ringBytes / int64_t(folds.size()) / bytes, 2, 4);
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

LogicalResult MatrixKernel::emitScalars(LoopOp loop) {
  for (Operation &op : loop.getBody().front().without_terminator())
    if (op.getNumResults() == 1 && (op.getResult(0).getType().isIndex() || isa<IntegerType>(op.getResult(0).getType())) &&
        failed(emitElementwise(e, &op)))
      return failure();
  return success();
}

void MatrixKernel::fetch(MatrixFold &fold, Value cursor) {
  SmallVector<Value> sources, values;
  SmallVector<int32_t> parts;
  for (auto [part, operand] : llvm::enumerate(std::array<MatrixOperand *, 2>{&fold.a, &fold.b})) {
    llvm::SmallDenseMap<StringAttr, Value> places;
    for (auto [dim, at] : llvm::zip(operand->read.getDims().getAsRange<StringAttr>(), operand->read.getCoordinates()))
      places[dim] = e.of(at);
    NamedDims memory = operand->read.getView().getType().getDims();
    int64_t inner = operand->keptInner ? operand->size : fold.depth;
    for (int64_t column = 0; column < inner; column += 64) {
      sources.push_back(operand->map);
      parts.push_back(part);
      for (auto [i, d] : llvm::enumerate(llvm::reverse(memory))) {
        Value at = places.lookup(d.name);
        if (!at)
          at = e.index(0);
        if (i == 0 && column)
          at = arith::AddIOp::create(e.b, at, e.index(column));
        values.push_back(at);
      }
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
  e.bindItem(CtaOp::create(e.b, 0));
  for (MatrixFold &fold : folds) {
    LoopOp loop = fold.loop;
    Value start = CursorOp::create(e.b, CursorType::get(e.b.getContext(), fold.stages), Value());
    auto copies = scf::ForOp::create(e.b, e.of(loop.getFrom()), e.of(loop.getTo()), e.index(loop.getStep()), ValueRange{start});
    OpBuilder::InsertionGuard guard(e.b);
    e.b.setInsertionPointToStart(copies.getBody());
    e.bind(loop.getPosition(), copies.getInductionVar());
    if (failed(emitScalars(loop)))
      return failure();
    Value cursor = copies.getRegionIterArg(0);
    fetch(fold, cursor);
    scf::YieldOp::create(e.b, ValueRange{NextOp::create(e.b, cursor).getResult()});
  }
  return success();
}

LogicalResult MatrixKernel::emitProducts() {
  Block *body = e.addRole("product", RoleKind::Group, e.frame.groups);
  if (e.frame.groups == 2)
    cast<RoleOp>(body->getParentOp()).setRegs(232);
  Value instance;
  if (e.frame.groups > 1) {
    instance = body->addArgument(e.b.getIndexType(), e.b.getLoc());
    e.rowOffset = arith::MulIOp::create(e.b, instance, e.index(64));
  }
  e.bindItem(CtaOp::create(e.b, 0));
  for (Operation &op : program.getBody().front().without_terminator()) {
    auto *fold = llvm::find_if(folds, [&](const MatrixFold &f) { return f.loop == &op; });
    if (fold == folds.end()) {
      if (failed(e.emit(&op)))
        return failure();
      continue;
    }
    e.b.setLoc(op.getLoc());
    FailureOr<Value> sum = fold->byMap() ? emitRingFold(e, *fold, instance) : emitStagedFold(e, *fold);
    if (failed(sum))
      return failure();
    e.bind(op.getResult(0), *sum);
  }
  return success();
}

FailureOr<KernelInterface> MatrixKernel::run(StringRef name) {
  if (failed(collect()))
    return failure();
  e.begin(name);
  bool ringed = false;
  for (MatrixFold &fold : folds)
    if (fold.byMap()) {
      makeRing(fold);
      ringed = true;
    }
  if ((ringed && failed(emitCopies())) || failed(emitProducts())) {
    e.discard();
    return failure();
  }
  return e.finish();
}

} // namespace

bool hasMatrixProduct(ProgramOp program) {
  if (program.walk([](RecurOp) { return WalkResult::interrupt(); }).wasInterrupted())
    return false;
  return program.walk([](ProductOp op) { return isMatrixProduct(op) ? WalkResult::interrupt() : WalkResult::advance(); })
      .wasInterrupted();
}

FailureOr<KernelInterface> makeMatrixKernel(func::FuncOp function, ProgramOp program, StringRef name) {
  return MatrixKernel(function, program).run(name);
}

} // namespace ssm::tile
