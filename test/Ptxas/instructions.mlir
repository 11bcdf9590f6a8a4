// REQUIRES: ptxas
// What no kernel of test/Kernels uses assembles too: 16-bit accesses, asynchronous and contiguous copies, cache hints,
// clusters, warp products, approximations, counters, relaxed loads, register images.
// RUN: ssm-opt %s --tile-place --convert-tile-to-nvvm=checked=true --tile-expand-math --convert-scf-to-cf --convert-math-to-llvm \
// RUN:   --convert-to-llvm --reconcile-unrealized-casts --ssm-emit-ptx --ssm-run-ptxas | FileCheck %s
// CHECK-COUNT-4: tile.ptxas = {

!v = tensor<1024xbf16, #tile.lanes<128, 8>>
!f = tensor<1024xf32, #tile.lanes<128, 8>>
tile.kernel @elements(%x: !tile.global<bf16, 1>, %y: !tile.global<f16, 1>, %n: index) {
  tile.role @r group {
    %v = tile.load %x[%n][1024] : !tile.global<bf16, 1> -> !v
    %a = arith.extf %v : !v to !f
    %b = math.tanh %a fastmath<afn> : !f
    %c = math.rsqrt %b fastmath<afn> : !f
    %d = math.sqrt %c fastmath<afn> : !f
    %e = math.sin %d fastmath<afn> : !f
    %g = math.cos %e fastmath<afn> : !f
    %h = math.log %g fastmath<afn> : !f
    %i = math.erf %h : !f
    %j = arith.truncf %i : !f to tensor<1024xf16, #tile.lanes<128, 8>>
    %k = arith.extf %j : tensor<1024xf16, #tile.lanes<128, 8>> to !f
    %l = arith.divf %k, %a : !f
    %m = arith.truncf %l : !f to tensor<1024xf16, #tile.lanes<128, 8>>
    tile.store %m, %y[%n][1024] : tensor<1024xf16, #tile.lanes<128, 8>>, !tile.global<f16, 1>
  }
}

!many = !tile.ring<2, x: 64x64xbf16 sw128, w: 1024xf32, at: 2xi32>
!map = !tile.map<bf16, 64x32, sw128>
tile.kernel @cluster(%m: !map, %w: !tile.global<f32, 1, 4>, %n: index) cluster(2, 1, 1) {
  %R = tile.ring full(1 thread) empty(2 group) : !many
  %B = tile.ring full(1 thread) empty(1 group) : !tile.ring<1>
  tile.role @in thread {
    %c = tile.cursor : !tile.cursor<2>
    tile.fetch %R[%c] x = %m[0, %n] across 0, w = %w[%n], at = (%n, 7) hint(evict_first) : !many, !map, !tile.global<f32, 1, 4>
    %b = tile.cursor : !tile.cursor<1>
    tile.acquire %B[%b] : !tile.ring<1>
    tile.publish %B[%b] : !tile.ring<1>
  }
  tile.role @out group {
    %c = tile.cursor : !tile.cursor<2>
    %c1 = arith.constant 1 : index
    %x, %wv, %at = tile.await %R[%c] : !many
    tile.sync
    tile.release %R[%c] across 0 : !many
    %b = tile.cursor : !tile.cursor<1>
    tile.await %B[%b] : !tile.ring<1>
    tile.release %B[%b] at(%c1) : !tile.ring<1>
  }
}

!copied = !tile.ring<1, x: 16x64xbf16 sw128>
tile.kernel @gathered(%g: !tile.global<bf16, 2, 8>, %counter: !tile.global<i32, 0>, %n: index) {
  %R = tile.ring full(128 each) empty(1 group) : !copied
  tile.role @draw thread {
    %c1 = arith.constant 1 : index
    %old = tile.atomic_add %counter[], %c1 : !tile.global<i32, 0>
    %now = tile.load %counter[] relaxed : !tile.global<i32, 0> -> i32
    %i = arith.index_cast %now : i32 to index
    %s = arith.addi %old, %i : index
    tile.store %s, %counter[] : index, !tile.global<i32, 0>
  }
  tile.role @r group {
    %c = tile.cursor : !tile.cursor<1>
    %s = tile.acquire %R[%c] : !copied
    tile.copy %g[%n, 0][16, 64] -> %s by lanes<8, 8> arrive %R[%c] : !tile.global<bf16, 2, 8>, !tile.smem<16x64xbf16, sw128>, !copied
    tile.await %R[%c] : !copied
    tile.release %R[%c] : !copied
  }
}

tile.kernel @warps(%g: !tile.global<f32, 1, 4>, %n: index) {
  %A = tile.buffer : !tile.smem<16x64xbf16, sw128>
  %B = tile.buffer : !tile.smem<32x64xbf16, sw128>
  %S = tile.buffer : !tile.smem<2048xf32>
  tile.role @r warp {
    %z = arith.constant dense<0.0> : tensor<16x16xf32, #tile.acc>
    %a = tile.load %A[0, 0][16, 32] : !tile.smem<16x64xbf16, sw128> -> tensor<16x32xbf16, #tile.acc>
    %b = tile.load %B[0, 0][32, 16] : !tile.smem<32x64xbf16, sw128> -> tensor<32x16xbf16, #tile.opb>
    %d = tile.mma_sync %a, %b, %z : tensor<16x32xbf16, #tile.acc>, tensor<32x16xbf16, #tile.opb>, tensor<16x16xf32, #tile.acc>
    %r = tile.reduce maxnumf %d : tensor<16x16xf32, #tile.acc> -> tensor<16xf32, #tile.row>
    tile.store %r, %S[0][16] : tensor<16xf32, #tile.row>, !tile.smem<2048xf32>
    tile.sync
    %i = tile.load %S[0] image : !tile.smem<2048xf32> -> tensor<16x16xf32, #tile.acc>
    tile.store %i, %g[%n] image : tensor<16x16xf32, #tile.acc>, !tile.global<f32, 1, 4>
  }
}
