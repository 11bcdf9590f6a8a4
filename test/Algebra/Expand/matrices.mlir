// RUN: %ssm-opt %s --ssm-expand | FileCheck %s --implicit-check-not=ssm.matrix --implicit-check-not=ssm.structured

// Sums, multiples, products and transposes of matrices are those of what they give.
// CHECK-LABEL: func.func @sum(
// CHECK-SAME: %[[D:.*]]: tensor<?xf32, #ssm.dims<I>>, %[[LEFT:.*]]: tensor<?x2xf32, #ssm.dims<O, R>>, %[[RIGHT:.*]]: tensor<2x?xf32, #ssm.dims<R, I>>, %[[G:.*]]: tensor<f32>, %[[X:.*]]: tensor
func.func @sum(%d: tensor<?xf32, #ssm.dims<I>>, %left: tensor<?x2xf32, #ssm.dims<O, R>>, %right: tensor<2x?xf32, #ssm.dims<R, I>>,
               %g: tensor<f32>, %x: tensor<?x?xf32, #ssm.dims<T, I>>) -> tensor<?x?xf32, #ssm.dims<T, O>>
    attributes {ssm.dims = [#ssm.dim<T>, #ssm.dim<I>, #ssm.dim<O = I>, #ssm.dim<R = 2>]} {
  // CHECK: %[[DR:.*]] = ssm.rename %[[D]] ["I"] to ["O"]
  // CHECK: %[[XR:.*]] = ssm.rename %[[X]] ["I"] to ["O"]
  // CHECK: %[[SCALED:.*]] = ssm.map mul(%[[DR]], %[[XR]])
  // CHECK: %[[INNER:.*]] = ssm.contract(%[[RIGHT]], %[[X]]) over ["I"]
  // CHECK: %[[LOW:.*]] = ssm.contract(%[[LEFT]], %[[INNER]]) over ["R"]
  // CHECK: %[[TIMES:.*]] = ssm.map mul(%[[LOW]], %[[G]])
  // CHECK: ssm.map add(%[[SCALED]], %[[TIMES]])
  %D = ssm.structured diagonal(%d) : (tensor<?xf32, #ssm.dims<I>>) -> !ssm.matrix<O x I, f32>
  %U = ssm.structured lowrank(%left, %right) {parameters = array<i64: 2>} : (tensor<?x2xf32, #ssm.dims<O, R>>, tensor<2x?xf32, #ssm.dims<R, I>>) -> !ssm.matrix<O x I, f32>
  %S = ssm.matrix_scale %U by %g : !ssm.matrix<O x I, f32>, tensor<f32>
  %W = ssm.matrix_add %D, %S : !ssm.matrix<O x I, f32>
  %y = ssm.apply %W, %x : !ssm.matrix<O x I, f32>, tensor<?x?xf32, #ssm.dims<T, I>> -> tensor<?x?xf32, #ssm.dims<T, O>>
  return %y : tensor<?x?xf32, #ssm.dims<T, O>>
}

// The transpose of a product applies the left factor first.
// CHECK-LABEL: func.func @transposed_product(
// CHECK-SAME: %[[A:.*]]: tensor<?x?xf32, #ssm.dims<O, R>>, %[[B:.*]]: tensor<?x?xf32, #ssm.dims<R, J>>, %[[C:.*]]: tensor<?xf32, #ssm.dims<I>>, %[[Y:.*]]: tensor
func.func @transposed_product(%a: tensor<?x?xf32, #ssm.dims<O, R>>, %b: tensor<?x?xf32, #ssm.dims<R, J>>, %c: tensor<?xf32, #ssm.dims<I>>,
                              %y: tensor<?xf32, #ssm.dims<O>>) -> tensor<?xf32, #ssm.dims<I>>
    attributes {ssm.dims = [#ssm.dim<O>, #ssm.dim<R = 2>, #ssm.dim<J = I>, #ssm.dim<I>]} {
  // CHECK: %[[L:.*]] = ssm.contract(%[[A]], %[[Y]]) over ["O"]
  // CHECK: %[[H:.*]] = ssm.contract(%[[B]], %[[L]]) over ["R"]
  // CHECK: ssm.rename %[[H]] ["J"] to ["I"]
  // CHECK: ssm.map mul
  %V = ssm.structured lowrank(%a, %b) {parameters = array<i64: 2>} : (tensor<?x?xf32, #ssm.dims<O, R>>, tensor<?x?xf32, #ssm.dims<R, J>>) -> !ssm.matrix<O x J, f32>
  %D = ssm.structured diagonal(%c) : (tensor<?xf32, #ssm.dims<I>>) -> !ssm.matrix<J x I, f32>
  %W = ssm.matrix_mul %V, %D : !ssm.matrix<O x J, f32>, !ssm.matrix<J x I, f32> -> !ssm.matrix<O x I, f32>
  %T = ssm.matrix_transpose %W : !ssm.matrix<O x I, f32> -> !ssm.matrix<I x O, f32>
  %x = ssm.apply %T, %y : !ssm.matrix<I x O, f32>, tensor<?xf32, #ssm.dims<O>> -> tensor<?xf32, #ssm.dims<I>>
  return %x : tensor<?xf32, #ssm.dims<I>>
}
