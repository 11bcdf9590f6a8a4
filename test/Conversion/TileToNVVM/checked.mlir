// In a checked build a wait is bounded; one that gives up says which it was and traps.
// RUN: ssm-opt %s --tile-place --convert-tile-to-nvvm=checked=true | FileCheck %s
// CHECK: llvm.mlir.global external @ssm_stuck(0 : i64) {addr_space = 1 : i32, alignment = 8 : i64} : i64
// CHECK: %[[RECORD:.*]] = llvm.load %{{.*}} : !llvm.ptr<1> -> i64
// CHECK: setp.lt.u32 p, n, 4194304;{{.*}}st.global.v4.b32 [$2], {r, w, $1, 1};{{.*}}trap;{{.*}} %[[RECORD]]
tile.kernel @k() {
  %R = tile.ring full(1 thread) empty(1 thread) : !tile.ring<1>
  tile.role @a thread {
    %c = tile.cursor : !tile.cursor<1>
    tile.await %R[%c] observe : !tile.ring<1>
  }
}
