// RUN: %ssm-opt %s --convert-ssm-to-linalg | FileCheck %s

// The least index of those that equal the maximum, or are NaN.
// CHECK-LABEL: func.func @argmax
// CHECK: %[[TOP:.*]] = linalg.generic {{.*}} iterator_types = ["parallel", "reduction"]}
// CHECK:   arith.maximumf
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "reduction"]} ins(%{{.*}}, %[[TOP]] :
// CHECK: ^bb0(%[[X:.*]]: f32, %[[M:.*]]: f32, %[[LEAST:.*]]: i64):
// CHECK:   %[[EQUAL:.*]] = arith.cmpf oeq, %[[X]], %[[M]]
// CHECK:   %[[NAN:.*]] = arith.cmpf uno, %[[X]], %[[X]]
// CHECK:   %[[SAME:.*]] = arith.ori %[[EQUAL]], %[[NAN]]
// CHECK:   linalg.index 1
// CHECK:   %[[LESS:.*]] = arith.minsi %[[LEAST]]
// CHECK:   arith.select %[[SAME]], %[[LESS]], %[[LEAST]]
func.func @argmax(%s: tensor<?x?xf32, #ssm.dims<M, L>>) -> tensor<?xi64, #ssm.dims<L>>
    attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<M>]} {
  %0 = ssm.argmax %s over "M" : tensor<?x?xf32, #ssm.dims<M, L>> -> tensor<?xi64, #ssm.dims<L>>
  return %0 : tensor<?xi64, #ssm.dims<L>>
}
