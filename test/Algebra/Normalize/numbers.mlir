// Functions of numbers are numbers; an argument is none.
// RUN: %ssm-opt %s --ssm-normalize | FileCheck %s

// CHECK-LABEL: @numbers
// CHECK: %[[C:.*]] = arith.constant dense<1.250000e-01> : tensor<f32>
// CHECK-NEXT: return %[[C]]
func.func @numbers() -> tensor<f32> attributes {ssm.dims = []} {
  %0 = arith.constant dense<64.0> : tensor<f64>
  %1 = ssm.map rsqrt(%0) : (tensor<f64>) -> tensor<f64>
  %2 = ssm.map cast(%1) : (tensor<f64>) -> tensor<f32>
  return %2 : tensor<f32>
}

// CHECK-LABEL: @argument
// CHECK: ssm.map{{ +}}rsqrt(%arg0)
func.func @argument(%x: tensor<f64>) -> tensor<f64> attributes {ssm.dims = []} {
  %1 = ssm.map rsqrt(%x) : (tensor<f64>) -> tensor<f64>
  return %1 : tensor<f64>
}
