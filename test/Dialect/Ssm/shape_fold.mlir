// RUN: %ssm-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: func.func @align(
// CHECK-SAME: %[[X:.*]]: tensor<?x?xf32, #ssm.dims<L, B>>
func.func @align(%x: tensor<?x?xf32, #ssm.dims<L, B>>) -> (tensor<?x?xf32, #ssm.dims<L, B>>, tensor<?x?x?xf32, #ssm.dims<B, H, L>>) {
  %0 = ssm.align %x : tensor<?x?xf32, #ssm.dims<L, B>> -> tensor<?x?xf32, #ssm.dims<B, L>>
  %1 = ssm.align %0 : tensor<?x?xf32, #ssm.dims<B, L>> -> tensor<?x?xf32, #ssm.dims<L, B>>
  // CHECK-NEXT: %[[R:.*]] = ssm.align %[[X]] : tensor<?x?xf32, #ssm.dims<L, B>> -> tensor<?x?x?xf32, #ssm.dims<B, H, L>>
  %2 = ssm.align %0 : tensor<?x?xf32, #ssm.dims<B, L>> -> tensor<?x?x?xf32, #ssm.dims<B, H, L>>
  // CHECK-NEXT: return %[[X]], %[[R]]
  return %1, %2 : tensor<?x?xf32, #ssm.dims<L, B>>, tensor<?x?x?xf32, #ssm.dims<B, H, L>>
}

// Two names that are swapped transpose, even where the type stays.
// CHECK-LABEL: func.func @rename(
// CHECK-SAME: %[[X:.*]]: tensor
func.func @rename(%x: tensor<?x?xf32, #ssm.dims<L, M>>) -> (tensor<?x?xf32, #ssm.dims<L, M>>, tensor<?x?xf32, #ssm.dims<L, M>>) {
  // CHECK-NEXT: %[[T:.*]] = ssm.rename
  %0 = ssm.rename %x ["L", "M"] to ["M", "L"] : tensor<?x?xf32, #ssm.dims<L, M>> -> tensor<?x?xf32, #ssm.dims<L, M>>
  %1 = ssm.rename %x ["L"] to ["L"] : tensor<?x?xf32, #ssm.dims<L, M>> -> tensor<?x?xf32, #ssm.dims<L, M>>
  // CHECK-NEXT: return %[[T]], %[[X]]
  return %0, %1 : tensor<?x?xf32, #ssm.dims<L, M>>, tensor<?x?xf32, #ssm.dims<L, M>>
}

// CHECK-LABEL: func.func @gather(
// CHECK-SAME: %[[X:.*]]: tensor
func.func @gather(%x: tensor<?x?xf32, #ssm.dims<L, M>>) -> (tensor<?x?xf32, #ssm.dims<L, M>>, tensor<?xf32, #ssm.dims<L>>) {
  // CHECK-NEXT: ssm.pos "L"
  %l = ssm.pos "L" : tensor<?xi64, #ssm.dims<L>>
  %0 = ssm.gather %x at ["L"] (%l) : tensor<?x?xf32, #ssm.dims<L, M>>, (tensor<?xi64, #ssm.dims<L>>) -> tensor<?x?xf32, #ssm.dims<L, M>>
  // The diagonal is something else.
  // CHECK-NEXT: %[[D:.*]] = ssm.gather
  %1 = ssm.gather %x at ["M"] (%l) : tensor<?x?xf32, #ssm.dims<L, M>>, (tensor<?xi64, #ssm.dims<L>>) -> tensor<?xf32, #ssm.dims<L>>
  // CHECK-NEXT: return %[[X]], %[[D]]
  return %0, %1 : tensor<?x?xf32, #ssm.dims<L, M>>, tensor<?xf32, #ssm.dims<L>>
}

// CHECK-LABEL: func.func @shift(
// CHECK-SAME: %[[X:.*]]: tensor
func.func @shift(%x: tensor<?xf32, #ssm.dims<L>>) -> tensor<?xf32, #ssm.dims<L>> {
  %zero = arith.constant dense<0> : tensor<i64>
  // CHECK-NEXT: return %[[X]]
  %0 = ssm.shift %x along "L" by %zero : tensor<?xf32, #ssm.dims<L>>
  return %0 : tensor<?xf32, #ssm.dims<L>>
}

// CHECK-LABEL: func.func @blocks(
// CHECK-SAME: %[[X:.*]]: tensor
func.func @blocks(%x: tensor<64xf32, #ssm.dims<I>>) -> (tensor<64xf32, #ssm.dims<I>>, tensor<64xf32, #ssm.dims<I>>) {
  // CHECK-NEXT: %[[S:.*]] = ssm.split
  %0 = ssm.split %x "I" into ["k", "p"] : tensor<64xf32, #ssm.dims<I>> -> tensor<4x16xf32, #ssm.dims<k, p>>
  %1 = ssm.join %0 ["k", "p"] into "I" : tensor<4x16xf32, #ssm.dims<k, p>> -> tensor<64xf32, #ssm.dims<I>>
  // The other way round is a permutation.
  // CHECK-NEXT: %[[P:.*]] = ssm.join %[[S]] ["p", "k"]
  %2 = ssm.join %0 ["p", "k"] into "I" : tensor<4x16xf32, #ssm.dims<k, p>> -> tensor<64xf32, #ssm.dims<I>>
  // CHECK-NEXT: return %[[X]], %[[P]]
  return %1, %2 : tensor<64xf32, #ssm.dims<I>>, tensor<64xf32, #ssm.dims<I>>
}
