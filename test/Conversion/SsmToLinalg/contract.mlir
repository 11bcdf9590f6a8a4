// RUN: %ssm-opt %s --convert-ssm-to-linalg | FileCheck %s

// CHECK-DAG: #[[LHS:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG: #[[RHS:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK-DAG: #[[OUT:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>

// One loop nest for product and sum; stored operands are widened in it.
// CHECK-LABEL: func.func @scores
// CHECK: linalg.generic {indexing_maps = [#[[LHS]], #[[RHS]], #[[OUT]]], iterator_types = ["parallel", "parallel", "reduction"]}
// CHECK-SAME: ins(%{{.*}}, %{{.*}} : tensor<?x64xbf16>, tensor<?x64xbf16>) outs(%{{.*}} : tensor<?x?xf64>)
// CHECK:   arith.bitcast %{{.*}} : bf16 to i16
// CHECK:   %[[PRODUCT:.*]] = arith.mulf %{{.*}} : f64
// CHECK:   arith.addf %{{.*}}, %[[PRODUCT]] : f64
// CHECK: arith.truncf %{{.*}} : f64 to f32
func.func @scores(%q: tensor<?x64xbf16, #ssm.dims<L, D>>, %k: tensor<?x64xbf16, #ssm.dims<M, D>>)
    -> tensor<?x?xf32, #ssm.dims<L, M>> attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<M>, #ssm.dim<D = 64>]} {
  %0 = ssm.contract(%q, %k) over ["D"]
    : (tensor<?x64xbf16, #ssm.dims<L, D>>, tensor<?x64xbf16, #ssm.dims<M, D>>) -> tensor<?x?xf32, #ssm.dims<L, M>>
  return %0 : tensor<?x?xf32, #ssm.dims<L, M>>
}

// Whole numbers wrap in their own type.
// CHECK-LABEL: func.func @count
// CHECK: arith.muli %{{.*}} : i64
// CHECK: arith.muli %{{.*}} : i64
// CHECK: arith.addi %{{.*}} : i64
func.func @count(%a: tensor<?xi64, #ssm.dims<L>>) -> tensor<i64> attributes {ssm.dims = [#ssm.dim<L>]} {
  %0 = ssm.contract(%a, %a, %a) over ["L"]
    : (tensor<?xi64, #ssm.dims<L>>, tensor<?xi64, #ssm.dims<L>>, tensor<?xi64, #ssm.dims<L>>) -> tensor<i64>
  return %0 : tensor<i64>
}
