// RUN: %ssm-opt %s --split-input-file --convert-ssm-to-linalg --verify-diagnostics

// expected-error @below {{takes or returns 'f32', which has no buffer}}
func.func @forward(%x: f32) -> f32 {
  return %x : f32
}

// -----

func.func @forward(%x: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{is no tensor: only tensors have a meaning in the ssm dialect}}
  %0 = arith.constant 1.0 : f32
  return %x : tensor<f32>
}

// -----

func.func @forward(%x: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{has no lowering to linalg; ssm-expand comes before convert-ssm-to-linalg}}
  %0 = arith.addf %x, %x : tensor<f32>
  return %0 : tensor<f32>
}
