// Slots that two CTAs fill together: each brings its half to both, and both are told when a slot is empty.
// RUN: ssm-opt %s --tile-place --convert-tile-to-nvvm --cse | FileCheck %s
!R = !tile.ring<2, a: 64x64xbf16 sw128, b: 64x64xbf16 sw128>
!V = !tile.ring<1, v: 64x64xbf16 sw128>
!half = !tile.map<bf16, 64x32, sw128>
!whole = !tile.map<bf16, 64x64, sw128>

// CHECK-LABEL: llvm.func @products
// CHECK-SAME: nvvm.cluster_dim = array<i32: 2, 1, 1>
tile.kernel @products(%m: !half, %w: !whole) cluster(2, 1, 1) {
  // All barriers of the cluster are there before anybody goes on.
  // CHECK: "barrier.cluster.arrive.release.aligned; barrier.cluster.wait.acquire.aligned;"
  %R = tile.ring full(1 thread) empty(2 group) : !R
  tile.role @copy thread {
    %c = tile.cursor : !tile.cursor<2>
    // No scope wider than the CTA's: what is waited for are products.
    // CHECK: mbarrier.try_wait.parity.shared::cta.b64
    // The bytes of both halves, and those of the part that each has to itself.
    // CHECK: mbarrier.arrive.expect_tx.shared::cta.b64 _, [$0+32768], 16384;
    // CHECK: cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [$0+0],
    // CHECK: %[[MASK:.*]] = arith.shli %{{.*}}, %{{.*}} : i32
    // CHECK: %[[M16:.*]] = arith.trunci %[[MASK]] : i32 to i16
    // CHECK: "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster [$0+8192], [$1, {$3, $4}], [$2+32768], $5;"{{.*}}%[[M16]]
    tile.fetch %R[%c] a = %w[0, 0], b = %m[0, 0] across 0 : !R, !whole, !half
  }
  tile.role @math group {
    %c = tile.cursor : !tile.cursor<2>
    %a, %b = tile.await %R[%c] : !R
    %f = tile.mma %a, %b tb : !tile.smem<64x64xbf16, sw128>, !tile.smem<64x64xbf16, sw128> -> !tile.flight<tensor<64x64xf32, #tile.acc>>
    %x = tile.land 0 (%f) : !tile.flight<tensor<64x64xf32, #tile.acc>>
    // One instruction: thread i tells CTA i.
    // CHECK: arith.cmpi slt
    // CHECK: "{ .reg .b32 a; add.u32 a, $0, 32784; mapa.shared::cluster.u32 a, a, $1; @$2 mbarrier.arrive.shared::cluster.b64 _, [a]; }"
    tile.release %R[%c] across 0 : !R
  }
  // Nobody leaves while others still reach into its memory; threads of a warp may come apart.
  // CHECK: "barrier.cluster.arrive.release; barrier.cluster.wait.acquire;"
}

// What was read by ordinary loads is ordered at the cluster's scope.
// CHECK-LABEL: llvm.func @loads
tile.kernel @loads(%m: !half) cluster(2, 1, 1) {
  %R = tile.ring full(1 thread) empty(8 warp) : !V
  tile.role @copy thread {
    %c = tile.cursor : !tile.cursor<1>
    // CHECK: mbarrier.try_wait.parity.acquire.cluster.shared::cta.b64
    tile.fetch %R[%c] v = %m[0, 0] across 0 : !V, !half
  }
  tile.role @use group {
    %c = tile.cursor : !tile.cursor<1>
    %v = tile.await %R[%c] : !V
    %x = tile.load %v[0, 0] : !tile.smem<64x64xbf16, sw128> -> tensor<64x64xbf16, #tile.acc>
    // CHECK: bar.warp.sync
    // CHECK: mbarrier.arrive.release.cluster.shared::cluster.b64 _, [a]
    tile.release %R[%c] across 0 : !V
  }
}
