// RUN: %ssm-opt %s | %ssm-opt | FileCheck %s

// Rings, single and in arrays, what waits and what arrives; fetches of every kind of part.
!K = !tile.ring<2, k: 128x64xbf16 sw128>
!Q = !tile.ring<3, q: 2x64x64xbf16 sw128, at: 2xi32, v: 64xf32>
!Y = !tile.ring<2 x 3, y: 64x64xbf16 sw128>
!bare = !tile.ring<1>
!kmap = !tile.map<bf16, 64x128x1x1, sw128>
!qmap = !tile.map<bf16, 64x64, sw128>
// CHECK-LABEL: tile.kernel @rings
tile.kernel @rings(%km: !kmap, %qm: !qmap, %v: !tile.global<f32, 1, 4>, %n: index) cluster(2, 1, 1) {
  // CHECK: tile.ring full(1 thread) empty(3 group) : <2, k: 128x64xbf16 sw128>
  %K = tile.ring full(1 thread) empty(3 group) : !K
  // CHECK: tile.ring full(1 thread) empty(4 warp) : <3, q: 2x64x64xbf16 sw128, at: 2xi32, v: 64xf32>
  %Q = tile.ring full(1 thread) empty(4 warp) : !Q
  // CHECK: tile.ring full(4 warp) empty(1 thread) {barriers = 64 : i64, data = 1024 : i64} : <2 x 3, y: 64x64xbf16 sw128>
  %Y = tile.ring full(4 warp) empty(1 thread) {data = 1024, barriers = 64} : !Y
  // CHECK: tile.ring full(128 each) empty(1 group) : <1>
  %B = tile.ring full(128 each) empty(1 group) : !bare
  // CHECK: tile.buffer : <2x4xf32>
  %u = tile.buffer : !tile.smem<2x4xf32>
  // CHECK: tile.fill %{{.*}}, 0.000000e+00 : bf16 in !tile.ring<2, k: 128x64xbf16 sw128>
  tile.fill %K, 0.0 : bf16 in !K
  tile.role @copy thread {
    %c0 = arith.constant 0 : index
    %c = tile.cursor : !tile.cursor<2>
    // CHECK: tile.cursor %{{.*}} : <3>
    %d = tile.cursor %n : !tile.cursor<3>
    // CHECK: tile.fetch %{{.*}}[%{{.*}}] k = %{{.*}}[0, %{{.*}}, 0, 7] hint(evict_last) : !tile.ring<2, k: 128x64xbf16 sw128>, !tile.map<bf16, 64x128x1x1, sw128>
    tile.fetch %K[%c] k = %km[0, %n, 0, 7] hint(evict_last) : !K, !kmap
    // CHECK: tile.fetch %{{.*}}[%{{.*}}] q = %{{.*}}[0, 0], q = %{{.*}}[64, %{{.*}}], at = (%{{.*}}, -1), v = %{{.*}}[%{{.*}}] : !tile.ring<3,
    tile.fetch %Q[%d] q = %qm[0, 0], q = %qm[64, %n], at = (%n, -1), v = %v[%n] : !Q, !qmap, !qmap, !tile.global<f32, 1, 4>
    // CHECK: tile.fetch %{{.*}}[%{{.*}}] k = %{{.*}}[0, %{{.*}}] across 0 hint(evict_first) : !tile.ring<2, k: 128x64xbf16 sw128>, !tile.map<bf16, 64x64, sw128>
    tile.fetch %K[%c] k = %qm[0, %n] across 0 hint(evict_first) : !K, !qmap
    // CHECK: tile.next %{{.*}} : <2>
    %e = tile.next %c : !tile.cursor<2>
    // CHECK: tile.next %{{.*}} by -1 : <2>
    %f = tile.next %c by -1 : !tile.cursor<2>
    // CHECK: tile.await %{{.*}}[%{{.*}}][%{{.*}}] observe : <2 x 3, y: 64x64xbf16 sw128>
    %y = tile.await %Y[%c0][%e] observe : !Y
    tile.release %Y[%c0][%f] : !Y
    // CHECK: tile.release %{{.*}}[%{{.*}}] across 0 : <2, k: 128x64xbf16 sw128>
    tile.release %K[%c] across 0 : !K
  }
  tile.role @rows group x 3 {
  ^bb0(%w: index):
    %p = arith.cmpi eq, %w, %n : index
    %c = tile.cursor : !tile.cursor<2>
    %d = tile.cursor : !tile.cursor<3>
    // CHECK: %{{.*}}:3 = tile.await %{{.*}}[%{{.*}}] : <3, q:
    %q, %at, %v1 = tile.await %Q[%d] : !Q
    // CHECK: tile.slot
    %k = tile.slot %K[%c] : !K
    // CHECK: tile.sub %{{.*}}#0[%{{.*}}, 0, 0][1, 64, 64] : <2x64x64xbf16, sw128>
    %q0 = tile.sub %q[%w, 0, 0][1, 64, 64] : !tile.smem<2x64x64xbf16, sw128>
    // CHECK: tile.sub %{{.*}}[64, 0][64, 64] : <128x64xbf16, sw128>
    %k1 = tile.sub %k[64, 0][64, 64] : !tile.smem<128x64xbf16, sw128>
    // CHECK: tile.acquire %{{.*}}[%{{.*}}][%{{.*}}] : <2 x 3, y: 64x64xbf16 sw128>
    %y = tile.acquire %Y[%w][%c] : !Y
    // CHECK: tile.publish %{{.*}}[%{{.*}}][%{{.*}}] if(%{{.*}}) : <2 x 3
    tile.publish %Y[%w][%c] if(%p) : !Y
    // CHECK: tile.release %{{.*}}[%{{.*}}] if(%{{.*}}) at(%{{.*}}) : <2, k:
    tile.release %K[%c] if(%p) at(%n) : !K
    // CHECK: tile.fence
    tile.fence
  }
}
