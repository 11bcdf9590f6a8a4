// RUN: %ssm-opt %s --ssm-outline-parallel | FileCheck %s

// Inside a body there are no more calls; in a scan's loop there is one a step,
// and its struct is allocated once.
// CHECK-LABEL: func.func @scan
// CHECK: llvm.alloca
// CHECK: scf.for
// CHECK-NOT: llvm.alloca
// CHECK:   llvm.call @ssm_rt_parallel_for
// CHECK-NOT: ssm_rt_parallel_for
// CHECK: llvm.func internal @scan_parallel
// CHECK:   scf.parallel
// CHECK-NOT: ssm_rt_parallel_for
func.func @scan(%m: memref<?x?x?xf32>, %x: f32, %L: index, %H: index, %N: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %l = %c0 to %L step %c1 {
    scf.parallel (%h) = (%c0) to (%H) step (%c1) {
      scf.parallel (%n) = (%c0) to (%N) step (%c1) {
        memref.store %x, %m[%l, %h, %n] : memref<?x?x?xf32>
      }
    }
  }
  return
}
