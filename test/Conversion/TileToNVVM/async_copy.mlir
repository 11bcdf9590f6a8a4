// What the copy engine cannot do: each thread copies its vectors, zeros outside the view, and arrives as they land.
// RUN: ssm-opt %s --tile-place --convert-tile-to-nvvm | FileCheck %s
!ring = !tile.ring<1, x: 16x64xbf16 sw128>

// CHECK-LABEL: llvm.func @k
tile.kernel @k(%g: !tile.global<bf16, 2, 8>, %r: index) {
  %R = tile.ring full(128 each) empty(1 group) : !ring
  tile.role @r group {
    %c = tile.cursor : !tile.cursor<1>
    %s = tile.acquire %R[%c] : !ring
    // CHECK: "{ .reg .b32 n; selp.b32 n, 16, 0, $2; cp.async.cg.shared.global [$0+0], [$1+0], 16, n; }", "r,l,b,~{memory}"
    // CHECK-NOT: cp.async.cg
    // CHECK: "cp.async.mbarrier.arrive.noinc.shared::cta.b64 [$0+2048];"
    tile.copy %g[%r, 0][16, 64] -> %s by lanes<8, 8> arrive %R[%c]
      : !tile.global<bf16, 2, 8>, !tile.smem<16x64xbf16, sw128>, !ring
    tile.await %R[%c] : !ring
    tile.release %R[%c] : !ring
  }
}
