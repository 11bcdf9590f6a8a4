// RUN: %ssm-opt %s --split-input-file --verify-diagnostics

func.func @f(%x: tensor<?xf32, #ssm.dims<L>>) {
  // expected-error @below {{'add' takes 2 operands, got 1}}
  %0 = ssm.map add(%x) : (tensor<?xf32, #ssm.dims<L>>) -> tensor<?xf32, #ssm.dims<L>>
  return
}

// -----

func.func @f(%x: tensor<f32>, %y: tensor<f64>) {
  // expected-error @below {{'mul' needs one element type, got f32 and f64}}
  %0 = ssm.map mul(%x, %y) : (tensor<f32>, tensor<f64>) -> tensor<f64>
  return
}

// -----

func.func @f(%x: tensor<bf16>) {
  // expected-error @below {{'exp' does not work on bf16: cast stored types first}}
  %0 = ssm.map exp(%x) : (tensor<bf16>) -> tensor<bf16>
  return
}

// -----

func.func @f(%x: tensor<complex<f32>>) {
  // expected-error @below {{'lt' does not work on complex<f32>}}
  %0 = ssm.map lt(%x, %x) : (tensor<complex<f32>>, tensor<complex<f32>>) -> tensor<i1>
  return
}

// -----

func.func @f(%x: tensor<i64>) {
  // expected-error @below {{'div' does not work on i64}}
  %0 = ssm.map div(%x, %x) : (tensor<i64>, tensor<i64>) -> tensor<i64>
  return
}

// -----

func.func @f(%x: tensor<f32>) {
  // expected-error @below {{gives elements of type 'i1', not 'f32'}}
  %0 = ssm.map lt(%x, %x) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%x: tensor<f32>) {
  // expected-error @below {{'select' needs an i1 condition, got f32}}
  %0 = ssm.map select(%x, %x, %x) : (tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%x: tensor<complex<f32>>) {
  // expected-error @below {{cannot cast complex to real: take 're' or 'abs'}}
  %0 = ssm.map cast(%x) : (tensor<complex<f32>>) -> tensor<f32>
  return
}

// -----

func.func @f(%x: tensor<3xf32, #ssm.dims<L>>, %y: tensor<4xf32, #ssm.dims<L>>) {
  // expected-error @below {{has operands of different sizes along 'L'}}
  %0 = ssm.map add(%x, %y) : (tensor<3xf32, #ssm.dims<L>>, tensor<4xf32, #ssm.dims<L>>) -> tensor<3xf32, #ssm.dims<L>>
  return
}

// -----

func.func @f(%x: tensor<?xf32, #ssm.dims<L>>) {
  // expected-error @below {{gives [M], its operands have [L]}}
  %0 = ssm.map exp(%x) : (tensor<?xf32, #ssm.dims<L>>) -> tensor<?xf32, #ssm.dims<M>>
  return
}

// -----

func.func @f(%x: tensor<?xf32>) {
  // expected-error @below {{must be variadic of tensor with named dimensions}}
  %0 = ssm.map exp(%x) : (tensor<?xf32>) -> tensor<?xf32>
  return
}

// -----

func.func @f() {
  // expected-error @below {{gives a vector along 'L', not [M]}}
  %0 = ssm.pos "L" : tensor<?xi64, #ssm.dims<M>>
  return
}

// -----

func.func @f() {
  // expected-error @below {{result #0 must be tensor of i64 with named dimensions}}
  %0 = ssm.pos "L" : tensor<?xf32, #ssm.dims<L>>
  return
}

// -----

func.func @f(%ok: tensor<i1>, %a: tensor<i64>) {
  // expected-error @below {{has room for two values in its message, got 3}}
  ssm.check %ok, "%a" (%a, %a, %a)
  return
}
