//===- OutlineParallel.cpp - the pass ssm-outline-parallel ------------------===//
//
// The iterations of an n-dimensional loop are numbered, row-major, and the new
// function covers a range of the numbers. It walks along the last dimension in a
// plain loop, which LLVM can vectorise, and steps the outer indices by carry:
//
//   for (row = begin / n; row < ceil(end / n); ++row, advance the outer indices)
//     for (i = max(begin - row * n, 0); i < min(end - row * n, n); ++i) body
//
// Last dimensions that are short and known are left whole inside an iteration.
// Stack that an iteration takes is taken once, where the function begins: each
// iteration has it to itself while it runs. What is more than a thread's stack should
// give is allocated there.
//
//===----------------------------------------------------------------------===//
#include "LoopCost.h"
#include "ssm/Conversion/ToArtifact.h"

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;

namespace ssm {
namespace {

/// Loops known to have fewer scalar operations are not worth a call; the runtime
/// itself goes on one thread below some more.
constexpr int64_t worthACall = 4096;
/// Bytes on the stack of a thread that the runtime or a user made.
constexpr int64_t largestStack = 1 << 18;
/// So many iterations of the last dimensions make one.
constexpr int64_t longestWhole = 64;

std::optional<int64_t> known(Value value) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return constant.getSExtValue();
  return std::nullopt;
}

class Outliner {
public:
  explicit Outliner(ModuleOp module)
      : module(module), symbols(module), converter(module.getContext()),
        pointer(LLVM::LLVMPointerType::get(module.getContext())), i64(IntegerType::get(module.getContext(), 64)) {}

  void outline(scf::ParallelOp loop);

private:
  LLVM::LLVMFuncOp service();
  /// What the function must be given; what it can make itself is put in `cloned`.
  SmallVector<Value> captures(scf::ParallelOp loop, ArrayRef<Value> trips, SmallVectorImpl<Operation *> &cloned);
  void fillBody(LLVM::LLVMFuncOp function, scf::ParallelOp loop, ArrayRef<Value> trips, unsigned ranged,
                ArrayRef<Value> captured, ArrayRef<Operation *> cloned, LLVM::LLVMStructType type);

  ModuleOp module;
  SymbolTable symbols;
  LLVMTypeConverter converter;
  Type pointer, i64;
};

LLVM::LLVMFuncOp Outliner::service() {
  constexpr StringLiteral name = "ssm_rt_parallel_for";
  if (auto function = symbols.lookup<LLVM::LLVMFuncOp>(name))
    return function;
  OpBuilder top = OpBuilder::atBlockBegin(module.getBody());
  auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(top.getContext()), {i64, i64, pointer, pointer});
  auto function = LLVM::LLVMFuncOp::create(top, module.getLoc(), name, type);
  symbols.insert(function);
  return function;
}

SmallVector<Value> Outliner::captures(scf::ParallelOp loop, ArrayRef<Value> trips,
                                      SmallVectorImpl<Operation *> &cloned) {
  llvm::SetVector<Value> used;
  getUsedValuesDefinedAbove(loop.getRegion(), used);
  used.insert(trips.begin(), trips.end());
  used.insert(loop.getLowerBound().begin(), loop.getLowerBound().end());
  used.insert(loop.getStep().begin(), loop.getStep().end());
  SmallVector<Value> captured;
  for (Value value : used) {
    Operation *op = value.getDefiningOp();
    if (op && op->getNumOperands() == 0 && op->getNumRegions() == 0 && isPure(op))
      cloned.push_back(op);
    else
      captured.push_back(value);
  }
  return captured;
}

/// The loop's stack at the function's beginning; what is allocated instead is returned.
static SmallVector<Value> takeScratch(ImplicitLocOpBuilder &b, scf::ParallelOp loop, IRMapping &map) {
  int64_t bytes = 0;
  SmallVector<Value> allocated;
  for (memref::AllocaOp op : loop.getBody()->getOps<memref::AllocaOp>()) {
    MemRefType type = op.getType();
    if (!type.hasStaticShape() || !type.getElementType().isIntOrFloat()) {
      b.clone(*op, map);
      continue;
    }
    bytes += type.getNumElements() * llvm::divideCeil(type.getElementTypeBitWidth(), 8);
    if (bytes <= largestStack) {
      b.clone(*op, map);
      continue;
    }
    allocated.push_back(memref::AllocOp::create(b, type, op.getAlignmentAttr()));
    map.map(op.getResult(), allocated.back());
  }
  return allocated;
}

