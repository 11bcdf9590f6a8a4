// RUN: %ssm-opt %s --ssm-fuse | FileCheck %s

// What follows a join works on its parts, whose tiles a kernel can take; the join itself is left to memory.
// CHECK-LABEL: func.func @after
// CHECK: %[[Y:.*]] = ssm.kernel "after.0"(%{{.*}}, %{{.*}}) : {{.*}} -> tensor<?x4x8xf32, #ssm.dims<T, n, o>>
// CHECK:   ssm.split %{{.*}} "O" into ["n", "o"] : tensor<32xf32, #ssm.dims<O>>
// CHECK:   ssm.map add
// CHECK-NOT: ssm.join
// CHECK:   ssm.yield
// CHECK: ssm.join %[[Y]] ["n", "o"] into "O"
!x = tensor<?x4x8xf32, #ssm.dims<T, n, o>>
!y = tensor<?x32xf32, #ssm.dims<T, O>>
func.func @after(%x: !x, %b: tensor<32xf32, #ssm.dims<O>>) -> !y
    attributes {ssm.dims = [#ssm.dim<T>, #ssm.dim<n = 4>, #ssm.dim<o = 8>, #ssm.dim<O = 32>]} {
  %0 = ssm.join %x ["n", "o"] into "O" : !x -> !y
  %1 = ssm.map add(%0, %b) : (!y, tensor<32xf32, #ssm.dims<O>>) -> !y
  return %1 : !y
}

// One whose parts do not lie one after the other moves elements: glue as any other.
// CHECK-LABEL: func.func @apart
// CHECK: ssm.kernel
// CHECK:   ssm.join
func.func @apart(%x: tensor<8x?x4xf32, #ssm.dims<o, T, n>>) -> !y
    attributes {ssm.dims = [#ssm.dim<T>, #ssm.dim<n = 4>, #ssm.dim<o = 8>, #ssm.dim<O = 32>]} {
  %0 = ssm.join %x ["n", "o"] into "O" : tensor<8x?x4xf32, #ssm.dims<o, T, n>> -> !y
  return %0 : !y
}
