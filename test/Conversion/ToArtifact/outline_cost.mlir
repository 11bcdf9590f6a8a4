// RUN: %ssm-opt %s --ssm-outline-parallel --canonicalize --cse | FileCheck %s

// An iteration costs its operations, times the trips of the loops inside: here a
// load and an addition K times, and a store.
// CHECK-LABEL: func.func @rows(
// CHECK-SAME: %{{.*}}, %{{.*}}, %[[N:.*]]: index, %[[K:.*]]: index)
// CHECK: %[[TRIPS:.*]] = arith.index_cast %[[K]]
// CHECK: %[[INNER:.*]] = arith.muli %[[TRIPS]], %c2_i64
// CHECK: %[[COST:.*]] = arith.addi %[[INNER]], %c1_i64
// CHECK: %[[COUNT:.*]] = arith.index_cast %[[N]]
// CHECK: llvm.call @ssm_rt_parallel_for(%[[COUNT]], %[[COST]],
func.func @rows(%m: memref<?x?xf32>, %out: memref<?xf32>, %N: index, %K: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  scf.parallel (%i) = (%c0) to (%N) step (%c1) {
    %s = scf.for %k = %c0 to %K step %c1 iter_args(%a = %zero) -> f32 {
      %x = memref.load %m[%i, %k] : memref<?x?xf32>
      %b = arith.addf %a, %x : f32
      scf.yield %b : f32
    }
    memref.store %s, %out[%i] : memref<?xf32>
  }
  return
}

// A short last dimension is left whole: 16 times the cost of a store.
// CHECK-LABEL: func.func @whole
// CHECK: llvm.call @ssm_rt_parallel_for(%{{.*}}, %c16_i64,
// CHECK: llvm.func internal @whole_parallel
// CHECK: scf.for
// CHECK:   scf.for %{{.*}} = %c0 to %c16
// CHECK:     memref.store
func.func @whole(%m: memref<?x16xf32>, %x: f32, %N: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  scf.parallel (%i, %n) = (%c0, %c0) to (%N, %c16) step (%c1, %c1) {
    memref.store %x, %m[%i, %n] : memref<?x16xf32>
  }
  return
}
