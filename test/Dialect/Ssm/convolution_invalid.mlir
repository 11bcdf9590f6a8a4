// RUN: %ssm-opt %s --split-input-file --verify-diagnostics

func.func @f(%u: tensor<?xf32, #ssm.dims<L>>, %k: tensor<4xf32, #ssm.dims<K>>) {
  // expected-error @below {{has no dimension 'M' in [L]}}
  %0 = ssm.conv causal %u along "M", %k along "K" : tensor<?xf32, #ssm.dims<L>>, tensor<4xf32, #ssm.dims<K>> -> tensor<?xf32, #ssm.dims<L>>
  return
}

// -----

func.func @f(%u: tensor<?xf32, #ssm.dims<L>>, %k: tensor<4xf32, #ssm.dims<K>>) {
  // expected-error @below {{has a kernel without dimension 'M': [K]}}
  %0 = ssm.conv causal %u along "L", %k along "M" : tensor<?xf32, #ssm.dims<L>>, tensor<4xf32, #ssm.dims<K>> -> tensor<?xf32, #ssm.dims<L>>
  return
}

// -----

func.func @f(%u: tensor<?xf32, #ssm.dims<L>>, %k: tensor<4x?xf32, #ssm.dims<K, L>>) {
  // expected-error @below {{needs 'L' in the input only and 'K' in the kernel only}}
  %0 = ssm.conv causal %u along "L", %k along "K" : tensor<?xf32, #ssm.dims<L>>, tensor<4x?xf32, #ssm.dims<K, L>> -> tensor<?xf32, #ssm.dims<L>>
  return
}

// -----

func.func @f(%u: tensor<?xf32, #ssm.dims<L>>, %k: tensor<4xf64, #ssm.dims<K>>) {
  // expected-error @below {{convolves 'f32' with 'f64'}}
  %0 = ssm.conv causal %u along "L", %k along "K" : tensor<?xf32, #ssm.dims<L>>, tensor<4xf64, #ssm.dims<K>> -> tensor<?xf32, #ssm.dims<L>>
  return
}

// -----

func.func @f(%u: tensor<3x?xf32, #ssm.dims<H, L>>, %k: tensor<4x4xf32, #ssm.dims<H, K>>) {
  // expected-error @below {{has operands of different sizes along 'H'}}
  %0 = ssm.conv causal %u along "L", %k along "K" : tensor<3x?xf32, #ssm.dims<H, L>>, tensor<4x4xf32, #ssm.dims<H, K>> -> tensor<3x?xf32, #ssm.dims<H, L>>
  return
}

// -----

func.func @f(%u: tensor<?xf32, #ssm.dims<L>>, %k: tensor<?xf32, #ssm.dims<L>>) {
  // expected-error @below {{gives [L], not [M]}}
  %0 = ssm.conv causal %u along "L", %k along "L" : tensor<?xf32, #ssm.dims<L>>, tensor<?xf32, #ssm.dims<L>> -> tensor<?xf32, #ssm.dims<M>>
  return
}

// -----

func.func @f(%x: tensor<?xcomplex<f32>, #ssm.dims<X>>) {
  // expected-error @below {{'rfft' takes f32 or f64 elements, not 'complex<f32>'}}
  %0 = ssm.fft rfft %x "X" to "K" : tensor<?xcomplex<f32>, #ssm.dims<X>> -> tensor<?xcomplex<f32>, #ssm.dims<K>>
  return
}

// -----

func.func @f(%x: tensor<?xf32, #ssm.dims<X>>) {
  // expected-error @below {{'ifft' takes complex elements, not 'f32'}}
  %0 = ssm.fft ifft %x "X" to "K" : tensor<?xf32, #ssm.dims<X>> -> tensor<?xcomplex<f32>, #ssm.dims<K>>
  return
}

// -----

func.func @f(%x: tensor<?xf32, #ssm.dims<X>>) {
  // expected-error @below {{has no dimension 'Y' in [X]}}
  %0 = ssm.fft rfft %x "Y" to "K" : tensor<?xf32, #ssm.dims<X>> -> tensor<?xcomplex<f32>, #ssm.dims<K>>
  return
}

// -----

func.func @f(%x: tensor<?xcomplex<f32>, #ssm.dims<K>>) {
  // expected-error @below {{gives elements of type 'f32', not 'complex<f32>'}}
  %0 = ssm.fft irfft %x "K" to "X" : tensor<?xcomplex<f32>, #ssm.dims<K>> -> tensor<?xcomplex<f32>, #ssm.dims<X>>
  return
}

// -----

func.func @f(%seed: tensor<i64>) {
  // expected-error @below {{draws f64, not 'f32'}}
  %0 = ssm.random normal %seed stream 3 : tensor<?xf32, #ssm.dims<H>>
  return
}

// -----

func.func @f(%u: tensor<?xi64, #ssm.dims<L>>, %k: tensor<4xi64, #ssm.dims<K>>) {
  // expected-error @below {{transforms f32 and f64, not 'i64'}}
  %0 = ssm.conv causal %u along "L", %k along "K" transformed : tensor<?xi64, #ssm.dims<L>>, tensor<4xi64, #ssm.dims<K>> -> tensor<?xi64, #ssm.dims<L>>
  return
}
