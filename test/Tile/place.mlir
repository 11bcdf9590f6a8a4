// Swizzled buffers first, then plain ones, then barriers; roles in order, warpgroups at
// multiples of four warps; named barriers for turns and for roles that meet.
// RUN: ssm-opt %s --tile-place | FileCheck %s

// CHECK: tile.kernel @k
// CHECK-SAME: smem = 25664 : i64
// CHECK-SAME: threads = 384 : i64
tile.kernel @k() {
  // CHECK: tile.buffer {data = 24576 : i64}
  %v = tile.buffer : !tile.smem<256xf32>
  // CHECK: tile.ring {{.*}} {barriers = 25600 : i64, data = 0 : i64}
  %r = tile.ring full(1 thread) empty(2 group) : !tile.ring<3, x: 64x64xbf16 sw128>
  // CHECK: tile.turns {first = 1 : i64}
  %t = tile.turns : !tile.turns<2>
  // CHECK: tile.ring {{.*}} {barriers = 25648 : i64, data = 25600 : i64}
  %e = tile.ring full(1 thread) empty(1 thread) : !tile.ring<1>
  // CHECK: tile.role @a thread
  // CHECK-SAME: first_warp = 0 : i64
  tile.role @a thread {
  }
  // CHECK: tile.role @b warp x 2
  // CHECK-SAME: first_warp = 1 : i64
  tile.role @b warp x 2 {
    tile.sync
  }
  // CHECK: tile.role @c group x 2
  // CHECK-SAME: barrier = 3 : i64, first_warp = 4 : i64
  tile.role @c group x 2 {
    tile.sync
  }
}
