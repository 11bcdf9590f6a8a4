// RUN: %ssm-opt %s --pass-pipeline="builtin.module(func.func(ssm-separate-empty-tensors))" | FileCheck %s

// CHECK-LABEL: func.func @two
// CHECK: %[[E1:.*]] = tensor.empty
// CHECK: %[[E2:.*]] = tensor.empty
// CHECK: scf.for {{.*}} iter_args(%{{.*}} = %[[E2]], %{{.*}} = %[[E1]])
func.func @two(%n: index, %x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = tensor.empty(%n) : tensor<?xf32>
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %e, %b = %e) -> (tensor<?xf32>, tensor<?xf32>) {
    %v = tensor.extract %x[%i] : tensor<?xf32>
    %c = tensor.insert %v into %a[%i] : tensor<?xf32>
    %d = tensor.insert %v into %b[%c0] : tensor<?xf32>
    scf.yield %c, %d : tensor<?xf32>, tensor<?xf32>
  }
  return %r#0, %r#1 : tensor<?xf32>, tensor<?xf32>
}

// Two sums begin with zeros of their own; zeros that are only read stay one.
// CHECK-LABEL: func.func @sums
// CHECK-COUNT-3: linalg.fill
// CHECK-NOT: linalg.fill
func.func @sums(%n: index, %x: tensor<?xf32>, %y: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty(%n) : tensor<?xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %a = linalg.add ins(%x, %z : tensor<?xf32>, tensor<?xf32>) outs(%z : tensor<?xf32>) -> tensor<?xf32>
  %b = linalg.add ins(%y, %z : tensor<?xf32>, tensor<?xf32>) outs(%z : tensor<?xf32>) -> tensor<?xf32>
  return %a, %b : tensor<?xf32>, tensor<?xf32>
}
