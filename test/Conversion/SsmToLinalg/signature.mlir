// RUN: %ssm-opt %s --convert-ssm-to-linalg | FileCheck %s

// Arguments, results, then a size for each dimension of the table; a dimension whose
// size the table knows is static throughout; a bool takes a byte.
// CHECK-LABEL: func.func @forward
// CHECK-SAME: (%[[X:.*]]: memref<?x32xi8> {ssm.shape = ["L", "N"]}, %[[OUT:.*]]: memref<?x32xi8> {ssm.shape = ["L", "N"]}, %[[L:.*]]: index, %{{.*}}: index)
// CHECK-SAME: ssm.symbol = "s"
// CHECK: %[[BYTES:.*]] = bufferization.to_tensor %[[X]] restrict
// CHECK: tensor.empty(%[[L]]) : tensor<?x32xi1>
// CHECK: linalg.generic {{.*}} ins(%[[BYTES]]
// CHECK:   arith.cmpi ne, %{{.*}}, %c0_i8
// CHECK: %[[STORED:.*]] = linalg.generic
// CHECK:   arith.extui %{{.*}} : i1 to i8
// CHECK: bufferization.materialize_in_destination %[[STORED]] in restrict writable %[[OUT]]
// CHECK-NEXT: return
func.func @forward(%x: tensor<?x?xi1, #ssm.dims<L, N>>) -> tensor<?x?xi1, #ssm.dims<L, N>>
    attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<N = 32>], ssm.symbol = "s"} {
  return %x : tensor<?x?xi1, #ssm.dims<L, N>>
}

// A scalar as it is stored needs neither a table nor a loop.
// CHECK-LABEL: func.func @other
// CHECK-SAME: %[[X:.*]]: memref<bf16> {ssm.shape = []}, %[[OUT:.*]]: memref<bf16> {ssm.shape = []})
// CHECK: %[[T:.*]] = bufferization.to_tensor %[[X]]
// CHECK-NEXT: bufferization.materialize_in_destination %[[T]] in restrict writable %[[OUT]]
func.func @other(%x: tensor<bf16>) -> tensor<bf16> {
  return %x : tensor<bf16>
}
