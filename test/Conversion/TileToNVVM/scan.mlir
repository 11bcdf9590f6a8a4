// A thread's elements, then its lanes in log2 steps; within 8 elements two lanes share a segment.
// RUN: ssm-opt %s --tile-place --convert-tile-to-nvvm | FileCheck %s
!v = tensor<128xf32, #tile.lanes<32, 4>>

// CHECK-LABEL: llvm.func @k
tile.kernel @k(%g: !tile.global<f32, 1, 4>) {
  tile.role @r warp {
    %c0 = arith.constant 0 : index
    %x = tile.load %g[%c0] : !tile.global<f32, 1, 4> -> !v
    // CHECK-COUNT-3: arith.addf
    // CHECK-COUNT-6: "llvm.nvvm.shfl.sync.up.f32"
    // CHECK-NOT: shfl
    // CHECK: "", "=f,=f,=f,=f,0,1,2,3"
    %s = tile.scan addf %x : !v
    tile.pin %s for llvm : !v
    // CHECK-COUNT-2: "llvm.nvvm.shfl.sync.up.f32"
    // CHECK-NOT: shfl
    // CHECK: "", "=f,=f,=f,=f,0,1,2,3"
    %t = tile.scan addf %x within 8 : !v
    tile.pin %t for llvm : !v
    // The recurrence h = a h + x: factors travel with the values.
    // CHECK-COUNT-3: math.fma
    // CHECK-COUNT-12: "llvm.nvvm.shfl.sync.down.f32"
    %h = tile.scan addf %x scale(%s) reverse : !v
    tile.pin %h for llvm : !v
  }
}
