// RUN: %ssm-opt %s --ssm-outline-parallel --canonicalize | FileCheck %s

// The body becomes a function over a range of rows, clipped at both ends.
// CHECK-LABEL: func.func @scale
// CHECK: %[[DATA:.*]] = llvm.alloca
// CHECK: llvm.store %{{.*}}, %{{.*}} : f32, !llvm.ptr
// CHECK: llvm.call @ssm_rt_parallel_for(%{{.*}}, %{{.*}}, %{{.*}}, %[[DATA]])
// CHECK-NOT: scf.parallel
// CHECK: llvm.func internal @scale_parallel(%[[P:.*]]: !llvm.ptr, %{{.*}}: i64, %{{.*}}: i64)
// CHECK: llvm.load
// CHECK: %[[FIRST:.*]] = arith.divui
// CHECK: %[[STOP:.*]] = arith.ceildivui
// CHECK: scf.for %[[ROW:.*]] = %[[FIRST]] to %[[STOP]]
// CHECK:   %[[FROM:.*]] = arith.maxsi
// CHECK:   %[[TO:.*]] = arith.minsi
// CHECK:   scf.for %{{.*}} = %[[FROM]] to %[[TO]]
// CHECK:     arith.mulf
// CHECK:     memref.store
// CHECK: llvm.return
func.func @scale(%m: memref<?x?xf32>, %by: f32, %B: index, %L: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%b, %l) = (%c0, %c0) to (%B, %L) step (%c1, %c1) {
    %x = memref.load %m[%b, %l] : memref<?x?xf32>
    %y = arith.mulf %x, %by : f32
    memref.store %y, %m[%b, %l] : memref<?x?xf32>
  }
  return
}
