//===- Pipelines.cpp - which passes run, and in which order -----------------===//
#include "ssm/Pipelines/Pipelines.h"

#include "ssm/Algebra/Passes.h"
#include "ssm/Codegen/Description.h"
#include "ssm/Codegen/Gpu.h"
#include "ssm/Conversion/Passes.h"
#include "ssm/Conversion/TileToNVVM.h"
#include "ssm/Conversion/SsmToTile.h"
#include "ssm/Conversion/TileToAsync.h"
#include "ssm/Conversion/ToArtifact.h"
#include "ssm/Dialect/Tile/Verify.h"
#include "ssm/Tile/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVMPass.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace ssm {

static void addCleanup(OpPassManager &passes) {
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createCSEPass());
}

void addSsmPipeline(OpPassManager &passes) {
  addCleanup(passes);
  passes.addPass(createDeriveStepPass());
  addCleanup(passes);
  passes.addPass(createAssignSymbolsPass());
}

void addRaisePipeline(OpPassManager &passes) {
  passes.addNestedPass<func::FuncOp>(createNormalizePass());
  addCleanup(passes);
  passes.addNestedPass<func::FuncOp>(createRaisePass());
  addCleanup(passes);
}

void addExpandPipeline(OpPassManager &passes) {
  passes.addNestedPass<func::FuncOp>(createWarnQuadraticPass());
  passes.addNestedPass<func::FuncOp>(createExpandPass());
  addCleanup(passes);
}

void addFusePipeline(OpPassManager &passes, const PlanOptions &options) {
  passes.addPass(createFusePass(options));
  addCleanup(passes);
}

void addPlanPipeline(OpPassManager &passes, const PlanOptions &options) { passes.addPass(createPlanPass(options)); }

void addKernelPipeline(OpPassManager &passes) {
  passes.addPass(createConvertSsmToTilePass());
  passes.addNestedPass<func::FuncOp>(createLowerRaisedPass());
  addCleanup(passes);
}

void addLinalgPipeline(OpPassManager &passes) {
  passes.addPass(createConvertSsmToLinalgPass());
  addCleanup(passes);
  passes.addPass(createLoopInvariantCodeMotionPass()); // what a scan need not compute in every step
  passes.addNestedPass<func::FuncOp>(createFuseElementwisePass());
  addCleanup(passes);
}

/// Tensors become buffers, each freed where it is last used.
static void addBufferizationOfAll(OpPassManager &passes) {
  passes.addNestedPass<func::FuncOp>(createSeparateEmptyTensorsPass());
  passes.addPass(bufferization::createEmptyTensorEliminationPass());
  passes.addPass(bufferization::createEmptyTensorToAllocTensorPass());
  bufferization::OneShotBufferizePassOptions options;
  options.allowReturnAllocsFromLoops = true;
  passes.addPass(bufferization::createOneShotBufferizePass(options));
  addCleanup(passes);
  passes.addNestedPass<func::FuncOp>(bufferization::createBufferHoistingPass());
  passes.addNestedPass<func::FuncOp>(bufferization::createBufferLoopHoistingPass());
  bufferization::buildBufferDeallocationPipeline(passes, bufferization::BufferDeallocationPipelineOptions());
}

/// Parallel loops go to the runtime, functions to the artifact.
static void addEntries(OpPassManager &passes) {
  passes.addPass(createOutlineParallelPass());
  passes.addPass(createMakeEntriesPass());
  addCleanup(passes);
}

namespace {
/// The same, kernels left out: they are on buffers already, and free what they take.
struct Bufferize : PassWrapper<Bufferize, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(Bufferize)
  StringRef getArgument() const override { return "ssm-bufferize"; }
  StringRef getDescription() const override { return "Tensors to buffers in all functions but kernels"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    OpPassManager passes(ModuleOp::getOperationName());
    addBufferizationOfAll(passes);
    passes.getDependentDialects(registry);
  }
  void runOnOperation() override {
    SmallVector<std::pair<func::FuncOp, std::unique_ptr<Region>>> kernels;
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (function.isExternal() || !function.isPrivate() || function->hasAttr(kDimsAttr))
        continue;
      kernels.push_back({function, std::make_unique<Region>()});
      kernels.back().second->takeBody(function.getBody());
    }
    OpPassManager passes(ModuleOp::getOperationName());
    addBufferizationOfAll(passes);
    if (failed(runPipeline(passes, getOperation())))
      signalPassFailure();
    for (auto &[function, body] : kernels)
      function.getBody().takeBody(*body);
  }
};
} // namespace

