//===- Pipelines.h - which passes run, and in which order -------------------===//
#pragma once

#include "ssm/Conversion/TileToVector.h"
#include "ssm/Plan/Passes.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Pass/PassManager.h"

namespace ssm {

/// `ssm-pipeline`: what the elaborator made of a layer becomes its final form in
/// the ssm dialect, every entry with its step and its symbol. `ssmc --emit ssm`
/// stops here.
void addSsmPipeline(mlir::OpPassManager &passes);

/// `ssm-raise-pipeline`: canonical algebra, then what is recognised by definition.
void addRaisePipeline(mlir::OpPassManager &passes);

/// The first part of `ssm-to-linalg-pipeline`: what has a structure becomes the core
/// operations on its parts. An entry's operations are counted after it.
void addExpandPipeline(mlir::OpPassManager &passes);

/// The main line's stages. Before them an entry has been expanded; after them what is
/// left of the ssm dialect goes the reference path's way, kernels called from there.
/// Operations gathered into kernels (`--emit fused`).
void addFusePipeline(mlir::OpPassManager &passes, const PlanOptions &options);
/// Each kernel with its plan (`--emit plan`).
void addPlanPipeline(mlir::OpPassManager &passes, const PlanOptions &options);
/// Each kernel a program over tiles (`--emit tile`); what has no tile form is brought
/// back to core operations.
void addKernelPipeline(mlir::OpPassManager &passes);

/// The rest of `ssm-to-linalg-pipeline`: to linalg on tensors, elementwise chains fused.
/// `ssmc --emit linalg` stops here.
void addLinalgPipeline(mlir::OpPassManager &passes);

/// `ssm-to-llvm-pipeline`: to buffers, loops, and the LLVM dialect with the
/// artifact's exported functions. The three run one after the other. `convertsF16`: the
/// processor has instructions that widen and narrow f16.
void addLLVMPipeline(mlir::OpPassManager &passes, bool convertsF16);

/// Tile programs on buffers to vectors and parallel loops; before bufferization, which
/// would take their tiles for tensors.
void addTilePipeline(mlir::OpPassManager &passes, const TileToVectorOptions &options);

/// The main line's last stage for a GPU, after plans for it, on a module of its own:
/// kernels of the asynchronous form, and entries that launch them (`--emit async`). What
/// has none is an error.
void addAsyncPipeline(mlir::OpPassManager &passes);

/// What hand-written kernels may be shorter by: declarations from other files and
/// expressions become definitions and operations.
void addTileLinkPipeline(mlir::OpPassManager &passes);

/// `tile-to-nvvm-pipeline`: kernels of the tile dialect's asynchronous form to functions
/// in the llvm dialect. `checked`: every wait is bounded.
void addTileToNVVMPipeline(mlir::OpPassManager &passes, bool checked);

/// The rest of `tile-to-ptx-pipeline`: to PTX and to machine code.
void addPtxPipeline(mlir::OpPassManager &passes);

/// The pipelines under their names, for ssm-opt.
void registerPipelines();
/// This project's passes, and those of MLIR that the pipelines use.
void registerPasses();
/// The dialects that a module goes through, with what the passes need to know of
/// them.
void registerDialects(mlir::DialectRegistry &registry);

} // namespace ssm
