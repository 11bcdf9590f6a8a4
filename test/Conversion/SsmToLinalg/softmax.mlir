// RUN: %ssm-opt %s --convert-ssm-to-linalg | FileCheck %s

// The largest element, 0 where it is infinite; the sum of exponentials in f64; the
// quotient, 0 where there is nothing to divide by.
// CHECK-LABEL: func.func @softmax
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "reduction"]}
// CHECK:   arith.maximumf
// CHECK: %[[TOP:.*]] = linalg.generic
// CHECK:   %[[SIZE:.*]] = math.absf
// CHECK:   %[[INFINITE:.*]] = arith.cmpf oeq, %[[SIZE]]
// CHECK:   arith.select %[[INFINITE]], %cst
// CHECK: %[[SUM:.*]] = linalg.generic {{.*}} iterator_types = ["parallel", "reduction"]} ins(%[[X:.*]], %[[TOP]] :
// CHECK:   arith.subf
// CHECK:   math.exp
// CHECK:   arith.addf %{{.*}} : f64
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel"]} ins(%[[X]], %[[TOP]], %[[SUM]] :
// CHECK:   math.exp
// CHECK:   arith.divf %{{.*}} : f64
// CHECK:   %[[NOTHING:.*]] = arith.cmpf oeq
// CHECK:   arith.select %[[NOTHING]], %cst
// CHECK:   arith.truncf
func.func @softmax(%s: tensor<?x?xf32, #ssm.dims<L, M>>) -> tensor<?x?xf32, #ssm.dims<L, M>>
    attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<M>]} {
  %0 = ssm.softmax %s over ["M"] : tensor<?x?xf32, #ssm.dims<L, M>>
  return %0 : tensor<?x?xf32, #ssm.dims<L, M>>
}

// CHECK-LABEL: func.func @logsumexp
// CHECK: arith.maximumf
// CHECK: math.exp
// CHECK: linalg.generic
// CHECK:   %[[LOG:.*]] = math.log %{{.*}} : f64
// CHECK:   arith.addf %[[LOG]], %{{.*}} : f64
// CHECK:   arith.truncf
func.func @logsumexp(%s: tensor<?x?xf32, #ssm.dims<L, M>>) -> tensor<?xf32, #ssm.dims<L>>
    attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<M>]} {
  %0 = ssm.reduce logsumexp %s over ["M"] : tensor<?x?xf32, #ssm.dims<L, M>> -> tensor<?xf32, #ssm.dims<L>>
  return %0 : tensor<?xf32, #ssm.dims<L>>
}
