// RUN: %ssm-opt %s --convert-ssm-to-linalg | FileCheck %s

// CHECK-DAG: #[[TURNED:.*]] = affine_map<(d0, d1) -> (d1, d0)>

// The same tensor under another name; its size is compared at the start.
// CHECK-LABEL: func.func @rename
// CHECK-SAME: %{{[^:]*}}: index, %[[M:[^:]*]]: index, %[[K:[^:]*]]: index)
// CHECK: %[[FITS:.*]] = arith.cmpi eq, %[[M]], %[[K]]
// CHECK: scf.if %[[FITS]]
// CHECK-NOT: linalg.generic
// CHECK: bufferization.materialize_in_destination
func.func @rename(%x: tensor<?x?xf32, #ssm.dims<L, M>>) -> tensor<?x?xf32, #ssm.dims<L, K>>
    attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<M>, #ssm.dim<K>]} {
  %0 = ssm.rename %x ["M"] to ["K"] : tensor<?x?xf32, #ssm.dims<L, M>> -> tensor<?x?xf32, #ssm.dims<L, K>>
  return %0 : tensor<?x?xf32, #ssm.dims<L, K>>
}

// Two names that change places: a transposition, once the order is that of the type.
// CHECK-LABEL: func.func @swap
// CHECK: linalg.generic {indexing_maps = [#[[TURNED]], #{{.*}}], iterator_types = ["parallel", "parallel"]}
func.func @swap(%x: tensor<?x?xf32, #ssm.dims<L, M>>) -> tensor<?x?xf32, #ssm.dims<L, M>>
    attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<M>]} {
  %0 = ssm.rename %x ["M", "L"] to ["L", "M"] : tensor<?x?xf32, #ssm.dims<L, M>> -> tensor<?x?xf32, #ssm.dims<M, L>>
  %1 = ssm.align %0 : tensor<?x?xf32, #ssm.dims<M, L>> -> tensor<?x?xf32, #ssm.dims<L, M>>
  return %1 : tensor<?x?xf32, #ssm.dims<L, M>>
}

// To a name of known size.
// CHECK-LABEL: func.func @known
// CHECK: arith.cmpi eq, %{{.*}}, %c4
// CHECK: tensor.cast %{{.*}} : tensor<?xf32> to tensor<4xf32>
func.func @known(%x: tensor<?xf32, #ssm.dims<L>>) -> tensor<4xf32, #ssm.dims<H>>
    attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<H = 4>]} {
  %0 = ssm.rename %x ["L"] to ["H"] : tensor<?xf32, #ssm.dims<L>> -> tensor<4xf32, #ssm.dims<H>>
  return %0 : tensor<4xf32, #ssm.dims<H>>
}
