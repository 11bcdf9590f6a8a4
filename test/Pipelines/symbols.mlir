// RUN: %ssm-opt %s --ssm-pipeline | FileCheck %s

// Every entry has a symbol of its own, also where two names become alike in C.
// CHECK: func.func @forward
// CHECK-SAME: ssm.symbol = "l_forward_entry"
// CHECK: func.func @init.a.b
// CHECK-SAME: ssm.symbol = "l_init_a_b_entry"
// CHECK: func.func @init.a_b
// CHECK-SAME: ssm.symbol = "l_init_a_b_2_entry"
module attributes {ssm.layer = "l"} {
  func.func @forward(%x: tensor<f32>) -> tensor<f32> attributes {ssm.dims = []} {
    return %x : tensor<f32>
  }
  func.func @init.a.b(%seed: tensor<i64>) -> tensor<i64> attributes {ssm.dims = []} {
    return %seed : tensor<i64>
  }
  func.func @init.a_b(%seed: tensor<i64>) -> tensor<i64> attributes {ssm.dims = []} {
    return %seed : tensor<i64>
  }
}