static void addBufferization(OpPassManager &passes) { passes.addPass(std::make_unique<Bufferize>()); }

static void addLoops(OpPassManager &passes) {
  passes.addNestedPass<func::FuncOp>(createCopiesToLoopsPass());
  passes.addNestedPass<func::FuncOp>(createConvertLinalgToParallelLoopsPass());
  passes.addNestedPass<func::FuncOp>(createAccumulateInRegistersPass());
  addCleanup(passes);
  addEntries(passes);
}

void addTilePipeline(OpPassManager &passes, const TileToVectorOptions &options) {
  passes.addNestedPass<func::FuncOp>(createConvertTileToVectorPass(options));
  passes.addNestedPass<func::FuncOp>(createVectorMathPass(options.vectorBits));
  addCleanup(passes); // masks that are known go
  if (options.vectorBits == 512)
    passes.addNestedPass<func::FuncOp>(createMasksToBitsPass());
}

void addAsyncPipeline(OpPassManager &passes) {
  passes.addPass(createConvertSsmToTilePass({/*hardware=*/true, /*required=*/true}));
  addCleanup(passes);
  passes.addPass(createConvertTileToAsyncPass());
  addCleanup(passes);
}

static void addToLLVM(OpPassManager &passes, bool convertsF16) {
  passes.addPass(memref::createExpandStridedMetadataPass());
  passes.addPass(createLowerAffinePass());
  passes.addPass(createSCFToControlFlowPass());
  // What LLVM has no intrinsic for is libm's; expm1 and log1p are exact there.
  passes.addPass(createExpm1ToLibmPass());
  ConvertMathToLLVMPassOptions exact;
  exact.approximateLog1p = false;
  passes.addPass(createConvertMathToLLVMPass(exact));
  passes.addPass(createConvertMathToLibmPass());
  ConvertVectorToLLVMPassOptions vectors; // masks and shuffles, which the next does not know
  vectors.x86Vector = true;
  passes.addPass(createConvertVectorToLLVMPass(vectors));
  passes.addPass(createConvertToLLVMPass());
  passes.addPass(createReconcileUnrealizedCastsPass());
  passes.addPass(createHalvesToBitsPass(/*f16=*/!convertsF16));
  passes.addPass(createConvertMathToLLVMPass());
  passes.addPass(createArithToLLVMConversionPass());
  addCleanup(passes); // shows which allocation a pointer is of
  passes.addPass(createCheckAllocationsPass());
}

void addLLVMPipeline(OpPassManager &passes, bool convertsF16) {
  addBufferization(passes);
  addLoops(passes);
  addToLLVM(passes, convertsF16);
}

namespace {
struct TilePipelineOptions : PassPipelineOptions<TilePipelineOptions> {
  Option<int64_t> vectorBits{*this, "vector-bits", llvm::cl::desc("Bits of a vector register"), llvm::cl::init(512)};
  Option<int64_t> registers{*this, "registers", llvm::cl::desc("Vector registers"), llvm::cl::init(32)};
  Option<bool> dotBf16{*this, "dot-bf16", llvm::cl::desc("Dot products of bf16 pairs"), llvm::cl::init(false)};
};
} // namespace

void addTileLinkPipeline(OpPassManager &passes) {
  passes.addPass(createTileLinkPass());
  passes.addPass(createTileExpandComputePass());
}

