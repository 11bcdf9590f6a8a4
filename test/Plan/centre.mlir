// RUN: %ssm-opt %s --ssm-fuse | FileCheck %s

// What differs from its own mean: the mean in f64, subtracted in two parts.
// CHECK-LABEL: func.func @centred
// CHECK: ssm.kernel
// CHECK: ^bb0(%[[X:.*]]: tensor
// CHECK: %[[SUM:.*]] = ssm.reduce add %{{.*}} over ["D"] : tensor<?x8xf64
// CHECK: %[[MEAN:.*]] = ssm.map div(%[[SUM]], %{{.*}})
// CHECK: %[[HIGH:.*]] = ssm.map cast(%[[MEAN]]) : (tensor<?xf64{{.*}} -> tensor<?xf32
// CHECK: %[[REST:.*]] = ssm.map sub(%[[MEAN]], %{{.*}}) : (tensor<?xf64
// CHECK: %[[LOW:.*]] = ssm.map cast(%[[REST]])
// CHECK: %[[NEAR:.*]] = ssm.map sub(%[[X]], %[[HIGH]])
// CHECK: ssm.map sub(%[[NEAR]], %[[LOW]])
!x = tensor<?x8xf32, #ssm.dims<L, D>>
!m = tensor<?xf32, #ssm.dims<L>>
func.func @centred(%x: !x) -> !x attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<D = 8>]} {
  %n = arith.constant dense<8.0> : tensor<f32>
  %0 = ssm.reduce add %x over ["D"] : !x -> !m
  %1 = ssm.map div(%0, %n) : (!m, tensor<f32>) -> !m
  %2 = ssm.map sub(%x, %1) : (!x, !m) -> !x
  return %2 : !x
}

// The mean of something else, and a mean that nothing is centred by, stay in f32.
// CHECK-LABEL: func.func @others
// CHECK-NOT: f64
// CHECK: return
func.func @others(%x: !x, %y: !x) -> (!x, !m) attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<D = 8>]} {
  %n = arith.constant dense<8.0> : tensor<f32>
  %0 = ssm.reduce add %y over ["D"] : !x -> !m
  %1 = ssm.map div(%0, %n) : (!m, tensor<f32>) -> !m
  %2 = ssm.map sub(%x, %1) : (!x, !m) -> !x
  return %2, %1 : !x, !m
}
