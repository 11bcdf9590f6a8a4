// 16-bit accumulators go to shared memory and back as matrices of 8 x 8; the swizzle's
// exclusive or is one of a few values of the lane, the rest is in the instruction.
// RUN: ssm-opt %s --tile-place --convert-tile-to-nvvm | FileCheck %s
!h = tensor<64x64xbf16, #tile.acc>
!s = !tile.smem<64x64xbf16, sw128>

// CHECK-LABEL: llvm.func @k
tile.kernel @k() {
  %a = tile.buffer : !s
  tile.role @r group {
    // CHECK-COUNT-4: ldmatrix.sync.aligned.m8n8.x4.shared.b16 {$0, $1, $2, $3}, [$4+0];
    // CHECK-NOT: ldmatrix
    %x = tile.load %a[0, 0] : !s -> !h
    // Sixteen columns further is sixteen rows further in memory: 2048 bytes.
    // CHECK: ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {$0, $1, $2, $3}, [$4+0];
    // CHECK: ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {$0, $1, $2, $3}, [$4+2048];
    %t = tile.load %a[0, 0] transpose : !s -> !h
    // CHECK-COUNT-4: stmatrix.sync.aligned.m8n8.x4.shared.b16 [$0+0], {$1, $2, $3, $4};
    tile.store %t, %a[0, 0] : !h, !s
    // CHECK: stmatrix.sync.aligned.m8n8.x4.trans.shared.b16
    tile.store %x, %a[0, 0] transpose : !h, !s
  }
}
