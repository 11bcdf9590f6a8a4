// RUN: %ssm-opt %s --convert-ssm-to-linalg | FileCheck %s

// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0, d1) -> (d1)>
// CHECK-DAG: #[[WHOLE:.*]] = affine_map<(d0, d1) -> (d0, d1)>

// Operands broadcast by name, without a copy.
// CHECK-LABEL: func.func @map
// CHECK: %[[W:.*]] = bufferization.to_tensor
// CHECK: %[[U:.*]] = bufferization.to_tensor
// CHECK: linalg.generic {indexing_maps = [#[[ROW]], #[[WHOLE]], #[[WHOLE]]], iterator_types = ["parallel", "parallel"]}
// CHECK-SAME: ins(%[[W]], %[[U]] : tensor<?xf32>, tensor<?x?xf32>)
// CHECK: ^bb0(%[[A:.*]]: f32, %[[B:.*]]: f32, %{{.*}}: f32):
// CHECK: arith.subf %[[A]], %[[B]]
// CHECK-NOT: linalg.generic
func.func @map(%w: tensor<?xf32, #ssm.dims<L>>, %u: tensor<?x?xf32, #ssm.dims<B, L>>)
    -> tensor<?x?xf32, #ssm.dims<B, L>> attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L>]} {
  %0 = ssm.map sub(%w, %u) : (tensor<?xf32, #ssm.dims<L>>, tensor<?x?xf32, #ssm.dims<B, L>>)
         -> tensor<?x?xf32, #ssm.dims<B, L>>
  return %0 : tensor<?x?xf32, #ssm.dims<B, L>>
}

// CHECK-LABEL: func.func @pos
// CHECK: linalg.generic
// CHECK: %[[I:.*]] = linalg.index 0
// CHECK: %[[N:.*]] = arith.index_cast %[[I]] : index to i64
// CHECK: linalg.yield %[[N]]
func.func @pos() -> tensor<?xi64, #ssm.dims<L>> attributes {ssm.dims = [#ssm.dim<L>]} {
  %0 = ssm.pos "L" : tensor<?xi64, #ssm.dims<L>>
  return %0 : tensor<?xi64, #ssm.dims<L>>
}

// CHECK-LABEL: func.func @size
// CHECK-SAME: %{{.*}}: index, %[[L:.*]]: index)
// CHECK: %[[N:.*]] = arith.index_cast %[[L]] : index to i64
// CHECK: tensor.from_elements %[[N]] : tensor<i64>
func.func @size() -> tensor<i64> attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L>]} {
  %0 = ssm.size "L" : tensor<i64>
  return %0 : tensor<i64>
}

// A splat takes the size that the table knows.
// CHECK-LABEL: func.func @constant
// CHECK: arith.constant dense<2.000000e+00> : tensor<4xf32>
func.func @constant() -> tensor<4xf32, #ssm.dims<H>> attributes {ssm.dims = [#ssm.dim<H = 4>]} {
  %0 = arith.constant dense<2.0> : tensor<4xf32, #ssm.dims<H>>
  return %0 : tensor<4xf32, #ssm.dims<H>>
}
