// A kernel's arguments become parameters; each warp enters its role, registers first.
// RUN: ssm-opt %s --tile-place --convert-tile-to-nvvm | FileCheck %s

// CHECK: llvm.mlir.global external @ssm_shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
// CHECK: llvm.func @k(%{{.*}}: !llvm.ptr {llvm.align = 64 : i32, llvm.byval = !llvm.array<128 x i8>, nvvm.grid_constant},
// CHECK-SAME: %{{.*}}: i64, %{{.*}}: i32, %{{.*}}: i32, %{{.*}}: i64, %{{.*}}: i64, %{{.*}}: i32, %{{.*}}: f32)
// CHECK-SAME: nvvm.kernel, nvvm.maxntid = array<i32: 256, 1, 1>, nvvm.minctasm = 2 : i32, tile.smem = 0 : i64, tile.threads = 256 : i64
tile.kernel @k(%m: !tile.map<bf16, 64x64, sw128>, %g: !tile.global<f32, 2>, %n: index, %s: f32) ctas_per_sm(2) {
  // The uniform number of the warp.
  // CHECK: %[[WARP:.*]] = llvm.call_intrinsic "llvm.nvvm.shfl.sync.idx.i32"
  // CHECK: "bar.sync $0, 256;"
  // The first warpgroup: its registers, then a warp for each role, one thread of the first.
  // CHECK: %[[G0:.*]] = arith.cmpi slt, %[[WARP]], %{{.*}} : i32
  // CHECK: scf.if %[[G0]] {
  // CHECK: "setmaxnreg.dec.sync.aligned.u32 24;"
  // CHECK: arith.cmpi eq, %[[WARP]]
  // CHECK: "llvm.nvvm.elect.sync"
  // CHECK: scf.if
  tile.role @one thread regs(24) {
    tile.send_wait 0
  }
  tile.role @two warp regs(24) {
    // CHECK: "bar.warp.sync -1;"
    tile.sync
  }
  // The second warpgroup needs no test.
  // CHECK: } else {
  // CHECK: "setmaxnreg.inc.sync.aligned.u32 208;"
  // CHECK: "bar.sync $0, 128;"
  tile.role @rest group regs(208) {
    tile.sync
  }
}
