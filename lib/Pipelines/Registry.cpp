//===- Registry.cpp - the dialects and passes of this project ---------------===//
//
// One list for ssmc, ssm-opt and ssm-lsp-server. Of MLIR's own it has what the
// pipelines go through, and the interfaces that bufferization, deallocation and
// the conversion to LLVM look up on those dialects' operations.
//
//===----------------------------------------------------------------------===//
#include "ssm/Algebra/Passes.h"
#include "ssm/Codegen/Description.h"
#include "ssm/Codegen/Gpu.h"
#include "ssm/Codegen/LaunchPlan.h"
#include "ssm/Conversion/Passes.h"
#include "ssm/Conversion/SsmToTile.h"
#include "ssm/Conversion/TileToAsync.h"
#include "ssm/Conversion/TileToVector.h"
#include "ssm/Conversion/TileToNVVM.h"
#include "ssm/Conversion/ToArtifact.h"
#include "ssm/Dialect/Plan/Plan.h"
#include "ssm/Dialect/Ssm/Ssm.h"
#include "ssm/Dialect/Tile/Tile.h"
#include "ssm/Dialect/Tile/Verify.h"
#include "ssm/Pipelines/Pipelines.h"
#include "ssm/Tile/Passes.h"
#include "ssm/Plan/Passes.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ComplexToLLVM/ComplexToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Transforms/BufferDeallocationOpInterfaceImpl.h"
#include "mlir/Dialect/Arith/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/FuncBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/ControlFlow/Transforms/BufferDeallocationOpInterfaceImpl.h"
#include "mlir/Dialect/ControlFlow/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Func/Extensions/InlinerExtension.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Linalg/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Linalg/Transforms/SubsetInsertionOpInterfaceImpl.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/AllocationOpInterfaceImpl.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/BufferDeallocationOpInterfaceImpl.h"
#include "mlir/Dialect/SCF/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/IR/TensorInferTypeOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/Transforms/SubsetInsertionOpInterfaceImpl.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/X86Vector/X86VectorDialect.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace ssm {

void registerDialects(DialectRegistry &registry) {
  registry.insert<SsmDialect, PlanDialect, tile::TileDialect, affine::AffineDialect, arith::ArithDialect, bufferization::BufferizationDialect,
                  cf::ControlFlowDialect, complex::ComplexDialect, func::FuncDialect, linalg::LinalgDialect,
                  LLVM::LLVMDialect, math::MathDialect, memref::MemRefDialect, NVVM::NVVMDialect, scf::SCFDialect, tensor::TensorDialect,
                  ub::UBDialect, vector::VectorDialect, x86vector::X86VectorDialect>();

  func::registerInlinerExtension(registry);

  arith::registerBufferizableOpInterfaceExternalModels(registry);
  bufferization::func_ext::registerBufferizableOpInterfaceExternalModels(registry);
  cf::registerBufferizableOpInterfaceExternalModels(registry);
  linalg::registerBufferizableOpInterfaceExternalModels(registry);
  scf::registerBufferizableOpInterfaceExternalModels(registry);
  tensor::registerBufferizableOpInterfaceExternalModels(registry);
  linalg::registerSubsetOpInterfaceExternalModels(registry);
  tensor::registerSubsetOpInterfaceExternalModels(registry);
  tensor::registerInferTypeOpInterfaceExternalModels(registry);

  arith::registerBufferDeallocationOpInterfaceExternalModels(registry);
  cf::registerBufferDeallocationOpInterfaceExternalModels(registry);
  scf::registerBufferDeallocationOpInterfaceExternalModels(registry);
  memref::registerAllocationOpInterfaceExternalModels(registry);

  arith::registerConvertArithToLLVMInterface(registry);
  cf::registerConvertControlFlowToLLVMInterface(registry);
  registerConvertComplexToLLVMInterface(registry);
  registerConvertFuncToLLVMInterface(registry);
  registerConvertMemRefToLLVMInterface(registry);
  ub::registerConvertUBToLLVMInterface(registry);
  vector::registerConvertVectorToLLVMInterface(registry);
}

void registerPasses() {
  using Maker = std::unique_ptr<Pass> (*)();
  const Maker makers[] = {
      // This project's, in the order of the pipelines.
      createDeriveStepPass,
      createWarnQuadraticPass,
      createNormalizePass,
      createRaisePass,
      createConvolvePass,
      createLowerRaisedPass,
      createSplitRaisedPass,
      createExpandPass,
      createAssignSymbolsPass,
      [] { return createFusePass(); },
      [] { return createPlanPass(); },
      [] { return createConvertSsmToTilePass(); },
      createConvertSsmToLinalgPass,
      createFuseElementwisePass,
      createSeparateEmptyTensorsPass,
      createCopiesToLoopsPass,
      createAccumulateInRegistersPass,
      [] { return createConvertTileToVectorPass(); },
      [] { return createVectorMathPass(); },
      createMasksToBitsPass,
      createConvertTileToAsyncPass,
      createOutlineParallelPass,
      createMakeEntriesPass,
      createCheckAllocationsPass,
      createExpm1ToLibmPass,
      [] { return createHalvesToBitsPass(); },
      createTileVerifyResourcesPass,
      createTilePrintLayoutsPass,
      createTileExtractKernelsPass,
      createTileLinkPass,
      createTileExpandComputePass,
      createTileCarryCursorsPass,
      createTileExpandAffinePass,
      createTileUnrollPass,
      createTilePlacePass,
      [] { return createConvertTileToNVVMPass(); },
      createTileExpandMathPass,
      createEmitPtxPass,
      createRunPtxasPass,
      createLaunchPlansPass,
      // MLIR's.
      [] { return createCanonicalizerPass(); },
      [] { return createCSEPass(); },
      [] { return createInlinerPass(); },
      [] { return createLoopInvariantCodeMotionPass(); },
      [] { return bufferization::createEmptyTensorEliminationPass(); },
      [] { return bufferization::createEmptyTensorToAllocTensorPass(); },
      [] { return bufferization::createOneShotBufferizePass(); },
      [] { return bufferization::createBufferHoistingPass(); },
      [] { return bufferization::createBufferLoopHoistingPass(); },
      [] { return createConvertLinalgToParallelLoopsPass(); },
      [] { return memref::createExpandStridedMetadataPass(); },
      [] { return createLowerAffinePass(); },
      [] { return createSCFToControlFlowPass(); },
      [] { return createConvertMathToLLVMPass(); },
      [] { return createConvertMathToLibmPass(); },
      [] { return createConvertToLLVMPass(); },
      [] { return createReconcileUnrealizedCastsPass(); },
  };
  for (Maker maker : makers)
    registerPass(maker);
  bufferization::registerBufferizationPipelines();
}

} // namespace ssm