void Outliner::fillBody(LLVM::LLVMFuncOp function, scf::ParallelOp loop, ArrayRef<Value> outerTrips, unsigned ranged,
                        ArrayRef<Value> captured, ArrayRef<Operation *> cloned, LLVM::LLVMStructType type) {
  OpBuilder builder(module.getContext());
  Block *entry = function.addEntryBlock(builder);
  ImplicitLocOpBuilder b = ImplicitLocOpBuilder::atBlockBegin(loop.getLoc(), entry);
  IRMapping map;
  for (Operation *op : cloned)
    b.clone(*op, map);
  for (auto [i, value] : llvm::enumerate(captured)) {
    Value address = LLVM::GEPOp::create(b, pointer, type, entry->getArgument(0),
                                        ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(i)});
    Value field = LLVM::LoadOp::create(b, type.getBody()[i], address);
    if (field.getType() != value.getType())
      field = UnrealizedConversionCastOp::create(b, value.getType(), field).getResult(0);
    map.map(value, field);
  }
  SmallVector<Value> allocated = takeScratch(b, loop, map);
  SmallVector<Value> trips, indices(loop.getNumLoops());
  for (Value value : outerTrips)
    trips.push_back(map.lookup(value));
  Value begin = arith::IndexCastOp::create(b, b.getIndexType(), entry->getArgument(1));
  Value end = arith::IndexCastOp::create(b, b.getIndexType(), entry->getArgument(2));
  Value zero = arith::ConstantIndexOp::create(b, 0), one = arith::ConstantIndexOp::create(b, 1);

  // One iteration: the dimensions that are left whole, then the body.
  auto iteration = [&] {
    OpBuilder::InsertionGuard guard(b);
    for (unsigned k = ranged; k < trips.size(); ++k) {
      auto inner = scf::ForOp::create(b, zero, trips[k], one);
      b.setInsertionPointToStart(inner.getBody());
      indices[k] = inner.getInductionVar();
    }
    for (auto [k, argument] : llvm::enumerate(loop.getInductionVars())) {
      Value step = b.createOrFold<arith::MulIOp>(indices[k], map.lookup(loop.getStep()[k]));
      map.map(argument, b.createOrFold<arith::AddIOp>(map.lookup(loop.getLowerBound()[k]), step));
    }
    for (Operation &op : loop.getBody()->without_terminator())
      if (!isa<memref::AllocaOp>(op))
        b.clone(op, map);
  };

  if (ranged == 1) {
    auto range = scf::ForOp::create(b, begin, end, one);
    indices[0] = range.getInductionVar();
    b.setInsertionPointToStart(range.getBody());
    iteration();
  } else {
    Value last = trips[ranged - 1];
    Value first = arith::DivUIOp::create(b, begin, last), stop = b.createOrFold<arith::CeilDivUIOp>(end, last);
    SmallVector<Value> start(ranged - 1);
    Value rest = first;
    for (unsigned k = ranged - 1; k-- > 1;) {
      start[k] = b.createOrFold<arith::RemUIOp>(rest, trips[k]);
      rest = b.createOrFold<arith::DivUIOp>(rest, trips[k]);
    }
    start[0] = rest;
    auto rows = scf::ForOp::create(b, first, stop, one, start);
    b.setInsertionPointToStart(rows.getBody());
    Value done = arith::MulIOp::create(b, rows.getInductionVar(), last);
    Value from = arith::MaxSIOp::create(b, arith::SubIOp::create(b, begin, done), zero);
    Value to = arith::MinSIOp::create(b, arith::SubIOp::create(b, end, done), last);
    llvm::copy(rows.getRegionIterArgs(), indices.begin());
    auto row = scf::ForOp::create(b, from, to, one);
    indices[ranged - 1] = row.getInductionVar();
    b.setInsertionPointToStart(row.getBody());
    iteration();
    b.setInsertionPointAfter(row);
    SmallVector<Value> next(ranged - 1);
    Value carry = one;
    for (unsigned k = ranged - 1; k-- > 0;) {
      next[k] = arith::AddIOp::create(b, rows.getRegionIterArg(k), carry);
      if (k == 0)
        break;
      Value wraps = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, next[k], trips[k]);
      next[k] = arith::SelectOp::create(b, wraps, zero, next[k]);
      carry = arith::SelectOp::create(b, wraps, one, zero);
    }
    scf::YieldOp::create(b, next);
    b.setInsertionPointAfter(rows);
  }
  b.setInsertionPointToEnd(entry);
  for (Value buffer : allocated)
    memref::DeallocOp::create(b, buffer);
  LLVM::ReturnOp::create(b, ValueRange{});
}

