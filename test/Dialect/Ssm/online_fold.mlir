// RUN: %ssm-opt %s | %ssm-opt | FileCheck %s

// CHECK-LABEL: @attention
// CHECK: ssm.online_fold max(%{{.*}} : tensor<?x?xf32, #ssm.dims<L, M>>) over ["M"] sum(() over ["M"], (%{{.*}}) over ["M"] : tensor<?x8xf32, #ssm.dims<M, E>>) free_reference
// CHECK-SAME: -> tensor<?xf32, #ssm.dims<L>>, tensor<?xf32, #ssm.dims<L>>, tensor<?x8xf32, #ssm.dims<L, E>>
func.func @attention(%s: tensor<?x?xf32, #ssm.dims<L, M>>, %v: tensor<?x8xf32, #ssm.dims<M, E>>) -> tensor<?x8xf32, #ssm.dims<L, E>> {
  %r, %sum, %acc = ssm.online_fold max(%s : tensor<?x?xf32, #ssm.dims<L, M>>) over ["M"]
    sum(() over ["M"], (%v) over ["M"] : tensor<?x8xf32, #ssm.dims<M, E>>) free_reference
    -> tensor<?xf32, #ssm.dims<L>>, tensor<?xf32, #ssm.dims<L>>, tensor<?x8xf32, #ssm.dims<L, E>>
  return %acc : tensor<?x8xf32, #ssm.dims<L, E>>
}

// A maximum over more than is summed; exponentials of another value.
// CHECK-LABEL: @features
// CHECK: ssm.online_fold max(%{{.*}}) over ["F", "M"] exponent(%{{.*}} : tensor<?x?xf32, #ssm.dims<F, M>>) sum(() over ["M"])
func.func @features(%s: tensor<?x?xf32, #ssm.dims<F, M>>, %x: tensor<?x?xf32, #ssm.dims<F, M>>) -> tensor<?xf32, #ssm.dims<F>> {
  %r, %sum = ssm.online_fold max(%s : tensor<?x?xf32, #ssm.dims<F, M>>) over ["F", "M"]
    exponent(%x : tensor<?x?xf32, #ssm.dims<F, M>>) sum(() over ["M"]) -> tensor<f32>, tensor<?xf32, #ssm.dims<F>>
  return %sum : tensor<?xf32, #ssm.dims<F>>
}
