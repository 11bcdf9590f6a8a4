// RUN: %ssm-opt %s --ssm-to-linalg-pipeline | FileCheck %s

// A dimension of the constant size 0 is read like an open one: MLIR has no slice of what is statically empty.
// CHECK-LABEL: func.func @carry
// CHECK-SAME: memref<?x?xf32>
// CHECK: scf.for
// CHECK: tensor.extract_slice %{{.*}} : tensor<?x?xf32> to tensor<?xf32>
func.func @carry(%u: tensor<?x0xf32, #ssm.dims<L, N>>, %h: tensor<0xf32, #ssm.dims<N>>) -> tensor<0xf32, #ssm.dims<N>>
    attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<N = 0>]} {
  %0 = ssm.scan "L" init(%h : tensor<0xf32, #ssm.dims<N>>) over(%u : tensor<?x0xf32, #ssm.dims<L, N>>) final(tensor<0xf32, #ssm.dims<N>>) {
  ^bb0(%l: tensor<i64>, %c: tensor<0xf32, #ssm.dims<N>>, %x: tensor<0xf32, #ssm.dims<N>>):
    %1 = ssm.map add(%c, %x) : (tensor<0xf32, #ssm.dims<N>>, tensor<0xf32, #ssm.dims<N>>) -> tensor<0xf32, #ssm.dims<N>>
    ssm.yield %1 : tensor<0xf32, #ssm.dims<N>>
  }
  return %0 : tensor<0xf32, #ssm.dims<N>>
}
