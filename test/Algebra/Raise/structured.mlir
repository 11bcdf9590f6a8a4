// A product with a written-out matrix uses the structure, from either side; with a factor
// more it does not.
// RUN: %ssm-opt %s --ssm-raise | FileCheck %s

// CHECK-LABEL: @columns
// CHECK: ssm.apply %{{.*}}, %arg2
// CHECK-NOT: ssm.materialize
func.func @columns(%l: tensor<?x2xf32, #ssm.dims<O, R>>, %r: tensor<2x?xf32, #ssm.dims<R, I>>, %x: tensor<?x?xf32, #ssm.dims<T, I>>)
    -> tensor<?x?xf32, #ssm.dims<O, T>> attributes {ssm.dims = [#ssm.dim<O>, #ssm.dim<R = 2>, #ssm.dim<I>, #ssm.dim<T>]} {
  %w = ssm.structured lowrank(%l, %r) {parameters = array<i64: 2>} : (tensor<?x2xf32, #ssm.dims<O, R>>, tensor<2x?xf32, #ssm.dims<R, I>>) -> !ssm.matrix<"O" x "I", f32>
  %d = ssm.materialize %w : !ssm.matrix<"O" x "I", f32> -> tensor<?x?xf32, #ssm.dims<O, I>>
  %y = ssm.contract(%d, %x) over ["I"] : (tensor<?x?xf32, #ssm.dims<O, I>>, tensor<?x?xf32, #ssm.dims<T, I>>) -> tensor<?x?xf32, #ssm.dims<O, T>>
  return %y : tensor<?x?xf32, #ssm.dims<O, T>>
}

// CHECK-LABEL: @rows
// CHECK: %[[T:.*]] = ssm.matrix_transpose
// CHECK: ssm.apply %[[T]], %arg1
func.func @rows(%w: tensor<?xf32, #ssm.dims<I>>, %x: tensor<?xf32, #ssm.dims<O>>)
    -> tensor<?xf32, #ssm.dims<I>> attributes {ssm.dims = [#ssm.dim<O>, #ssm.dim<I>]} {
  %m = ssm.structured circulant(%w) : (tensor<?xf32, #ssm.dims<I>>) -> !ssm.matrix<"O" x "I", f32>
  %d = ssm.materialize %m : !ssm.matrix<"O" x "I", f32> -> tensor<?x?xf32, #ssm.dims<O, I>>
  %y = ssm.contract(%d, %x) over ["O"] : (tensor<?x?xf32, #ssm.dims<O, I>>, tensor<?xf32, #ssm.dims<O>>) -> tensor<?xf32, #ssm.dims<I>>
  return %y : tensor<?xf32, #ssm.dims<I>>
}

// CHECK-LABEL: @third
// CHECK: ssm.materialize
func.func @third(%w: tensor<?xf32, #ssm.dims<I>>, %x: tensor<?xf32, #ssm.dims<I>>, %z: tensor<?x?xf32, #ssm.dims<O, I>>)
    -> tensor<?xf32, #ssm.dims<O>> attributes {ssm.dims = [#ssm.dim<O>, #ssm.dim<I>]} {
  %m = ssm.structured circulant(%w) : (tensor<?xf32, #ssm.dims<I>>) -> !ssm.matrix<"O" x "I", f32>
  %d = ssm.materialize %m : !ssm.matrix<"O" x "I", f32> -> tensor<?x?xf32, #ssm.dims<O, I>>
  %y = ssm.contract(%d, %x, %z) over ["I"] : (tensor<?x?xf32, #ssm.dims<O, I>>, tensor<?xf32, #ssm.dims<I>>, tensor<?x?xf32, #ssm.dims<O, I>>) -> tensor<?xf32, #ssm.dims<O>>
  return %y : tensor<?xf32, #ssm.dims<O>>
}
