// RUN: %ssm-opt %s --ssm-outline-parallel | FileCheck %s

// Known to be short: not worth a call.
// CHECK-LABEL: func.func @short
// CHECK: scf.parallel
// CHECK-NOT: ssm_rt_parallel_for
func.func @short(%m: memref<8x8xf32>, %x: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  scf.parallel (%i, %j) = (%c0, %c0) to (%c8, %c8) step (%c1, %c1) {
    memref.store %x, %m[%i, %j] : memref<8x8xf32>
  }
  return
}

// One that reduces keeps its order.
// CHECK-LABEL: func.func @sum
// CHECK: scf.parallel
// CHECK: scf.reduce
// CHECK-NOT: ssm_rt_parallel_for
func.func @sum(%m: memref<?xf32>, %n: index) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %s = scf.parallel (%i) = (%c0) to (%n) step (%c1) init (%zero) -> f32 {
    %x = memref.load %m[%i] : memref<?xf32>
    scf.reduce(%x : f32) {
    ^bb0(%a: f32, %b: f32):
      %c = arith.addf %a, %b : f32
      scf.reduce.return %c : f32
    }
  }
  return %s : f32
}
