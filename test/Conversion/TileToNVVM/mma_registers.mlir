// A from registers: four a k-step, and inputs of the wait that covers the product. B lies as K x N: transposed.
// RUN: ssm-opt %s --tile-place --convert-tile-to-nvvm | FileCheck %s
!p = tensor<64x32xbf16, #tile.acc>
!v = !tile.smem<32x64xbf16, sw128>
!acc = tensor<64x64xf32, #tile.acc>

// CHECK-LABEL: llvm.func @k
tile.kernel @k(%x: !tile.global<bf16, 2, 8>) {
  %V = tile.buffer : !v
  tile.role @r group {
    %c0 = arith.constant 0 : index
    %p = tile.load %x[%c0, 0] : !tile.global<bf16, 2, 8> -> !p
    // 16 rows of B are 2048 bytes, 128 units.
    // CHECK: add.s64 db0, db, 0; add.s64 db1, db, 128;
    // CHECK-SAME: m64n64k16.f32.bf16.bf16 {{.*}}, {$32, $33, $34, $35}, db0, p, 1, 1, 1;
    // CHECK-SAME: {$36, $37, $38, $39}, db1, q, 1, 1, 1; wgmma.commit_group.sync.aligned; }
    %f = tile.mma %p, %V : !p, !v -> !tile.flight<!acc>
    // CHECK: "wgmma.wait_group.sync.aligned 0;", "{{.*}},31,r,r,r,r,r,r,r,r,~{memory}"
    %s = tile.land 0 (%f) : !tile.flight<!acc>
    tile.pin %s for llvm : !acc
  }
}
