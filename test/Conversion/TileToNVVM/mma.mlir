// One statement a product; the accumulators are tied from it to the wait that lands them.
// RUN: ssm-opt %s --tile-place --convert-tile-to-nvvm | FileCheck %s
!acc = tensor<64x8xf32, #tile.acc>

// CHECK-LABEL: llvm.func @k
tile.kernel @k(%again: index) {
  %A = tile.buffer : !tile.smem<64x32xbf16, sw64>
  %B = tile.buffer : !tile.smem<8x32xbf16, sw64>
  tile.role @r group {
    %c0 = arith.constant 0 : index
    %p = arith.cmpi eq, %again, %c0 : index
    // Two k-steps of 32 bytes; the first one overwrites, so the accumulators are results only.
    // Descriptors: 8 rows are 512 bytes (32 units), swizzle 64 is 2.
    // CHECK: mov.b64 da, {$4, 2147483680}; {{.*}}mov.b64 db, {$5, 2147483680};
    // CHECK-SAME: add.s64 da0, da, 0; add.s64 da1, da, 2; add.s64 db0, db, 0; add.s64 db1, db, 2; setp.ne.b32 p, 0, 0; wgmma.fence.sync.aligned;
    // CHECK-SAME: wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {$0, $1, $2, $3}, da0, db0, p, 1, 1, 0, 0;
    // CHECK-SAME: da1, db1, q, 1, 1, 0, 0; wgmma.commit_group.sync.aligned; }
    // CHECK-SAME: "=f,=f,=f,=f,r,r,~{memory}"
    %f = tile.mma %A, %B tb : !tile.smem<64x32xbf16, sw64>, !tile.smem<8x32xbf16, sw64> -> !tile.flight<!acc>
    // Tied; counted as zero where the condition holds.
    // CHECK: not.pred p, $10;
    // CHECK-SAME: "=f,=f,=f,=f,0,1,2,3,r,r,b,~{memory}"
    %g = tile.mma %A, %B tb acc(%f : !tile.flight<!acc>) unless(%p) : !tile.smem<64x32xbf16, sw64>, !tile.smem<8x32xbf16, sw64> -> !tile.flight<!acc>
    // CHECK: "wgmma.wait_group.sync.aligned 0;", "=f,=f,=f,=f,0,1,2,3,~{memory}"
    %s = tile.land 0 (%g) : !tile.flight<!acc>
    %t = arith.addf %s, %s : !acc
    tile.pin %t for llvm : !acc
  }
}
