// RUN: %ssm-opt %s --split-input-file --verify-diagnostics

func.func @f(%s: tensor<?x?xf32, #ssm.dims<L, M>>) {
  // expected-error @below {{has no dimension 'K' in [L, M]}}
  %0 = ssm.reduce add %s over ["K"] : tensor<?x?xf32, #ssm.dims<L, M>> -> tensor<?xf32, #ssm.dims<L>>
  return
}

// -----

func.func @f(%s: tensor<?x?xf32, #ssm.dims<L, M>>) {
  // expected-error @below {{names dimension 'M' twice}}
  %0 = ssm.reduce add %s over ["M", "M"] : tensor<?x?xf32, #ssm.dims<L, M>> -> tensor<?xf32, #ssm.dims<L>>
  return
}

// -----

func.func @f(%s: tensor<?x?xf32, #ssm.dims<L, M>>) {
  // expected-error @below {{gives [L], not [M]}}
  %0 = ssm.reduce add %s over ["M"] : tensor<?x?xf32, #ssm.dims<L, M>> -> tensor<?xf32, #ssm.dims<M>>
  return
}

// -----

func.func @f(%s: tensor<?xbf16, #ssm.dims<L>>) {
  // expected-error @below {{combines i64, f32, f64 or complex elements, not 'bf16'}}
  %0 = ssm.reduce add %s over ["L"] : tensor<?xbf16, #ssm.dims<L>> -> tensor<bf16>
  return
}

// -----

func.func @f(%s: tensor<?xcomplex<f32>, #ssm.dims<L>>) {
  // expected-error @below {{'max' has no meaning for complex elements}}
  %0 = ssm.reduce max %s over ["L"] : tensor<?xcomplex<f32>, #ssm.dims<L>> -> tensor<complex<f32>>
  return
}

// -----

func.func @f(%s: tensor<?xi64, #ssm.dims<L>>) {
  // expected-error @below {{'logsumexp' needs real elements, not 'i64'}}
  %0 = ssm.reduce logsumexp %s over ["L"] : tensor<?xi64, #ssm.dims<L>> -> tensor<i64>
  return
}

// -----

func.func @f(%s: tensor<?xi1, #ssm.dims<L>>) {
  // expected-error @below {{compares i64, f32 or f64 elements, not 'i1'}}
  %0 = ssm.argmax %s over "L" : tensor<?xi1, #ssm.dims<L>> -> tensor<i64>
  return
}

// -----

func.func @f(%s: tensor<?xf32, #ssm.dims<L>>) {
  // expected-error @below {{has no dimension 'M' in [L]}}
  %0 = ssm.argmax %s over "M" : tensor<?xf32, #ssm.dims<L>> -> tensor<i64>
  return
}

// -----

func.func @f(%s: tensor<?xbf16, #ssm.dims<L>>) {
  // expected-error @below {{needs real elements that are computed with, not 'bf16'}}
  %0 = ssm.softmax %s over ["L"] : tensor<?xbf16, #ssm.dims<L>>
  return
}

// -----

func.func @f(%s: tensor<?xf32, #ssm.dims<L>>) {
  // expected-error @below {{has no dimension 'M' in [L]}}
  %0 = ssm.cumulate add %s along "M" : tensor<?xf32, #ssm.dims<L>>
  return
}

// -----

func.func @f(%s: tensor<?xf32, #ssm.dims<L>>) {
  // expected-error @below {{has no dimension 'M' in [L]}}
  %0 = ssm.contract(%s, %s) over ["M"] : (tensor<?xf32, #ssm.dims<L>>, tensor<?xf32, #ssm.dims<L>>) -> tensor<?xf32, #ssm.dims<L>>
  return
}

// -----

func.func @f(%s: tensor<?xf64, #ssm.dims<L>>) {
  // expected-error @below {{multiplies 'f64' into sums of 'f32'}}
  %0 = ssm.contract(%s, %s) over ["L"] : (tensor<?xf64, #ssm.dims<L>>, tensor<?xf64, #ssm.dims<L>>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<3xf32, #ssm.dims<L>>, %b: tensor<4xf32, #ssm.dims<L>>) {
  // expected-error @below {{has operands of different sizes along 'L'}}
  %0 = ssm.contract(%a, %b) over ["L"] : (tensor<3xf32, #ssm.dims<L>>, tensor<4xf32, #ssm.dims<L>>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<3xi1, #ssm.dims<L>>) {
  // expected-error @below {{cannot sum elements of type 'i1'}}
  %0 = ssm.contract(%a, %a) over ["L"] : (tensor<3xi1, #ssm.dims<L>>, tensor<3xi1, #ssm.dims<L>>) -> tensor<i1>
  return
}
