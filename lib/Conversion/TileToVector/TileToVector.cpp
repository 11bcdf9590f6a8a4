//===- TileToVector.cpp - the pass convert-tile-to-vector -------------------===//
#include "Lowering.h"
#include "Prepare.h"

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/X86Vector/X86VectorDialect.h"

using namespace mlir;

namespace ssm::tile {

/// A buffer of complex values as one of reals, with the parts as a last dimension.
static Value asReals(ImplicitLocOpBuilder &b, Value memory) {
  auto type = llvm::cast<MemRefType>(memory.getType());
  Type real = llvm::cast<ComplexType>(type.getElementType()).getElementType();
  llvm::SmallVector<int64_t> shape(type.getShape());
  shape.push_back(2);
  auto pairs = MemRefType::get(shape, real);
  LLVMTypeConverter converter(b.getContext());
  Type i64 = b.getI64Type();
  Value from = UnrealizedConversionCastOp::create(b, converter.convertType(type), memory).getResult(0);
  Value to = LLVM::PoisonOp::create(b, converter.convertType(pairs));
  auto constant = [&](int64_t value) { return LLVM::ConstantOp::create(b, i64, b.getI64IntegerAttr(value)).getResult(); };
  auto take = [&](ArrayRef<int64_t> at) { return LLVM::ExtractValueOp::create(b, from, at).getResult(); };
  auto put = [&](Value value, ArrayRef<int64_t> at) { to = LLVM::InsertValueOp::create(b, to, value, at); };
  Value two = constant(2);
  put(take({0}), {0});
  put(take({1}), {1});
  put(LLVM::MulOp::create(b, take({2}), two), {2});
  for (int64_t k = 0; k < type.getRank(); ++k) {
    put(take({3, k}), {3, k});
    put(LLVM::MulOp::create(b, take({4, k}), two), {4, k});
  }
  put(two, {3, type.getRank()});
  put(constant(1), {4, type.getRank()});
  return UnrealizedConversionCastOp::create(b, pairs, to).getResult(0);
}

LogicalResult Lowering::mapView(ViewOp view) {
  Value memory = scalars.lookupOrDefault(view.getSource());
  auto type = llvm::dyn_cast<MemRefType>(memory.getType());
  if (!type || !type.getLayout().isIdentity())
    return view.emitOpError() << "must be of a dense memref to run on a CPU";
  if (llvm::isa<ComplexType>(type.getElementType()))
    memory = asReals(b, memory);
  scalars.map(view.getResult(), memory);
  return success();
}

/// The program in the place of the operation: a parallel loop over its items.
static LogicalResult lowerProgram(ProgramOp program, const TileToVectorOptions &options) {
  ImplicitLocOpBuilder b(program.getLoc(), program);
  Value zero = arith::ConstantIndexOp::create(b, 0);
  llvm::SmallVector<Value> lower(program.getExtents().size(), zero), steps;
  for (int64_t step : program.getSteps())
    steps.push_back(arith::ConstantIndexOp::create(b, step));
  llvm::SmallVector<Value> upper(program.getExtents());
  if (upper.empty()) { // one item
    lower.push_back(zero);
    upper.push_back(arith::ConstantIndexOp::create(b, 1));
    steps.push_back(upper.back());
  }
  auto items = scf::ParallelOp::create(b, lower, upper, steps);
  Lowering lowering(options, items.getBody(), program.getLoc());
  for (auto [argument, index] : llvm::zip(program.getBody().getArguments(), items.getInductionVars()))
    lowering.scalars.map(argument, index);
  lowering.b.setInsertionPoint(items.getBody()->getTerminator());
  // Views made outside.
  llvm::SetVector<Value> views;
  program.walk([&](Operation *op) {
    for (Value operand : op->getOperands())
      if (auto view = operand.getDefiningOp<ViewOp>(); view && !program->isAncestor(view))
        views.insert(operand);
  });
  for (Value view : views) {
    OpBuilder::InsertionGuard guard(lowering.b);
    lowering.b.setInsertionPoint(items);
    if (failed(lowering.mapView(view.getDefiningOp<ViewOp>())))
      return failure();
  }
  lowering.findOwnedExtents(program);
  if (failed(lowering.lower(program.getBody().front())))
    return failure();
  for (Value memory : lowering.allocated) {
    OpBuilder end(memory.getParentBlock()->getTerminator());
    memref::DeallocOp::create(end, memory.getLoc(), memory);
  }
  if (lowering.scratch.bytes() > options.scratchBytes)
    return program.emitOpError() << "needs " << lowering.scratch.bytes() << " bytes of scratch for an item, of "
                                 << options.scratchBytes << "; its tiles are too large";
  program.erase();
  return success();
}

namespace {

struct ConvertTileToVector : PassWrapper<ConvertTileToVector, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ConvertTileToVector)
  ConvertTileToVector() = default;
  explicit ConvertTileToVector(const TileToVectorOptions &options) {
    vectorBits = options.vectorBits;
    registers = options.registers;
    dotBf16 = options.dotBf16;
    scratchBytes = options.scratchBytes;
  }
  ConvertTileToVector(const ConvertTileToVector &other) : PassWrapper(other) {}

  StringRef getArgument() const override { return "convert-tile-to-vector"; }
  StringRef getDescription() const override { return "Tile programs to vectors, scratch and parallel loops on a CPU"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, LLVM::LLVMDialect, math::MathDialect, memref::MemRefDialect, scf::SCFDialect,
                    vector::VectorDialect, x86vector::X86VectorDialect>();
  }
  void runOnOperation() override {
    TileToVectorOptions options{vectorBits, registers, dotBf16, scratchBytes};
    llvm::SmallVector<ProgramOp> programs;
    getOperation().walk([&](ProgramOp program) { programs.push_back(program); });
    for (ProgramOp program : programs) {
      prepare(program, options);
      if (failed(lowerProgram(program, options)))
        return signalPassFailure();
    }
    llvm::SmallVector<ViewOp> views;
    getOperation().walk([&](ViewOp view) { views.push_back(view); });
    for (ViewOp view : views)
      if (view->use_empty())
        view.erase();
  }

  Option<int64_t> vectorBits{*this, "vector-bits", llvm::cl::desc("Bits of a vector register"), llvm::cl::init(512)};
  Option<int64_t> registers{*this, "registers", llvm::cl::desc("Vector registers"), llvm::cl::init(32)};
  Option<bool> dotBf16{*this, "dot-bf16", llvm::cl::desc("Dot products of bf16 pairs"), llvm::cl::init(false)};
  Option<int64_t> scratchBytes{*this, "scratch-bytes", llvm::cl::desc("Scratch of an item"), llvm::cl::init(1 << 26)};
};

} // namespace
} // namespace ssm::tile

namespace ssm {

std::unique_ptr<Pass> createConvertTileToVectorPass() { return std::make_unique<tile::ConvertTileToVector>(); }
std::unique_ptr<Pass> createConvertTileToVectorPass(const TileToVectorOptions &options) {
  return std::make_unique<tile::ConvertTileToVector>(options);
}

} // namespace ssm
