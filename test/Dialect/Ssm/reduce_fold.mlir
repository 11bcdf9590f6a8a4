// RUN: %ssm-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: func.func @nested(
func.func @nested(%x: tensor<?x?x?xf32, #ssm.dims<B, L, M>>) -> tensor<?xf32, #ssm.dims<B>> {
  // CHECK-NEXT: ssm.reduce max %{{.*}} over ["M", "L"] : tensor<?x?x?xf32, #ssm.dims<B, L, M>> -> tensor<?xf32, #ssm.dims<B>>
  // CHECK-NEXT: return
  %0 = ssm.reduce max %x over ["M"] : tensor<?x?x?xf32, #ssm.dims<B, L, M>> -> tensor<?x?xf32, #ssm.dims<B, L>>
  %1 = ssm.reduce max %0 over ["L"] : tensor<?x?xf32, #ssm.dims<B, L>> -> tensor<?xf32, #ssm.dims<B>>
  return %1 : tensor<?xf32, #ssm.dims<B>>
}

// Another monoid, or another reader of the inner one, keeps both.
// CHECK-LABEL: func.func @kept(
func.func @kept(%x: tensor<?x?xf32, #ssm.dims<L, M>>) -> (tensor<f32>, tensor<?xf32, #ssm.dims<L>>, tensor<f32>) {
  // CHECK-COUNT-4: ssm.reduce
  %0 = ssm.reduce max %x over ["M"] : tensor<?x?xf32, #ssm.dims<L, M>> -> tensor<?xf32, #ssm.dims<L>>
  %1 = ssm.reduce add %0 over ["L"] : tensor<?xf32, #ssm.dims<L>> -> tensor<f32>
  %2 = ssm.reduce add %x over ["M"] : tensor<?x?xf32, #ssm.dims<L, M>> -> tensor<?xf32, #ssm.dims<L>>
  %3 = ssm.reduce add %2 over ["L"] : tensor<?xf32, #ssm.dims<L>> -> tensor<f32>
  return %1, %2, %3 : tensor<f32>, tensor<?xf32, #ssm.dims<L>>, tensor<f32>
}

// CHECK-LABEL: func.func @nothing(
func.func @nothing(%x: tensor<?xf32, #ssm.dims<L>>) -> tensor<?xf32, #ssm.dims<L>> {
  // CHECK-NEXT: return %{{.*}} : tensor<?xf32, #ssm.dims<L>>
  %0 = ssm.reduce add %x over [] : tensor<?xf32, #ssm.dims<L>> -> tensor<?xf32, #ssm.dims<L>>
  return %0 : tensor<?xf32, #ssm.dims<L>>
}

// CHECK-LABEL: func.func @sum_of_one(
func.func @sum_of_one(%x: tensor<?xf32, #ssm.dims<L>>) -> tensor<f32> {
  // CHECK-NEXT: ssm.reduce add
  %0 = ssm.contract(%x) over ["L"] : (tensor<?xf32, #ssm.dims<L>>) -> tensor<f32>
  return %0 : tensor<f32>
}

// CHECK-LABEL: func.func @product(
func.func @product(%x: tensor<?xf32, #ssm.dims<L>>, %y: tensor<?xf32, #ssm.dims<M>>) -> tensor<?x?xf32, #ssm.dims<L, M>> {
  // CHECK-NEXT: ssm.map mul
  %0 = ssm.contract(%x, %y) over [] : (tensor<?xf32, #ssm.dims<L>>, tensor<?xf32, #ssm.dims<M>>) -> tensor<?x?xf32, #ssm.dims<L, M>>
  return %0 : tensor<?x?xf32, #ssm.dims<L, M>>
}

// One that widens stored operands stays.
// CHECK-LABEL: func.func @widens(
func.func @widens(%x: tensor<?xbf16, #ssm.dims<L>>) -> tensor<f32> {
  // CHECK-NEXT: ssm.contract
  %0 = ssm.contract(%x) over ["L"] : (tensor<?xbf16, #ssm.dims<L>>) -> tensor<f32>
  return %0 : tensor<f32>
}

// CHECK-LABEL: func.func @order(
// CHECK-SAME: %[[X:.*]]: tensor<?x?xf32, #ssm.dims<L, D>>
func.func @order(%x: tensor<?x?xf32, #ssm.dims<L, D>>) -> tensor<?xf32, #ssm.dims<L>> {
  %0 = ssm.align %x : tensor<?x?xf32, #ssm.dims<L, D>> -> tensor<?x?xf32, #ssm.dims<D, L>>
  // CHECK-NEXT: ssm.contract(%[[X]], %[[X]])
  %1 = ssm.contract(%0, %x) over ["D"] : (tensor<?x?xf32, #ssm.dims<D, L>>, tensor<?x?xf32, #ssm.dims<L, D>>) -> tensor<?xf32, #ssm.dims<L>>
  return %1 : tensor<?xf32, #ssm.dims<L>>
}
