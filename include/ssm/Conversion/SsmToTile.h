//===- SsmToTile.h - from planned kernels to the tile dialect ---------------===//
#pragma once

#include "mlir/Pass/Pass.h"

#include <memory>

namespace ssm {

struct SsmToTileOptions {
  /// The target converts 16-bit elements, and whole numbers, by instructions, and what
  /// f64 would save in f32 functions is not worth its cost there (a GPU).
  bool hardware = false;
  /// A kernel that the tile form cannot carry is an error, not a warning.
  bool required = false;
};

/// `convert-ssm-to-tile`: each `ssm.kernel` with a plan becomes a private function on
/// buffers that holds its `tile.program`, and an `ssm.launch` of it.
///
/// Before
///   %y = ssm.kernel "forward.0" (%x) plan<form = direct, own = [L : 64]> ... {
///     %0 = ssm.map exp(%x) ...
///     ssm.yield %0
///   }
/// After
///   func.func private @forward.0(%x: memref<?xf32>, %y: memref<?xf32>, %L: index) {
///     %X = tile.view %x : ...
///     tile.program owns(L = %l : 64 of %L) {
///       %0 = tile.read %X[L = %l] ...
///       %1 = math.exp %0
///       tile.write %1 to %Y[L = %l] ...
///   }
///   %y = ssm.launch @forward.0(%x) sizes ["L"] ...
std::unique_ptr<mlir::Pass> createConvertSsmToTilePass();
std::unique_ptr<mlir::Pass> createConvertSsmToTilePass(const SsmToTileOptions &options);

} // namespace ssm
