//===- TileToAsync.h - the synchronous tile form on a GPU -------------------===//
#pragma once

#include "mlir/Pass/Pass.h"

#include <memory>

namespace ssm {

/// `convert-tile-to-async`: each `tile.program` becomes a `tile.kernel`, and the entries
/// that launch it allocate, view and launch. One dimension of a program lies along
/// the threads of an item (a warp or a warpgroup), the others in their registers; so a
/// tile's layout follows from the names of its dimensions. What has no rule is an error
/// where it stands.
///
/// Before
///   func.func private @forward.0(%x: memref<?x512xf32>, %y: memref<?x512xf32>, %L: index) {
///     tile.program owns(L = %l : 1 of %L) {
///       %x = tile.read %X[L = %l] : !tile.view<?x512xf32, #ssm.dims<L, D>> -> tensor<512xf32, #ssm.dims<D>>
///       %y = math.exp %x : tensor<512xf32, #ssm.dims<D>>
///       tile.write %y to %Y[L = %l] : ...
///   }
///   %y = ssm.launch @forward.0(%x) sizes ["L"] ...
/// After
///   tile.kernel @forward_0(%X: !tile.global<f32, 2, 4>, %Y: !tile.global<f32, 2, 4>, %L: index) {
///     tile.role @items warp x 4 {
///     ^bb0(%w: index):
///       ...
///       %x = tile.load %X[%l, 0][1, 512] : !tile.global<f32, 2, 4> -> tensor<512xf32, #tile.lanes<32, 4>>
///       %y = math.exp %x : tensor<512xf32, #tile.lanes<32, 4>>
///       tile.store %y, %Y[%l, 0][1, 512] : ...
///   }
///   %y = tile.alloc : tensor<?x512xf32, #ssm.dims<L, D>>
///   %X = tile.global_view %x sizes [L, 512] strides [512, 1] : ...
///   tile.launch @forward_0 grid [ceildiv(L, 4), 1, 1] (%X, %Y, %L) : ...
std::unique_ptr<mlir::Pass> createConvertTileToAsyncPass();

} // namespace ssm
