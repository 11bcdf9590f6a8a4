// RUN: %ssm-opt %s --convert-ssm-to-linalg | FileCheck %s

// CHECK-DAG: #[[ALL:.*]] = affine_map<(d0, d1) -> (d1, d0)>
// CHECK-DAG: #[[KEPT:.*]] = affine_map<(d0, d1) -> (d0)>

// Kept dimensions are the outer loops; sums of f32 run in f64 and are rounded once.
// CHECK-LABEL: func.func @sum
// CHECK: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f64
// CHECK: %[[START:.*]] = linalg.fill ins(%[[ZERO]]
// CHECK: linalg.generic {indexing_maps = [#[[ALL]], #[[KEPT]]], iterator_types = ["parallel", "reduction"]}
// CHECK-SAME: outs(%[[START]] : tensor<?xf64>)
// CHECK:   %[[X:.*]] = arith.extf %{{.*}} : f32 to f64
// CHECK:   arith.addf %{{.*}}, %[[X]] : f64
// CHECK: linalg.generic
// CHECK:   arith.truncf %{{.*}} : f64 to f32
func.func @sum(%u: tensor<?x?xf32, #ssm.dims<L, B>>) -> tensor<?xf32, #ssm.dims<B>>
    attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L>]} {
  %0 = ssm.reduce add %u over ["L"] : tensor<?x?xf32, #ssm.dims<L, B>> -> tensor<?xf32, #ssm.dims<B>>
  return %0 : tensor<?xf32, #ssm.dims<B>>
}

// An extremum is exact as it is, and starts from infinity.
// CHECK-LABEL: func.func @max
// CHECK: arith.constant 0xFF800000 : f32
// CHECK: iterator_types = ["reduction", "reduction"]
// CHECK:   arith.maximumf %{{.*}} : f32
// CHECK-NOT: linalg.generic
func.func @max(%u: tensor<?x?xf32, #ssm.dims<L, B>>) -> tensor<f32>
    attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L>]} {
  %0 = ssm.reduce max %u over ["L", "B"] : tensor<?x?xf32, #ssm.dims<L, B>> -> tensor<f32>
  return %0 : tensor<f32>
}

// CHECK-LABEL: func.func @min
// CHECK: arith.constant 9223372036854775807 : i64
// CHECK:   arith.minsi
func.func @min(%u: tensor<?xi64, #ssm.dims<L>>) -> tensor<i64> attributes {ssm.dims = [#ssm.dim<L>]} {
  %0 = ssm.reduce min %u over ["L"] : tensor<?xi64, #ssm.dims<L>> -> tensor<i64>
  return %0 : tensor<i64>
}

// CHECK-LABEL: func.func @product
// CHECK: %[[ONE:.*]] = arith.constant 1.000000e+00 : f64
// CHECK: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f64
// CHECK: %[[START:.*]] = complex.create %[[ONE]], %[[ZERO]] : complex<f64>
// CHECK: linalg.fill ins(%[[START]]
func.func @product(%u: tensor<?xcomplex<f32>, #ssm.dims<L>>) -> tensor<complex<f32>>
    attributes {ssm.dims = [#ssm.dim<L>]} {
  %0 = ssm.reduce mul %u over ["L"] : tensor<?xcomplex<f32>, #ssm.dims<L>> -> tensor<complex<f32>>
  return %0 : tensor<complex<f32>>
}
