// Sums of products are contractions; a product wider than its factors is never written, a
// prologue of one factor stays where it is.
// RUN: %ssm-opt %s --ssm-normalize | FileCheck %s

// CHECK-LABEL: @flatten
// CHECK-NEXT: %[[B:.*]] = ssm.map{{ +}}mul(%arg2, %arg1)
// CHECK-NEXT: ssm.contract(%[[B]], %arg0) over ["D"]
func.func @flatten(%a: tensor<4x8xf32, #ssm.dims<L, D>>, %b: tensor<4x8xf32, #ssm.dims<M, D>>, %c: tensor<8xf32, #ssm.dims<D>>)
    -> tensor<4x4xf32, #ssm.dims<L, M>> attributes {ssm.dims = [#ssm.dim<L = 4>, #ssm.dim<M = 4>, #ssm.dim<D = 8>]} {
  %0 = ssm.map mul(%a, %b) : (tensor<4x8xf32, #ssm.dims<L, D>>, tensor<4x8xf32, #ssm.dims<M, D>>) -> tensor<4x8x4xf32, #ssm.dims<L, D, M>>
  %1 = ssm.contract(%0, %c) over ["D"] : (tensor<4x8x4xf32, #ssm.dims<L, D, M>>, tensor<8xf32, #ssm.dims<D>>) -> tensor<4x4xf32, #ssm.dims<L, M>>
  return %1 : tensor<4x4xf32, #ssm.dims<L, M>>
}

// CHECK-LABEL: @prologue
// CHECK-NEXT: %[[S:.*]] = ssm.map{{ +}}mul(%arg0, %arg1)
// CHECK-NEXT: ssm.contract(%[[S]], %arg2) over ["D"]
func.func @prologue(%a: tensor<?x?xf32, #ssm.dims<L, D>>, %b: tensor<?xf32, #ssm.dims<L>>, %c: tensor<?x?xf32, #ssm.dims<M, D>>)
    -> tensor<?x?xf32, #ssm.dims<L, M>> attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<M>, #ssm.dim<D>]} {
  %0 = ssm.map mul(%a, %b) : (tensor<?x?xf32, #ssm.dims<L, D>>, tensor<?xf32, #ssm.dims<L>>) -> tensor<?x?xf32, #ssm.dims<L, D>>
  %1 = ssm.contract(%0, %c) over ["D"] : (tensor<?x?xf32, #ssm.dims<L, D>>, tensor<?x?xf32, #ssm.dims<M, D>>) -> tensor<?x?xf32, #ssm.dims<L, M>>
  return %1 : tensor<?x?xf32, #ssm.dims<L, M>>
}

// CHECK-LABEL: @sum
// CHECK-NEXT: %[[R:.*]] = ssm.contract(%arg0, %arg1) over ["D"]
// CHECK-NEXT: return %[[R]]
func.func @sum(%a: tensor<?x?xf32, #ssm.dims<L, D>>, %b: tensor<?xf32, #ssm.dims<D>>)
    -> tensor<?xf32, #ssm.dims<L>> attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<D>]} {
  %0 = ssm.map mul(%a, %b) : (tensor<?x?xf32, #ssm.dims<L, D>>, tensor<?xf32, #ssm.dims<D>>) -> tensor<?x?xf32, #ssm.dims<L, D>>
  %1 = ssm.reduce add %0 over ["D"] : tensor<?x?xf32, #ssm.dims<L, D>> -> tensor<?xf32, #ssm.dims<L>>
  return %1 : tensor<?xf32, #ssm.dims<L>>
}

// Used elsewhere, the product is written anyway.
// CHECK-LABEL: @twice
// CHECK: ssm.map{{ +}}mul
// CHECK: ssm.reduce{{ +}}add
func.func @twice(%a: tensor<?x?xf32, #ssm.dims<L, D>>, %b: tensor<?xf32, #ssm.dims<D>>)
    -> (tensor<?xf32, #ssm.dims<L>>, tensor<?x?xf32, #ssm.dims<L, D>>) attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<D>]} {
  %0 = ssm.map mul(%a, %b) : (tensor<?x?xf32, #ssm.dims<L, D>>, tensor<?xf32, #ssm.dims<D>>) -> tensor<?x?xf32, #ssm.dims<L, D>>
  %1 = ssm.reduce add %0 over ["D"] : tensor<?x?xf32, #ssm.dims<L, D>> -> tensor<?xf32, #ssm.dims<L>>
  return %1, %0 : tensor<?xf32, #ssm.dims<L>>, tensor<?x?xf32, #ssm.dims<L, D>>
}

// A divisor that is no reduction over what is summed stays.
// CHECK-LABEL: @divisor
// CHECK: ssm.map{{ +}}div(%arg0, %arg1)
// CHECK: ssm.contract
func.func @divisor(%a: tensor<?x?xf32, #ssm.dims<L, D>>, %b: tensor<?xf32, #ssm.dims<L>>, %c: tensor<?xf32, #ssm.dims<D>>)
    -> tensor<?xf32, #ssm.dims<L>> attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<D>]} {
  %0 = ssm.map div(%a, %b) : (tensor<?x?xf32, #ssm.dims<L, D>>, tensor<?xf32, #ssm.dims<L>>) -> tensor<?x?xf32, #ssm.dims<L, D>>
  %1 = ssm.contract(%0, %c) over ["D"] : (tensor<?x?xf32, #ssm.dims<L, D>>, tensor<?xf32, #ssm.dims<D>>) -> tensor<?xf32, #ssm.dims<L>>
  return %1 : tensor<?xf32, #ssm.dims<L>>
}
