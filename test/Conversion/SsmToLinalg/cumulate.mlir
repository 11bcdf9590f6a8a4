// RUN: %ssm-opt %s --convert-ssm-to-linalg | FileCheck %s

// The running sum, in f64, and all that is written are carried by one loop.
// CHECK-LABEL: func.func @cumsum
// CHECK: %[[START:.*]] = linalg.fill
// CHECK: %[[ALL:.*]] = tensor.empty
// CHECK: %[[LOOP:.*]]:2 = scf.for %[[L:.*]] = %c0 to %{{.*}} iter_args(%[[SUM:.*]] = %[[START]], %[[OUT:.*]] = %[[ALL]]) -> (tensor<?xf64>, tensor<?x?xf32>)
// CHECK:   %[[X:.*]] = tensor.extract_slice %{{.*}}[0, %[[L]]] [%{{.*}}, 1] [1, 1]
// CHECK:   %[[NEXT:.*]] = linalg.generic {{.*}} ins(%[[SUM]], %[[X]] :
// CHECK:     arith.addf %{{.*}} : f64
// CHECK:   %[[ROUNDED:.*]] = linalg.generic {{.*}} ins(%[[NEXT]] :
// CHECK:   %[[WRITTEN:.*]] = tensor.insert_slice %[[ROUNDED]] into %[[OUT]][0, %[[L]]]
// CHECK:   %[[KEPT:.*]] = bufferization.materialize_in_destination %[[NEXT]] in %[[SUM]]
// CHECK:   scf.yield %[[KEPT]], %[[WRITTEN]]
// CHECK: bufferization.materialize_in_destination %[[LOOP]]#1
func.func @cumsum(%x: tensor<?x?xf32, #ssm.dims<B, L>>) -> tensor<?x?xf32, #ssm.dims<B, L>>
    attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L>]} {
  %0 = ssm.cumulate add %x along "L" : tensor<?x?xf32, #ssm.dims<B, L>>
  return %0 : tensor<?x?xf32, #ssm.dims<B, L>>
}

// By the larger of two, which alone counts where it is infinite.
// CHECK-LABEL: func.func @cumlogsumexp
// CHECK: scf.for
// CHECK: %[[LARGE:.*]] = arith.maximumf
// CHECK: %[[SMALL:.*]] = arith.minimumf
// CHECK: %[[GAP:.*]] = arith.subf %[[SMALL]], %[[LARGE]]
// CHECK: %[[E:.*]] = math.exp %[[GAP]]
// CHECK: math.log1p %[[E]]
// CHECK: arith.select %{{.*}}, %[[LARGE]],
func.func @cumlogsumexp(%x: tensor<?xf32, #ssm.dims<L>>) -> tensor<?xf32, #ssm.dims<L>>
    attributes {ssm.dims = [#ssm.dim<L>]} {
  %0 = ssm.cumulate logsumexp %x along "L" : tensor<?xf32, #ssm.dims<L>>
  return %0 : tensor<?xf32, #ssm.dims<L>>
}
