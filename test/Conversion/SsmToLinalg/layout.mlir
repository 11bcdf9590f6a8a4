// RUN: %ssm-opt %s --convert-ssm-to-linalg | FileCheck %s

// One after the other into one tensor.
// CHECK-LABEL: func.func @concat
// CHECK: %[[H:.*]] = bufferization.to_tensor
// CHECK: %[[U:.*]] = bufferization.to_tensor
// CHECK: %[[ALL:.*]] = tensor.empty
// CHECK: %[[FIRST:.*]] = tensor.insert_slice %[[H]] into %[[ALL]][0, 0] [%{{.*}}, 3]
// CHECK: tensor.insert_slice %[[U]] into %[[FIRST]][0, %c3] [%{{.*}}, %{{.*}}]
func.func @concat(%h: tensor<?x3xf32, #ssm.dims<B, K>>, %u: tensor<?x?xf32, #ssm.dims<B, L>>)
    -> tensor<?x?xf32, #ssm.dims<B, E>>
    attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<K = 3>, #ssm.dim<L>, #ssm.dim<E = add(K, L)>]} {
  %0 = ssm.concat %h along "K", %u along "L" to "E"
    : tensor<?x3xf32, #ssm.dims<B, K>>, tensor<?x?xf32, #ssm.dims<B, L>> -> tensor<?x?xf32, #ssm.dims<B, E>>
  return %0 : tensor<?x?xf32, #ssm.dims<B, E>>
}

// The last of the parts is the fastest.
// CHECK-LABEL: func.func @split
// CHECK: linalg.generic
// CHECK:   %[[K:.*]] = linalg.index 0
// CHECK:   %[[P:.*]] = linalg.index 1
// CHECK:   %[[BLOCK:.*]] = arith.muli %[[K]], %c8
// CHECK:   %[[FLAT:.*]] = arith.addi %[[BLOCK]], %[[P]]
// CHECK:   tensor.extract %{{.*}}[%[[FLAT]]]
func.func @split(%x: tensor<64xf32, #ssm.dims<I>>) -> tensor<8x8xf32, #ssm.dims<k, p>>
    attributes {ssm.dims = [#ssm.dim<I = 64>, #ssm.dim<k = 8>, #ssm.dim<p = 8>]} {
  %0 = ssm.split %x "I" into ["k", "p"] : tensor<64xf32, #ssm.dims<I>> -> tensor<8x8xf32, #ssm.dims<k, p>>
  return %0 : tensor<8x8xf32, #ssm.dims<k, p>>
}

// CHECK-LABEL: func.func @join
// CHECK: linalg.generic
// CHECK:   %[[I:.*]] = linalg.index 1
// CHECK:   %[[P:.*]] = arith.remui %[[I]], %c8
// CHECK:   %[[REST:.*]] = arith.divui %[[I]], %c8
// CHECK:   %[[K:.*]] = arith.remui %[[REST]], %
// CHECK:   %[[T:.*]] = linalg.index 0
// CHECK:   tensor.extract %{{.*}}[%[[P]], %[[T]], %[[K]]]
func.func @join(%x: tensor<8x?x?xf32, #ssm.dims<p, T, k>>) -> tensor<?x?xf32, #ssm.dims<T, I>>
    attributes {ssm.dims = [#ssm.dim<T>, #ssm.dim<I>, #ssm.dim<k>, #ssm.dim<p = 8>]} {
  %0 = ssm.join %x ["k", "p"] into "I" : tensor<8x?x?xf32, #ssm.dims<p, T, k>> -> tensor<?x?xf32, #ssm.dims<T, I>>
  return %0 : tensor<?x?xf32, #ssm.dims<T, I>>
}

// What lies one after the other already is only read in another way.
// CHECK-LABEL: func.func @in_place
// CHECK: tensor.collapse_shape %{{.*}} {{\[\[}}0], [1, 2]] : tensor<?x?x8xf32> into tensor<?x?xf32>
// CHECK-NOT: linalg.generic
func.func @in_place(%x: tensor<?x?x8xf32, #ssm.dims<T, k, p>>) -> tensor<?x?xf32, #ssm.dims<T, I>>
    attributes {ssm.dims = [#ssm.dim<T>, #ssm.dim<I>, #ssm.dim<k>, #ssm.dim<p = 8>]} {
  %0 = ssm.join %x ["k", "p"] into "I" : tensor<?x?x8xf32, #ssm.dims<T, k, p>> -> tensor<?x?xf32, #ssm.dims<T, I>>
  return %0 : tensor<?x?xf32, #ssm.dims<T, I>>
}
