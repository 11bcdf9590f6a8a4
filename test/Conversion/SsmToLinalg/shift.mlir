// RUN: %ssm-opt %s --convert-ssm-to-linalg | FileCheck %s

// The amount is clipped to the size, so that the place does not wrap round; zero outside.
// CHECK-LABEL: func.func @forward
// CHECK-SAME: %{{[^:]*}}: index, %[[L:[^:]*]]: index)
// CHECK: %[[GIVEN:.*]] = tensor.extract %{{.*}}[] : tensor<i64>
// CHECK: %[[SIZE:.*]] = arith.index_cast %[[L]]
// CHECK: %[[LEAST:.*]] = arith.subi %c0{{.*}}, %[[SIZE]]
// CHECK: %[[ABOVE:.*]] = arith.maxsi %[[GIVEN]], %[[LEAST]]
// CHECK: %[[BY:.*]] = arith.minsi %[[ABOVE]], %[[SIZE]]
// CHECK: linalg.generic
// CHECK:   %[[B:.*]] = linalg.index 0
// CHECK:   %[[PLACE:.*]] = arith.subi %{{.*}}, %[[BY]]
// CHECK:   %[[INSIDE:.*]] = arith.cmpi ult, %[[PLACE]], %[[SIZE]]
// CHECK:   scf.if %[[INSIDE]]
// CHECK:     %[[AT:.*]] = arith.index_cast %[[PLACE]]
// CHECK:     tensor.extract %{{.*}}[%[[B]], %[[AT]]]
// CHECK-NOT: tensor.extract
func.func @forward(%x: tensor<?x?xf32, #ssm.dims<B, L>>, %k: tensor<i64>) -> tensor<?x?xf32, #ssm.dims<B, L>>
    attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L>]} {
  %0 = ssm.shift %x along "L" by %k : tensor<?x?xf32, #ssm.dims<B, L>>
  return %0 : tensor<?x?xf32, #ssm.dims<B, L>>
}
