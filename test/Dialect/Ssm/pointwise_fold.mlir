// RUN: %ssm-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: func.func @twice(
// CHECK-SAME: %[[X:.*]]: tensor<f32>
func.func @twice(%x: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  %0 = ssm.map neg(%x) : (tensor<f32>) -> tensor<f32>
  %1 = ssm.map neg(%0) : (tensor<f32>) -> tensor<f32>
  // CHECK-NEXT: %[[A:.*]] = ssm.map abs(%[[X]])
  %2 = ssm.map abs(%x) : (tensor<f32>) -> tensor<f32>
  %3 = ssm.map abs(%2) : (tensor<f32>) -> tensor<f32>
  // CHECK-NEXT: return %[[X]], %[[A]]
  return %1, %3 : tensor<f32>, tensor<f32>
}

// Parts of a complex value that was made of them, unless it was broadcast.
// CHECK-LABEL: func.func @parts(
// CHECK-SAME: %[[A:.*]]: tensor<?xf32, #ssm.dims<L>>, %[[B:.*]]: tensor<f32>
func.func @parts(%a: tensor<?xf32, #ssm.dims<L>>, %b: tensor<f32>)
    -> (tensor<?xf32, #ssm.dims<L>>, tensor<?xf32, #ssm.dims<L>>) {
  // CHECK-NEXT: ssm.map complex
  %z = ssm.map complex(%a, %b) : (tensor<?xf32, #ssm.dims<L>>, tensor<f32>) -> tensor<?xcomplex<f32>, #ssm.dims<L>>
  %re = ssm.map re(%z) : (tensor<?xcomplex<f32>, #ssm.dims<L>>) -> tensor<?xf32, #ssm.dims<L>>
  // CHECK-NEXT: %[[IM:.*]] = ssm.map im
  %im = ssm.map im(%z) : (tensor<?xcomplex<f32>, #ssm.dims<L>>) -> tensor<?xf32, #ssm.dims<L>>
  // CHECK-NEXT: return %[[A]], %[[IM]]
  return %re, %im : tensor<?xf32, #ssm.dims<L>>, tensor<?xf32, #ssm.dims<L>>
}

// CHECK-LABEL: func.func @neutral(
// CHECK-SAME: %[[X:.*]]: tensor<f32>
func.func @neutral(%x: tensor<f32>) -> (tensor<f32>, tensor<f32>, tensor<f32>) {
  %one = arith.constant dense<1.0> : tensor<f32>
  // CHECK-NEXT: %[[ZERO:.*]] = arith.constant dense<0.0
  %zero = arith.constant dense<0.0> : tensor<f32>
  %0 = ssm.map mul(%one, %x) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  %1 = ssm.map sub(%x, %zero) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  // -0 + 0 is 0: this sum stays.
  // CHECK-NEXT: %[[SUM:.*]] = ssm.map add(%[[X]], %[[ZERO]])
  %2 = ssm.map add(%x, %zero) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  // CHECK-NEXT: return %[[X]], %[[X]], %[[SUM]]
  return %0, %1, %2 : tensor<f32>, tensor<f32>, tensor<f32>
}

// CHECK-LABEL: func.func @choice(
// CHECK-SAME: %[[X:.*]]: tensor<f32>, %[[Y:.*]]: tensor<f32>, %{{.*}}: tensor<i1>
func.func @choice(%x: tensor<f32>, %y: tensor<f32>, %c: tensor<i1>) -> (tensor<f32>, tensor<f32>) {
  %no = arith.constant dense<false> : tensor<i1>
  %0 = ssm.map select(%no, %x, %y) : (tensor<i1>, tensor<f32>, tensor<f32>) -> tensor<f32>
  %1 = ssm.map select(%c, %x, %x) : (tensor<i1>, tensor<f32>, tensor<f32>) -> tensor<f32>
  // CHECK-NEXT: return %[[Y]], %[[X]]
  return %0, %1 : tensor<f32>, tensor<f32>
}

// A cast that loses nothing may be left out, one that rounds may not.
// CHECK-LABEL: func.func @casts(
// CHECK-SAME: %[[X:.*]]: tensor<bf16>, %[[Y:.*]]: tensor<f32>
func.func @casts(%x: tensor<bf16>, %y: tensor<f32>) -> (tensor<bf16>, tensor<f64>, tensor<f32>) {
  %0 = ssm.map cast(%x) : (tensor<bf16>) -> tensor<f32>
  %1 = ssm.map cast(%0) : (tensor<f32>) -> tensor<bf16>
  // CHECK-NEXT: %[[WIDE:.*]] = ssm.map cast(%[[X]]) : (tensor<bf16>) -> tensor<f64>
  %2 = ssm.map cast(%0) : (tensor<f32>) -> tensor<f64>
  // CHECK-NEXT: %[[SHORT:.*]] = ssm.map cast(%[[Y]]) : (tensor<f32>) -> tensor<bf16>
  %3 = ssm.map cast(%y) : (tensor<f32>) -> tensor<bf16>
  // CHECK-NEXT: %[[ROUNDED:.*]] = ssm.map cast(%[[SHORT]]) : (tensor<bf16>) -> tensor<f32>
  %4 = ssm.map cast(%3) : (tensor<bf16>) -> tensor<f32>
  // CHECK-NEXT: return %[[X]], %[[WIDE]], %[[ROUNDED]]
  return %1, %2, %4 : tensor<bf16>, tensor<f64>, tensor<f32>
}

// The order of an operand's dimensions does not matter.
// CHECK-LABEL: func.func @order(
// CHECK-SAME: %[[X:.*]]: tensor<?x?xf32, #ssm.dims<L, B>>, %[[Y:.*]]: tensor
func.func @order(%x: tensor<?x?xf32, #ssm.dims<L, B>>, %y: tensor<?x?xf32, #ssm.dims<B, L>>)
    -> tensor<?x?xf32, #ssm.dims<B, L>> {
  %0 = ssm.align %x : tensor<?x?xf32, #ssm.dims<L, B>> -> tensor<?x?xf32, #ssm.dims<B, L>>
  // CHECK-NEXT: ssm.map add(%[[X]], %[[Y]])
  %1 = ssm.map add(%0, %y) : (tensor<?x?xf32, #ssm.dims<B, L>>, tensor<?x?xf32, #ssm.dims<B, L>>)
         -> tensor<?x?xf32, #ssm.dims<B, L>>
  return %1 : tensor<?x?xf32, #ssm.dims<B, L>>
}

// An operand that alone brings a dimension stays broadcast.
// CHECK-LABEL: func.func @broadcast(
func.func @broadcast(%x: tensor<f32>) -> tensor<?xf32, #ssm.dims<B>> {
  // CHECK-NEXT: %[[A:.*]] = ssm.align
  %0 = ssm.align %x : tensor<f32> -> tensor<?xf32, #ssm.dims<B>>
  // CHECK-NEXT: ssm.map exp(%[[A]])
  %1 = ssm.map exp(%0) : (tensor<?xf32, #ssm.dims<B>>) -> tensor<?xf32, #ssm.dims<B>>
  return %1 : tensor<?xf32, #ssm.dims<B>>
}

// CHECK-LABEL: func.func @size
func.func @size() -> (tensor<i64>, tensor<i64>) attributes {ssm.dims = [#ssm.dim<N = 32>, #ssm.dim<L>]} {
  // CHECK-DAG: %[[N:.*]] = arith.constant dense<32> : tensor<i64>
  // CHECK-DAG: %[[L:.*]] = ssm.size "L"
  %0 = ssm.size "N" : tensor<i64>
  %1 = ssm.size "L" : tensor<i64>
  // CHECK: return %[[N]], %[[L]]
  return %0, %1 : tensor<i64>, tensor<i64>
}

// CHECK-LABEL: func.func @checks
func.func @checks(%ok: tensor<i1>) {
  %yes = arith.constant dense<true> : tensor<i1>
  // CHECK-NEXT: ssm.check %{{.*}}, "asked"
  ssm.check %yes, "known to hold"
  ssm.check %ok, "asked"
  // CHECK-NEXT: return
  return
}
