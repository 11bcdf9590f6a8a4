//===- TileToNVVM.h - kernels of tiles to functions of registers ------------===//
#pragma once

#include "mlir/Pass/Pass.h"

#include <memory>

namespace ssm {

/// `convert-tile-to-nvvm`: every kernel of the asynchronous form, placed by
/// `tile-place`, becomes an llvm.func of scalars: each tile its registers, each barrier
/// operation its instruction, each role a branch. What is left of scf, arith and math
/// is upstream's to lower. In a checked build every wait on a barrier is bounded, every
/// thread arrives by itself, and tile.slot waits.
///
/// Before
///   %s = tile.land 0 (%f) : !tile.flight<tensor<64x8xf32, #tile.acc>>
///   %t = arith.addf %s, %s : tensor<64x8xf32, #tile.acc>
/// After
///   %0 = llvm.inline_asm ... "wgmma.wait_group.sync.aligned 0;", "=f,=f,=f,=f,0,1,2,3,~{memory}" ...
///   %t0 = arith.addf %0#0, %0#0 : f32
///   ...
std::unique_ptr<mlir::Pass> createConvertTileToNVVMPass(bool checked = false);

/// `tile-expand-math`: what kernels compute exactly and GPUs have no instruction for
/// (exponentials, logarithms, error functions) is written out in arithmetic.
std::unique_ptr<mlir::Pass> createTileExpandMathPass();

} // namespace ssm
