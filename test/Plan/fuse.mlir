// RUN: %ssm-opt %s --ssm-fuse | FileCheck %s

// Glue goes into the kernel that needs it, and into the producer where it alone uses the value.
// CHECK-LABEL: func.func @chain
// CHECK: %[[Y:.*]] = ssm.kernel "chain.0"
// CHECK:   ssm.map exp
// CHECK:   ssm.contract
// CHECK:   ssm.map tanh
// CHECK-NOT: ssm.kernel
// CHECK: return %[[Y]]
func.func @chain(%x: tensor<?x?xf32, #ssm.dims<T, I>>, %w: tensor<?x?xf32, #ssm.dims<O, I>>) -> tensor<?x?xf32, #ssm.dims<T, O>>
    attributes {ssm.dims = [#ssm.dim<T>, #ssm.dim<I>, #ssm.dim<O>]} {
  %0 = ssm.map exp(%x) : (tensor<?x?xf32, #ssm.dims<T, I>>) -> tensor<?x?xf32, #ssm.dims<T, I>>
  %1 = ssm.contract(%0, %w) over ["I"] : (tensor<?x?xf32, #ssm.dims<T, I>>, tensor<?x?xf32, #ssm.dims<O, I>>) -> tensor<?x?xf32, #ssm.dims<T, O>>
  %2 = ssm.map tanh(%1) : (tensor<?x?xf32, #ssm.dims<T, O>>) -> tensor<?x?xf32, #ssm.dims<T, O>>
  return %2 : tensor<?x?xf32, #ssm.dims<T, O>>
}

// Scores, their softmax and the product with the values: nothing of L x M leaves.
// CHECK-LABEL: func.func @attention
// CHECK: ssm.kernel "attention.0"
// CHECK:   ssm.contract
// CHECK:   ssm.online_fold max({{.*}}) over ["M"] sum(() over ["M"])
// CHECK:   ssm.contract
// CHECK:   ssm.yield %{{.*}} : tensor<?x64xf32, #ssm.dims<L, E>>
// CHECK-NOT: ssm.kernel
// CHECK: return
func.func @attention(%q: tensor<?x64xf32, #ssm.dims<L, D>>, %k: tensor<?x64xf32, #ssm.dims<M, D>>, %v: tensor<?x64xf32, #ssm.dims<M, E>>)
    -> tensor<?x64xf32, #ssm.dims<L, E>> attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<D = 64>, #ssm.dim<M>, #ssm.dim<E = 64>]} {
  %s = ssm.contract(%q, %k) over ["D"] : (tensor<?x64xf32, #ssm.dims<L, D>>, tensor<?x64xf32, #ssm.dims<M, D>>) -> tensor<?x?xf32, #ssm.dims<L, M>>
  %p = ssm.softmax %s over ["M"] : tensor<?x?xf32, #ssm.dims<L, M>>
  %y = ssm.contract(%p, %v) over ["M"] : (tensor<?x?xf32, #ssm.dims<L, M>>, tensor<?x64xf32, #ssm.dims<M, E>>) -> tensor<?x64xf32, #ssm.dims<L, E>>
  return %y : tensor<?x64xf32, #ssm.dims<L, E>>
}
