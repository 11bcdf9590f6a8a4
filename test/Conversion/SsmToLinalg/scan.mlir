// RUN: %ssm-opt %s --convert-ssm-to-linalg | FileCheck %s

// A next carry is written over the last one, an output into its slice.
// CHECK-LABEL: func.func @forward
// CHECK: %[[U:.*]] = bufferization.to_tensor
// CHECK: %[[START:.*]] = bufferization.to_tensor
// CHECK: %[[ALL:.*]] = tensor.empty
// CHECK: %[[LOOP:.*]]:2 = scf.for %[[L:.*]] = %c0 to %{{.*}} iter_args(%[[H:.*]] = %[[START]], %[[OUT:.*]] = %[[ALL]])
// CHECK:   %[[STEP:.*]] = tensor.extract_slice %[[U]][0, %[[L]]] [%{{.*}}, 1] [1, 1] : tensor<?x?xf32> to tensor<?xf32>
// CHECK:   %[[NEXT:.*]] = linalg.generic {{.*}} ins(%[[H]], %[[STEP]] :
// CHECK:   %[[WRITTEN:.*]] = tensor.insert_slice %[[NEXT]] into %[[OUT]][0, %[[L]]]
// CHECK:   %[[KEPT:.*]] = bufferization.materialize_in_destination %[[NEXT]] in %[[H]]
// CHECK:   scf.yield %[[KEPT]], %[[WRITTEN]]
// CHECK: bufferization.materialize_in_destination %[[LOOP]]#1
// CHECK: bufferization.materialize_in_destination %[[LOOP]]#0
func.func @forward(%u: tensor<?x?xf32, #ssm.dims<B, L>>, %h0: tensor<?xf32, #ssm.dims<B>>)
    -> (tensor<?x?xf32, #ssm.dims<B, L>>, tensor<?xf32, #ssm.dims<B>>)
    attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L>]} {
  %last, %all = ssm.scan "L" init(%h0 : tensor<?xf32, #ssm.dims<B>>) over(%u : tensor<?x?xf32, #ssm.dims<B, L>>)
      final(tensor<?xf32, #ssm.dims<B>>) stacked(tensor<?x?xf32, #ssm.dims<B, L>>) {
  ^bb0(%l: tensor<i64>, %h: tensor<?xf32, #ssm.dims<B>>, %ul: tensor<?xf32, #ssm.dims<B>>):
    %1 = ssm.map add(%h, %ul) : (tensor<?xf32, #ssm.dims<B>>, tensor<?xf32, #ssm.dims<B>>) -> tensor<?xf32, #ssm.dims<B>>
    ssm.yield %1, %1 : tensor<?xf32, #ssm.dims<B>>, tensor<?xf32, #ssm.dims<B>>
  }
  return %all, %last : tensor<?x?xf32, #ssm.dims<B, L>>, tensor<?xf32, #ssm.dims<B>>
}

// From the end: the position is the element's place, not the step's number.
// CHECK-LABEL: func.func @reverse
// CHECK-SAME: %[[SIZE:[^:]*]]: index)
// CHECK: scf.for %[[I:.*]] = %c0 to %[[SIZE]]
// CHECK:   %[[LAST:.*]] = arith.subi %[[SIZE]], %c1
// CHECK:   %[[PLACE:.*]] = arith.subi %[[LAST]], %[[I]]
// CHECK:   arith.index_cast %[[PLACE]] : index to i64
// CHECK:   tensor.insert_slice %{{.*}} into %{{.*}}[%[[PLACE]]] [1] [1]
func.func @reverse() -> tensor<?xi64, #ssm.dims<L>> attributes {ssm.dims = [#ssm.dim<L>]} {
  %all = ssm.scan "L" reverse init() over() stacked(tensor<?xi64, #ssm.dims<L>>) {
  ^bb0(%l: tensor<i64>):
    ssm.yield %l : tensor<i64>
  }
  return %all : tensor<?xi64, #ssm.dims<L>>
}