void Outliner::outline(scf::ParallelOp loop) {
  ImplicitLocOpBuilder b(loop.getLoc(), loop);
  SmallVector<Value> trips;
  for (auto [lower, upper, step] : llvm::zip(loop.getLowerBound(), loop.getUpperBound(), loop.getStep()))
    trips.push_back(tripCount(b, lower, upper, step));

  int64_t wholes = 1;
  unsigned ranged = trips.size();
  for (; ranged > 1; --ranged) {
    std::optional<int64_t> size = known(trips[ranged - 1]);
    if (!size || *size > longestWhole / wholes)
      break;
    wholes *= std::max<int64_t>(*size, 1);
  }
  Value cost = b.createOrFold<arith::MulIOp>(iterationCost(b, loop), arith::ConstantIntOp::create(b, wholes, 64));
  Value count = arith::ConstantIndexOp::create(b, 1);
  for (Value size : ArrayRef(trips).take_front(ranged))
    count = b.createOrFold<arith::MulIOp>(count, size);
  std::optional<int64_t> knownCount = known(count), knownCost = known(cost);
  if (knownCount && knownCost && *knownCount <= worthACall / std::max<int64_t>(*knownCost, 1)) {
    // It runs where it stands, one iteration after the other.
    Block &entry = loop->getParentOfType<func::FuncOp>().getBody().front();
    for (memref::AllocaOp op : llvm::make_early_inc_range(loop.getBody()->getOps<memref::AllocaOp>()))
      op->moveBefore(&entry, entry.begin());
    return;
  }

  SmallVector<Operation *> cloned;
  SmallVector<Value> captured = captures(loop, trips, cloned);
  SmallVector<Type> fields;
  for (Value value : captured)
    fields.push_back(converter.convertType(value.getType()));
  auto type = LLVM::LLVMStructType::getLiteral(b.getContext(), fields);

  auto parent = loop->getParentOfType<func::FuncOp>();
  OpBuilder after(module.getContext());
  after.setInsertionPointAfter(parent);
  auto signature = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(b.getContext()), {pointer, i64, i64});
  auto function = LLVM::LLVMFuncOp::create(after, loop.getLoc(), (parent.getName() + "_parallel").str(), signature,
                                           LLVM::Linkage::Internal);
  symbols.insert(function);
  fillBody(function, loop, trips, ranged, captured, cloned, type);

  ImplicitLocOpBuilder top = ImplicitLocOpBuilder::atBlockBegin(loop.getLoc(), &parent.getBody().front());
  Value data = LLVM::AllocaOp::create(top, pointer, type, arith::ConstantIntOp::create(top, 1, 64));
  for (auto [i, value] : llvm::enumerate(captured)) {
    if (value.getType() != fields[i])
      value = UnrealizedConversionCastOp::create(b, fields[i], value).getResult(0);
    Value address = LLVM::GEPOp::create(b, pointer, type, data, ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(i)});
    LLVM::StoreOp::create(b, value, address);
  }
  Value number = b.createOrFold<arith::IndexCastOp>(i64, count);
  Value address = LLVM::AddressOfOp::create(b, function);
  LLVM::CallOp::create(b, service(), ValueRange{number, cost, address, data});
  loop.erase();
}

/// Stack of the function itself, of loops that stayed in it: beyond the bound it is
/// allocated, and freed where the function returns.
void boundStack(func::FuncOp function) {
  if (function.isExternal())
    return;
  int64_t bytes = 0;
  SmallVector<memref::AllocaOp> large;
  for (memref::AllocaOp op : function.getBody().front().getOps<memref::AllocaOp>()) {
    MemRefType type = op.getType();
    if (!type.hasStaticShape() || !type.getElementType().isIntOrFloat())
      continue;
    bytes += type.getNumElements() * llvm::divideCeil(type.getElementTypeBitWidth(), 8);
    if (bytes > largestStack)
      large.push_back(op);
  }
  for (memref::AllocaOp op : large) {
    OpBuilder b(op);
    Value buffer = memref::AllocOp::create(b, op.getLoc(), op.getType(), op.getAlignmentAttr());
    op.replaceAllUsesWith(buffer);
    op.erase();
    function.walk([&](func::ReturnOp end) {
      b.setInsertionPoint(end);
      memref::DeallocOp::create(b, end.getLoc(), buffer);
    });
  }
}

struct OutlineParallel : PassWrapper<OutlineParallel, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(OutlineParallel)
  StringRef getArgument() const override { return "ssm-outline-parallel"; }
  StringRef getDescription() const override { return "Hand parallel loops to the runtime, their bodies as functions"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, LLVM::LLVMDialect, memref::MemRefDialect, scf::SCFDialect>();
  }
  void runOnOperation() override {
    SmallVector<scf::ParallelOp> loops;
    for (auto function : getOperation().getOps<func::FuncOp>())
      function.walk<WalkOrder::PreOrder>([&](scf::ParallelOp loop) {
        if (loop.getNumResults() == 0)
          loops.push_back(loop);
        return WalkResult::skip();
      });
    Outliner outliner(getOperation());
    for (scf::ParallelOp loop : loops)
      outliner.outline(loop);
    for (auto function : getOperation().getOps<func::FuncOp>())
      boundStack(function);
  }
};

} // namespace

std::unique_ptr<Pass> createOutlineParallelPass() { return std::make_unique<OutlineParallel>(); }

} // namespace ssm
