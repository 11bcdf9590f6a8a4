// Tiles under 64 rows: operand B by ldmatrix, turned where memory has K x N; a product a k-step and eight columns.
// RUN: ssm-opt %s --tile-place --convert-tile-to-nvvm | FileCheck %s
!a = tensor<16x32xbf16, #tile.acc>
!b = tensor<32x8xbf16, #tile.opb>
!c = tensor<16x8xf32, #tile.acc>
!s = !tile.smem<32x64xbf16, sw128>

// CHECK-LABEL: llvm.func @k
tile.kernel @k(%g: !tile.global<bf16, 2, 2>) {
  %B = tile.buffer : !s
  tile.role @r warp {
    %c0 = arith.constant 0 : index
    %z = arith.constant dense<0.0> : !c
    %x = tile.load %g[%c0, 0] : !tile.global<bf16, 2, 2> -> !a
    // CHECK: ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {$0, $1}, [$2+0];
    // CHECK: ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {$0, $1}, [$2+2048];
    %y = tile.load %B[0, 0][32, 8] : !s -> !b
    // CHECK-COUNT-2: "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {$0, $1, $2, $3}, {$4, $5, $6, $7}, {$8, $9}, {$10, $11, $12, $13};"
    %d = tile.mma_sync %x, %y, %z : !a, !b, !c
    tile.pin %d for llvm : !c
  }
}
