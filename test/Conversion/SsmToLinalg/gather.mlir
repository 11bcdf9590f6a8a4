// RUN: %ssm-opt %s --convert-ssm-to-linalg | FileCheck %s

// CHECK: llvm.mlir.global private constant @{{.*}}("{{.*}}index %a is outside of dimension 'L' of size %b\00")

// From the end where negative; outside it is an error and reads nothing.
// CHECK-LABEL: func.func @gather
// CHECK-SAME: %[[LENGTH:[^:]*]]: index, %{{[^:]*}}: index, %{{[^:]*}}: index)
// CHECK: %[[X:.*]] = bufferization.to_tensor
// CHECK: %[[I:.*]] = bufferization.to_tensor
// CHECK: %[[SIZE:.*]] = arith.index_cast %[[LENGTH]]
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel"]} ins(%[[I]] :
// CHECK: ^bb0(%[[GIVEN:.*]]: i64, %{{.*}}: f32):
// CHECK:   %[[NEGATIVE:.*]] = arith.cmpi slt, %[[GIVEN]], %c0
// CHECK:   %[[BACK:.*]] = arith.addi %[[GIVEN]], %[[SIZE]]
// CHECK:   %[[PLACE:.*]] = arith.select %[[NEGATIVE]], %[[BACK]], %[[GIVEN]]
// CHECK:   %[[INSIDE:.*]] = arith.cmpi ult, %[[PLACE]], %[[SIZE]]
// CHECK:   %[[OUTSIDE:.*]] = arith.xori %[[INSIDE]]
// CHECK:   scf.if %[[OUTSIDE]]
// CHECK:     func.call @ssm_rt_fail(%{{.*}}, %[[GIVEN]], %[[SIZE]])
// CHECK:   %[[READS:.*]] = arith.andi %{{.*}}, %[[INSIDE]]
// CHECK:   %[[M:.*]] = linalg.index 1
// CHECK:   scf.if %[[READS]]
// CHECK:     %[[L:.*]] = arith.index_cast %[[PLACE]]
// CHECK:     tensor.extract %[[X]][%[[L]], %[[M]]]
// CHECK:   else
// CHECK-NOT: tensor.extract
func.func @gather(%x: tensor<?x?xf32, #ssm.dims<L, M>>, %i: tensor<?xi64, #ssm.dims<K>>)
    -> tensor<?x?xf32, #ssm.dims<K, M>> attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<M>, #ssm.dim<K>]} {
  %0 = ssm.gather %x at ["L"] (%i) : tensor<?x?xf32, #ssm.dims<L, M>>, (tensor<?xi64, #ssm.dims<K>>)
         -> tensor<?x?xf32, #ssm.dims<K, M>>
  return %0 : tensor<?x?xf32, #ssm.dims<K, M>>
}

// Several at once: each index is checked, and all must be inside.
// CHECK-LABEL: func.func @pair
// CHECK: %[[FIRST:.*]] = arith.cmpi ult
// CHECK: func.call @ssm_rt_fail
// CHECK: %[[BOTH:.*]] = arith.andi %{{.*}}, %[[FIRST]]
// CHECK: %[[SECOND:.*]] = arith.cmpi ult
// CHECK: func.call @ssm_rt_fail
// CHECK: %[[READS:.*]] = arith.andi %[[BOTH]], %[[SECOND]]
// CHECK: scf.if %[[READS]]
func.func @pair(%x: tensor<?x?xf32, #ssm.dims<L, M>>, %i: tensor<i64>, %j: tensor<i64>) -> tensor<f32>
    attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<M>]} {
  %0 = ssm.gather %x at ["M", "L"] (%i, %j) : tensor<?x?xf32, #ssm.dims<L, M>>, (tensor<i64>, tensor<i64>)
         -> tensor<f32>
  return %0 : tensor<f32>
}

// An index that has a dimension of the operand is walked along with it.
// CHECK-LABEL: func.func @along
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel"]} ins(
// CHECK:   %[[M:.*]] = linalg.index 0
// CHECK:   tensor.extract %{{.*}}[%{{.*}}, %[[M]]]
func.func @along(%x: tensor<?x?xf32, #ssm.dims<L, M>>, %i: tensor<?xi64, #ssm.dims<M>>) -> tensor<?xf32, #ssm.dims<M>>
    attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<M>]} {
  %0 = ssm.gather %x at ["L"] (%i) : tensor<?x?xf32, #ssm.dims<L, M>>, (tensor<?xi64, #ssm.dims<M>>)
         -> tensor<?xf32, #ssm.dims<M>>
  return %0 : tensor<?xf32, #ssm.dims<M>>
}
