//===- Passes.h - passes on the asynchronous form of the tile dialect -------===//
#pragma once

#include "mlir/Pass/Pass.h"

#include <memory>

namespace ssm {

/// `tile-link`: private functions and kernels that are declared with `tile.from` are taken
/// from that file (its path is relative to the declaring one's), with what they call.
///
/// Before
///   func.func private @mask(!G, !row) attributes {tile.from = "ssd_roles.mlir"}
/// After
///   func.func private @mask(%g: !G, %l: !row) { .. }
std::unique_ptr<mlir::Pass> createTileLinkPass();

/// `tile-expand-compute`: expressions become operations of arith and math on operands that
/// are spread to where they meet.
///
/// Before
///   %e = tile.compute exp2(%s * %scale) approx : (!S, f32) -> !S
/// After
///   %0 = tile.broadcast %scale : f32 to !S
///   %1 = arith.mulf %s, %0 : !S
///   %e = math.exp2 %1 fastmath<afn> : !S
std::unique_ptr<mlir::Pass> createTileExpandComputePass();

/// `tile-carry-cursors`: operations on slots without a cursor get it: the n-th wait of a
/// role for a ring is for slot n, its n-th arrival hands slot n on. Loops carry the next
/// slot; paths that meet with different slots held are errors.
///
/// Before
///   scf.for %i = %c0 to %n step %c1 {
///     %k = tile.await %K : !K
///     tile.release %K : !K
///   }
/// After
///   %s = tile.cursor : !tile.cursor<2>
///   %e = scf.for %i = %c0 to %n step %c1 iter_args(%c = %s) -> (!tile.cursor<2>) {
///     %k = tile.await %K[%c] : !K
///     tile.release %K[%c] : !K
///     %next = tile.next %c : !tile.cursor<2>
///     scf.yield %next : !tile.cursor<2>
///   }
std::unique_ptr<mlir::Pass> createTileCarryCursorsPass();

/// `tile-extract-kernels`: what is compiled for the GPU, without the entries that
/// launch it.
///
/// Before
///   func.func private @place(..)
///   tile.kernel @gemm(..) { .. func.call @place(..) .. }
///   func.func @forward(..) { .. tile.launch @gemm .. }
/// After
///   func.func private @place(..)
///   tile.kernel @gemm(..) { .. func.call @place(..) .. }
std::unique_ptr<mlir::Pass> createTileExtractKernelsPass();

/// `tile-expand-affine`: affine.apply, min and max become integer arithmetic, division
/// and remainder by a power of two a shift and a mask. Before inlining: upstream does not
/// inline affine operations into loops.
///
/// Before
///   %r = affine.apply affine_map<()[i] -> (i floordiv 64 * 64 + 63)>()[%i]
/// After
///   %0 = arith.shrsi %i, %c6 : index
///   %1 = arith.shli %0, %c6 : index
///   %r = arith.addi %1, %c63 : index
std::unique_ptr<mlir::Pass> createTileExpandAffinePass();

/// `tile-unroll`: unrolls every scf.for that is marked `tile.unroll`, inner ones first,
/// so that offsets and conditions on its counter become constants.
///
/// Before
///   scf.for %k = %c0 to %c2 step %c1 { tile.release %Y[%k][%c] : !Y } {tile.unroll}
/// After
///   tile.release %Y[%c0][%c] : !Y
///   tile.release %Y[%c1][%c] : !Y
std::unique_ptr<mlir::Pass> createTileUnrollPass();

/// `tile-place`: decides where everything of a kernel is and writes it down: offsets in
/// shared memory, named barriers, each role's first warp, the number of threads.
///
/// Before
///   tile.kernel @k() {
///     %b = tile.buffer : !tile.smem<64x64xbf16, sw128>
///     tile.role @a warp { .. }
///     tile.role @b group { tile.sync }
///   }
/// After
///   tile.kernel @k() attributes {smem = 8192 : i64, threads = 256 : i64} {
///     %b = tile.buffer {data = 0 : i64} : !tile.smem<64x64xbf16, sw128>
///     tile.role @a warp attributes {first_warp = 0 : i64} { .. }
///     tile.role @b group attributes {barrier = 1 : i64, first_warp = 4 : i64} { tile.sync }
///   }
std::unique_ptr<mlir::Pass> createTilePlacePass();

} // namespace ssm