void addTileToNVVMPipeline(OpPassManager &passes, bool checked) {
  addTileLinkPipeline(passes);
  passes.addPass(createTileExtractKernelsPass());
  passes.addPass(createTileExpandAffinePass());
  passes.addPass(createInlinerPass());
  passes.addPass(createSymbolDCEPass());
  passes.addPass(createTileUnrollPass());
  passes.addPass(createTileExpandAffinePass()); // the unrolled loops' counters
  addCleanup(passes);
  passes.addPass(createTileCarryCursorsPass());
  addCleanup(passes);
  passes.addPass(createTileVerifyResourcesPass());
  passes.addPass(createTileEstimateRegistersPass());
  passes.addPass(createTilePlacePass());
  passes.addPass(createConvertTileToNVVMPass(checked));
  passes.addPass(createCSEPass());
  passes.addPass(createTileExpandMathPass());
  passes.addPass(createSCFToControlFlowPass());
  passes.addPass(createConvertMathToLLVMPass());
  passes.addPass(createConvertToLLVMPass());
  passes.addPass(createReconcileUnrealizedCastsPass());
}

void addPtxPipeline(OpPassManager &passes) {
  passes.addPass(createEmitPtxPass());
  passes.addPass(createRunPtxasPass());
}

void registerPipelines() {
  PassPipelineRegistration<>("ssm-pipeline", "From the elaborated layer to its final form in the ssm dialect",
                             addSsmPipeline);
  PassPipelineRegistration<>("ssm-to-tile-pipeline", "From the ssm dialect to programs over tiles, planned for a CPU",
                             [](OpPassManager &passes) {
                               PlanOptions options{"cpu", /*native=*/false, "", ""};
                               addExpandPipeline(passes);
                               addRaisePipeline(passes);
                               addFusePipeline(passes, options);
                               addPlanPipeline(passes, options);
                               addKernelPipeline(passes);
                             });
  PassPipelineRegistration<>("ssm-to-async-pipeline", "From the ssm dialect to kernels for a GPU and entries that launch them",
                             [](OpPassManager &passes) {
                               PlanOptions options{"sm_90a", /*native=*/false, "", ""};
                               addExpandPipeline(passes);
                               addFusePipeline(passes, options);
                               addPlanPipeline(passes, options);
                               addAsyncPipeline(passes);
                             });
  PassPipelineRegistration<>("ssm-raise-pipeline", "From the ssm dialect's final form to recognised recurrences and folds",
                             addRaisePipeline);
  PassPipelineRegistration<>("ssm-to-linalg-pipeline", "From the ssm dialect to linalg on tensors",
                             [](OpPassManager &passes) {
                               addExpandPipeline(passes);
                               addLinalgPipeline(passes);
                             });
  PassPipelineRegistration<>("ssm-to-llvm-pipeline",
                             "From linalg on tensors to the LLVM dialect, with the artifact's entries",
                             [](OpPassManager &passes) { addLLVMPipeline(passes, /*convertsF16=*/true); });
  PassPipelineRegistration<TilePipelineOptions>(
      "tile-to-llvm-pipeline", "From functions with tile programs on buffers to the LLVM dialect, with their entries",
      [](OpPassManager &passes, const TilePipelineOptions &options) {
        TileToVectorOptions machine;
        machine.vectorBits = options.vectorBits;
        machine.registers = options.registers;
        machine.dotBf16 = options.dotBf16;
        addTilePipeline(passes, machine);
        addEntries(passes);
        addToLLVM(passes, /*convertsF16=*/true);
      });
  PassPipelineRegistration<>("tile-to-nvvm-pipeline", "From kernels of the tile dialect to functions in the LLVM dialect",
                             [](OpPassManager &passes) { addTileToNVVMPipeline(passes, /*checked=*/false); });
  PassPipelineRegistration<>("tile-to-ptx-pipeline", "From kernels of the tile dialect to machine code, with ptxas's report",
                             [](OpPassManager &passes) {
                               addTileToNVVMPipeline(passes, /*checked=*/false);
                               addPtxPipeline(passes);
                               passes.addPass(createReportRegistersPass());
                             });
}

} // namespace ssm
