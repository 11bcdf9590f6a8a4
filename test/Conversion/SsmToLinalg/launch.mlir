// RUN: %ssm-opt %s --convert-ssm-to-linalg | FileCheck %s

// A result that is returned as it is goes to the function's buffer, another to one of its own.
// CHECK-LABEL: func.func @forward
// CHECK-SAME: (%[[X:.*]]: memref<?xf32>{{.*}}, %[[OUT:.*]]: memref<?xf32>{{.*}}, %[[OTHER:.*]]: memref<?xf32>{{.*}}, %[[L:.*]]: index)
// CHECK: %[[IN:.*]] = bufferization.to_buffer %{{.*}} read_only
// CHECK: %[[OWN:.*]] = memref.alloc(%[[L]])
// CHECK: call @kernel(%[[IN]], %[[OUT]], %[[OWN]], %[[L]])
// CHECK: bufferization.materialize_in_destination %{{.*}} in restrict writable %[[OTHER]]
// CHECK-NOT: materialize_in_destination
func.func private @kernel(%x: memref<?xf32>, %a: memref<?xf32>, %b: memref<?xf32>, %L: index) { return }
!x = tensor<?xf32, #ssm.dims<L>>
func.func @forward(%x: !x) -> (!x, !x) attributes {ssm.dims = [#ssm.dim<L>]} {
  %0:2 = ssm.launch @kernel(%x) sizes ["L"] : (!x) -> (!x, !x)
  %1 = ssm.map exp(%0#1) : (!x) -> !x
  return %0#0, %1 : !x, !x
}

// Joined dimensions that lie one after the other are the buffer's.
// CHECK-LABEL: func.func @joined
// CHECK-SAME: (%[[X:.*]]: memref<?xf32>{{.*}}, %[[OUT:.*]]: memref<?xf32>
// CHECK: %[[PARTS:.*]] = memref.reinterpret_cast %[[OUT]] to offset: [0], sizes: [%{{.*}}, 4], strides: [4, 1]
// CHECK: call @blocks(%{{.*}}, %[[PARTS]])
// CHECK-NOT: materialize_in_destination
func.func private @blocks(%x: memref<?xf32>, %a: memref<?x4xf32>) { return }
!p = tensor<?x4xf32, #ssm.dims<N, P>>
func.func @joined(%x: !x) -> !x attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<N = div(L, 4)>, #ssm.dim<P = 4>]} {
  %0 = ssm.launch @blocks(%x) sizes [] : (!x) -> !p
  %1 = ssm.join %0 ["N", "P"] into "L" : !p -> !x
  return %1 : !x
}
