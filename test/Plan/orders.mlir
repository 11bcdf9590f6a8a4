// RUN: %ssm-opt %s --ssm-fuse -split-input-file | FileCheck %s

// What is made lies in memory as it leaves: nothing is turned behind it, and vectors lie along X.
// CHECK-LABEL: func.func @returned
// CHECK: ssm.contract(%{{.*}}, %{{.*}}) over ["I"] {{.*}} -> tensor<?x?x?xf32, #ssm.dims<B, O, X>>
// CHECK-NOT: ssm.align
// CHECK: return
func.func @returned(%W: tensor<?x?xf32, #ssm.dims<O, I>>, %x: tensor<?x?x?xf32, #ssm.dims<I, X, B>>) -> tensor<?x?x?xf32, #ssm.dims<B, O, X>>
    attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<I>, #ssm.dim<O>, #ssm.dim<X>]} {
  %0 = ssm.contract(%W, %x) over ["I"] : (tensor<?x?xf32, #ssm.dims<O, I>>, tensor<?x?x?xf32, #ssm.dims<I, X, B>>) -> tensor<?x?x?xf32, #ssm.dims<O, X, B>>
  %1 = ssm.map gelu(%0) : (tensor<?x?x?xf32, #ssm.dims<O, X, B>>) -> tensor<?x?x?xf32, #ssm.dims<O, X, B>>
  %2 = ssm.align %1 : tensor<?x?x?xf32, #ssm.dims<O, X, B>> -> tensor<?x?x?xf32, #ssm.dims<B, O, X>>
  return %2 : tensor<?x?x?xf32, #ssm.dims<B, O, X>>
}

// -----

// Through a join, its parts in its place, and on to the operand that has the last dimension.
// CHECK-LABEL: func.func @joined
// CHECK: ssm.contract(%{{.*}}, %{{.*}}) over ["p"] {{.*}} -> tensor<?x4x?x?xf32, #ssm.dims<B, k, q, X>>
// CHECK: ssm.join %{{.*}} ["k", "q"] into "O" : tensor<?x4x?x?xf32, #ssm.dims<B, k, q, X>> -> tensor<?x?x?xf32, #ssm.dims<B, O, X>>
func.func @joined(%W: tensor<4x?x?xf32, #ssm.dims<k, q, p>>, %x: tensor<4x?x?x?xf32, #ssm.dims<k, p, X, B>>) -> tensor<?x?x?xf32, #ssm.dims<B, O, X>>
    attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<k = 4>, #ssm.dim<q>, #ssm.dim<p>, #ssm.dim<O>, #ssm.dim<X>]} {
  %0 = ssm.contract(%W, %x) over ["p"] : (tensor<4x?x?xf32, #ssm.dims<k, q, p>>, tensor<4x?x?x?xf32, #ssm.dims<k, p, X, B>>) -> tensor<4x?x?x?xf32, #ssm.dims<k, q, X, B>>
  %1 = ssm.join %0 ["k", "q"] into "O" : tensor<4x?x?x?xf32, #ssm.dims<k, q, X, B>> -> tensor<?x?x?xf32, #ssm.dims<O, X, B>>
  %2 = ssm.align %1 : tensor<?x?x?xf32, #ssm.dims<O, X, B>> -> tensor<?x?x?xf32, #ssm.dims<B, O, X>>
  return %2 : tensor<?x?x?xf32, #ssm.dims<B, O, X>>
}

// -----

// A value that leaves in two orders keeps its own.
// CHECK-LABEL: func.func @twice
// CHECK: ssm.contract(%{{.*}}, %{{.*}}) over ["I"] {{.*}} -> tensor<?x?xf32, #ssm.dims<O, B>>
// CHECK: ssm.align
func.func @twice(%W: tensor<?x?xf32, #ssm.dims<O, I>>, %x: tensor<?x?xf32, #ssm.dims<I, B>>) -> (tensor<?x?xf32, #ssm.dims<B, O>>, tensor<?x?xf32, #ssm.dims<O, B>>)
    attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<I>, #ssm.dim<O>]} {
  %0 = ssm.contract(%W, %x) over ["I"] : (tensor<?x?xf32, #ssm.dims<O, I>>, tensor<?x?xf32, #ssm.dims<I, B>>) -> tensor<?x?xf32, #ssm.dims<O, B>>
  %1 = ssm.align %0 : tensor<?x?xf32, #ssm.dims<O, B>> -> tensor<?x?xf32, #ssm.dims<B, O>>
  return %1, %0 : tensor<?x?xf32, #ssm.dims<B, O>>, tensor<?x?xf32, #ssm.dims<O, B>>
}

// -----

// An operand without the last dimension stays as it is made: its order says nothing of where it leaves.
// CHECK-LABEL: func.func @inner
// CHECK: ssm.contract(%{{.*}}, %{{.*}}) over ["I"] {{.*}} -> tensor<?x?x?xf32, #ssm.dims<R, K, B>>
// CHECK: ssm.contract(%{{.*}}, %{{.*}}) over ["K"] {{.*}} -> tensor<?x?x?xf32, #ssm.dims<B, R, X>>
func.func @inner(%W: tensor<?x?x?xf32, #ssm.dims<I, R, K>>, %x: tensor<?x?x?xf32, #ssm.dims<B, I, K>>, %F: tensor<?x?xf32, #ssm.dims<K, X>>) -> tensor<?x?x?xf32, #ssm.dims<B, R, X>>
    attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<I>, #ssm.dim<R>, #ssm.dim<K>, #ssm.dim<X>]} {
  %0 = ssm.contract(%W, %x) over ["I"] : (tensor<?x?x?xf32, #ssm.dims<I, R, K>>, tensor<?x?x?xf32, #ssm.dims<B, I, K>>) -> tensor<?x?x?xf32, #ssm.dims<R, K, B>>
  %1 = ssm.contract(%0, %F) over ["K"] : (tensor<?x?x?xf32, #ssm.dims<R, K, B>>, tensor<?x?xf32, #ssm.dims<K, X>>) -> tensor<?x?x?xf32, #ssm.dims<R, X, B>>
  %2 = ssm.align %1 : tensor<?x?x?xf32, #ssm.dims<R, X, B>> -> tensor<?x?x?xf32, #ssm.dims<B, R, X>>
  return %2 : tensor<?x?x?xf32, #ssm.dims<B, R, X>>
}
