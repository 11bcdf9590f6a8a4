// RUN: %ssm-opt %s --convert-ssm-to-linalg | FileCheck %s

// CHECK-DAG: #[[FROM:.*]] = affine_map<(d0, d1, d2) -> (d1, d0)>
// CHECK-DAG: #[[TO:.*]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>

// Another order, and a dimension along which it is repeated.
// CHECK-LABEL: func.func @forward
// CHECK-SAME: %[[B:[^:]*]]: index, %[[L:[^:]*]]: index, %{{[^:]*}}: index)
// CHECK: tensor.empty(%[[B]], %[[L]]) : tensor<?x?x4xf32>
// CHECK: linalg.generic {indexing_maps = [#[[FROM]], #[[TO]]], iterator_types = ["parallel", "parallel", "parallel"]}
// CHECK: ^bb0(%[[X:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT: linalg.yield %[[X]]
func.func @forward(%y: tensor<?x?xf32, #ssm.dims<L, B>>) -> tensor<?x?x4xf32, #ssm.dims<B, L, H>>
    attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L>, #ssm.dim<H = 4>]} {
  %0 = ssm.align %y : tensor<?x?xf32, #ssm.dims<L, B>> -> tensor<?x?x4xf32, #ssm.dims<B, L, H>>
  return %0 : tensor<?x?x4xf32, #ssm.dims<B, L, H>>
}
