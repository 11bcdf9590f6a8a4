// RUN: %ssm-opt %s --convert-ssm-to-linalg | FileCheck %s

// A sum over the taps in f64, of what lies inside.
// CHECK-LABEL: func.func @causal
// CHECK: %[[U:.*]] = bufferization.to_tensor
// CHECK: %[[K:.*]] = bufferization.to_tensor
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction"]} ins(%[[K]] : tensor<?x4xf32>) outs(%{{.*}} : tensor<?x?xf64>)
// CHECK: ^bb0(%{{.*}}: f32, %[[SUM:.*]]: f64):
// CHECK:   linalg.index 1
// CHECK:   %[[L:.*]] = arith.index_cast
// CHECK:   linalg.index 2
// CHECK:   %[[J:.*]] = arith.index_cast
// CHECK:   %[[PLACE:.*]] = arith.subi %[[L]], %[[J]]
// CHECK:   %[[INSIDE:.*]] = arith.cmpi ult, %[[PLACE]]
// CHECK:   %[[H:.*]] = linalg.index 0
// CHECK:   scf.if %[[INSIDE]]
// CHECK:     %[[AT:.*]] = arith.index_cast %[[PLACE]]
// CHECK:     tensor.extract %[[U]][%[[H]], %[[AT]]]
// CHECK:     arith.addf %[[SUM]]
// CHECK:   else
// CHECK-NEXT: scf.yield %[[SUM]]
// CHECK: arith.truncf
func.func @causal(%u: tensor<?x?xf32, #ssm.dims<H, L>>, %k: tensor<?x4xf32, #ssm.dims<H, K>>)
    -> tensor<?x?xf32, #ssm.dims<H, L>> attributes {ssm.dims = [#ssm.dim<H>, #ssm.dim<L>, #ssm.dim<K = 4>]} {
  %y = ssm.conv causal %u along "L", %k along "K"
    : tensor<?x?xf32, #ssm.dims<H, L>>, tensor<?x4xf32, #ssm.dims<H, K>> -> tensor<?x?xf32, #ssm.dims<H, L>>
  return %y : tensor<?x?xf32, #ssm.dims<H, L>>
}

// CHECK-LABEL: func.func @anticausal
// CHECK: %[[PLACE:.*]] = arith.addi
// CHECK: arith.cmpi ult, %[[PLACE]]
func.func @anticausal(%u: tensor<?xf64, #ssm.dims<L>>, %k: tensor<?xf64, #ssm.dims<K>>) -> tensor<?xf64, #ssm.dims<L>>
    attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<K>]} {
  %y = ssm.conv anticausal %u along "L", %k along "K"
    : tensor<?xf64, #ssm.dims<L>>, tensor<?xf64, #ssm.dims<K>> -> tensor<?xf64, #ssm.dims<L>>
  return %y : tensor<?xf64, #ssm.dims<L>>
}

// The middle tap lies on the place itself.
// CHECK-LABEL: func.func @same
// CHECK: %[[LAST:.*]] = arith.subi %{{.*}}, %c1
// CHECK: %[[MIDDLE:.*]] = arith.divsi %[[LAST]], %c2
// CHECK: %[[AHEAD:.*]] = arith.addi %{{.*}}, %[[MIDDLE]]
// CHECK: %[[PLACE:.*]] = arith.subi %[[AHEAD]]
// CHECK: arith.cmpi ult, %[[PLACE]]
func.func @same(%u: tensor<?xf64, #ssm.dims<L>>, %k: tensor<?xf64, #ssm.dims<K>>) -> tensor<?xf64, #ssm.dims<L>>
    attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<K>]} {
  %y = ssm.conv same %u along "L", %k along "K"
    : tensor<?xf64, #ssm.dims<L>>, tensor<?xf64, #ssm.dims<K>> -> tensor<?xf64, #ssm.dims<L>>
  return %y : tensor<?xf64, #ssm.dims<L>>
}

// The remainder is brought to 0 and up. Along L itself the kernel has a loop of its own.
// CHECK-LABEL: func.func @circular
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "reduction"]} ins(%{{.*}} : tensor<?xf64>) outs(%{{.*}} : tensor<?xf64>)
// CHECK: %[[REST:.*]] = arith.remsi
// CHECK: %[[NEGATIVE:.*]] = arith.cmpi slt, %[[REST]], %c0
// CHECK: %[[MOVED:.*]] = arith.addi %[[REST]]
// CHECK: arith.select %[[NEGATIVE]], %[[MOVED]], %[[REST]]
func.func @circular(%u: tensor<?xf64, #ssm.dims<L>>, %k: tensor<?xf64, #ssm.dims<L>>) -> tensor<?xf64, #ssm.dims<L>>
    attributes {ssm.dims = [#ssm.dim<L>]} {
  %y = ssm.conv circular %u along "L", %k along "L"
    : tensor<?xf64, #ssm.dims<L>>, tensor<?xf64, #ssm.dims<L>> -> tensor<?xf64, #ssm.dims<L>>
  return %y : tensor<?xf64, #ssm.dims<L>>
}
