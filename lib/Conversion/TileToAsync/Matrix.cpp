//===- Matrix.cpp - recognising them, and the kernel around them ------------===//
#include "Matrix.h"

using namespace mlir;

namespace ssm::tile {
namespace {

bool isMatrixProduct(ProductOp op) {
  if (op.getDims().size() != 1 || getDims(op.getType()).size() != 2 || getDims(op.getLhs()).size() != 2 ||
      getDims(op.getRhs()).size() != 2 || !isa<LoopOp>(op->getParentOp()))
    return false;
  Type element = getElement(op.getLhs());
  return element.isBF16() || element.isF16() || element.isF32();
}

} // namespace

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

MatrixDims findMatrixDims(ProgramOp program) {
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
  return {dims[1 - column].name, dims[column].name, dims[1 - column].size, dims[column].size, first};
}

LogicalResult MatrixKernel::collect() {
  MatrixDims dims = findMatrixDims(program);
  e.frame.columns = dims.columns;
  e.frame.rows = dims.rows;
  e.frame.vector = 8;
  for (Operation &op : program.getBody().front())
    if (auto loop = dyn_cast<LoopOp>(op)) {
      if (failed(collectFold(loop)))
        return failure();
    }
  // Rows are shared out where all operands come by the copy engine; B's tile is then one
  // for all warpgroups.
  int64_t rows = dims.rowTile;
  for (MatrixFold &fold : folds)
    chooseWay(fold);
  ringed = llvm::all_of(folds, [](const MatrixFold &fold) { return fold.byMap(); });
  if (!ringed)
    for (MatrixFold &fold : folds)
      fold.a.byMap = fold.b.byMap = false;
  e.frame.groups = ringed && rows > 64 ? llvm::divideCeil(rows, 64) : 1;
  if (e.frame.groups > 3)
    return e.refuse(dims.product) << rows << " rows in an item; up to 192 are multiplied together";
  for (MatrixFold &fold : folds)
    if (fold.b.keptInner)
      e.frame.columnUnit = 64;
  int64_t columns = e.frame.columnsOf(dims.columnTile);
  for (MatrixFold &fold : folds) {
    fold.a.size = e.frame.rowsOfGroup(rows) * e.frame.groups;
    fold.b.size = columns;
    if (fold.b.size > 256)
      return e.refuse(fold.product) << fold.b.size << " columns in an item; up to 256 are multiplied together";
  }
  piece = columns % 64 == 0 ? 64 : columns;
  if (ringed && piece == 64)
    staged = findStaged();
  return success();
}

/// A 16-bit result that the copy engine can store: the only one, of rows and columns that
/// lie on 16 bytes.
WriteOp MatrixKernel::findStaged() {
  WriteOp found;
  bool alone = true;
  program.walk([&](WriteOp write) {
    alone &= !found && write->getParentOp() == program;
    found = write;
  });
  if (!found || !alone || found.getAccumulate() || !found.getCounts().empty())
    return {};
  NamedDims tile = getDims(found.getValues().front()), memory = found.getView().getType().getDims();
  Type element = getElement(found.getValues().front());
  bool fits = (element.isBF16() || element.isF16()) && findDim(tile, e.frame.rows) && findDim(tile, e.frame.columns) &&
              tile.size() == 2 && memory.back().name == e.frame.columns && e.multipleOf(memory.back()) % 8 == 0 &&
              memory.size() <= 5 && tile[0].size * tile[1].size == folds.front().a.size * folds.front().b.size &&
              llvm::all_of(found.getCoordinates(), isNeverNegative);
  return fits ? found : WriteOp();
}

/// The copy engine takes rows that begin at multiples of 16 bytes.
void MatrixKernel::chooseWay(MatrixFold &fold) {
  for (MatrixOperand *operand : {&fold.a, &fold.b}) {
    ViewType view = operand->read.getView().getType();
    NamedDims memory = view.getDims();
    StringAttr inner = memory.back().name;
    bool contiguous = inner == operand->kept || inner == fold.summed;
    bool aligned = memory.back().isStatic() ? memory.back().size % 8 == 0 && memory.back().size > 0 : e.assumptions.aligned;
    bool ahead = llvm::all_of(operand->read.getCoordinates(), [](Value at) { return isNeverNegative(at); });
    operand->byMap = operand->element == fold.element && !fold.element.isF32() && contiguous && aligned && ahead && memory.size() <= 5;
  }
}

FailureOr<KernelInterface> MatrixKernel::run(StringRef name) {
  if (failed(collect()))
    return failure();
  e.begin(name);
  if (ringed)
    makeRings();
  if ((ringed && failed(emitCopies())) || (staged && failed(emitStores())) || failed(emitProducts())) {
    e.discard();
    return failure();
  }
  KernelInterface made = e.finish();
  made.ctasOfCore = ctasOfCore;
  if (ctasOfCore > 1)
    made.kernel.setCtasPerSm(ctasOfCore);
  return made;
}

bool hasMatrixProduct(ProgramOp program) {
  if (program.walk([](RecurOp) { return WalkResult::interrupt(); }).wasInterrupted())
    return false;
  return program.walk([](ProductOp op) { return isMatrixProduct(op) ? WalkResult::interrupt() : WalkResult::advance(); })
      .wasInterrupted();
}

FailureOr<KernelInterface> makeMatrixKernel(func::FuncOp function, ProgramOp program, StringRef name,
                                            const Assumptions &assumptions) {
  return MatrixKernel(function, program, assumptions).run(name);
}

} // namespace ssm::tile
