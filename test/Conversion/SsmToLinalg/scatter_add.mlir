// RUN: %ssm-opt %s --convert-ssm-to-linalg | FileCheck %s

// CHECK: llvm.mlir.global private constant @{{.*}}("{{.*}}index %a is outside of dimension 'r' of size %b\00")

// Element by element of the index, in order; a slice at a time; outside nothing is written.
// CHECK-LABEL: func.func @slices
// CHECK: %[[ZERO:.*]] = linalg.fill
// CHECK: scf.for %[[Z:.*]] = %c0 to %{{.*}} iter_args(%[[SUM:.*]] = %[[ZERO]])
// CHECK:   %[[GIVEN:.*]] = tensor.extract %{{.*}}[%[[Z]]] : tensor<?xi64>
// CHECK:   %[[PLACE:.*]] = arith.select
// CHECK:   %[[INSIDE:.*]] = arith.cmpi ult, %[[PLACE]]
// CHECK:   func.call @ssm_rt_fail(%{{.*}}, %[[GIVEN]],
// CHECK:   %[[NEXT:.*]] = scf.if %[[INSIDE]]
// CHECK:     %[[R:.*]] = arith.index_cast %[[PLACE]]
// CHECK:     %[[ADDED:.*]] = tensor.extract_slice %{{.*}}[0, %[[Z]]]
// CHECK:     %[[KNOWN:.*]] = tensor.extract_slice %[[SUM]][0, %[[R]]]
// CHECK:     %[[TOTAL:.*]] = linalg.generic {{.*}} ins(%[[KNOWN]], %[[ADDED]] :
// CHECK:       arith.addf
// CHECK:     tensor.insert_slice %[[TOTAL]] into %[[SUM]][0, %[[R]]]
// CHECK:   else
// CHECK-NEXT: scf.yield %[[SUM]]
// CHECK:   scf.yield %[[NEXT]]
func.func @slices(%x: tensor<?x?xf32, #ssm.dims<B, z>>, %i: tensor<?xi64, #ssm.dims<z>>)
    -> tensor<?x?xf32, #ssm.dims<B, r>> attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<z>, #ssm.dim<r>]} {
  %y = ssm.scatter_add %x along "z" at %i into "r"
    : tensor<?x?xf32, #ssm.dims<B, z>>, tensor<?xi64, #ssm.dims<z>> -> tensor<?x?xf32, #ssm.dims<B, r>>
  return %y : tensor<?x?xf32, #ssm.dims<B, r>>
}
