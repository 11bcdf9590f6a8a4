// RUN: %ssm-opt %s --split-input-file --verify-diagnostics

func.func @f(%left: tensor<?x?xf32, #ssm.dims<O, R>>) {
  // expected-error @below {{'lowrank' has 2 parts, got 1}}
  %0 = ssm.structured lowrank(%left) {parameters = array<i64: 4>} : (tensor<?x?xf32, #ssm.dims<O, R>>) -> !ssm.matrix<O x I, f32>
  return
}

// -----

func.func @f(%v: tensor<?xf32, #ssm.dims<I>>) {
  // expected-error @below {{'diagonal' has 0 arguments, got 1}}
  %0 = ssm.structured diagonal(%v) {parameters = array<i64: 4>} : (tensor<?xf32, #ssm.dims<I>>) -> !ssm.matrix<O x I, f32>
  return
}

// -----

func.func @f(%b: tensor<?x?x?xf32, #ssm.dims<n, o, i>>) {
  // expected-error @below {{n is 0, it must be at least 1}}
  %0 = ssm.structured block_diagonal(%b) {parameters = array<i64: 0>} : (tensor<?x?x?xf32, #ssm.dims<n, o, i>>) -> !ssm.matrix<O x I, f32>
  return
}

// -----

func.func @f(%v: tensor<?xf64, #ssm.dims<I>>) {
  // expected-error @below {{part 'diagonal' holds 'f64', not 'f32'}}
  %0 = ssm.structured diagonal(%v) : (tensor<?xf64, #ssm.dims<I>>) -> !ssm.matrix<O x I, f32>
  return
}

// -----

func.func @f(%b: tensor<5x8xf32, #ssm.dims<z, b>>, %at: tensor<5xi64, #ssm.dims<z>>) {
  // expected-error @below {{part 'blocks' has 2 dimensions, it needs 3}}
  %0 = ssm.structured block_sparse(%b, %at, %at) {parameters = array<i64: 8, 5>} : (tensor<5x8xf32, #ssm.dims<z, b>>, tensor<5xi64, #ssm.dims<z>>, tensor<5xi64, #ssm.dims<z>>) -> !ssm.matrix<O x I, f32>
  return
}

// -----

func.func @f(%left: tensor<?x4xf32, #ssm.dims<O, R>>, %right: tensor<4x?xf32, #ssm.dims<S, I>>) {
  // expected-error @below {{part 'right' has dimension 'S' where 'R' is needed}}
  %0 = ssm.structured lowrank(%left, %right) {parameters = array<i64: 4>} : (tensor<?x4xf32, #ssm.dims<O, R>>, tensor<4x?xf32, #ssm.dims<S, I>>) -> !ssm.matrix<O x I, f32>
  return
}

// -----

func.func @f(%left: tensor<?x5xf32, #ssm.dims<O, R>>, %right: tensor<5x?xf32, #ssm.dims<R, I>>) {
  // expected-error @below {{part 'left' has size 5 along 'R', it needs 4}}
  %0 = ssm.structured lowrank(%left, %right) {parameters = array<i64: 4>} : (tensor<?x5xf32, #ssm.dims<O, R>>, tensor<5x?xf32, #ssm.dims<R, I>>) -> !ssm.matrix<O x I, f32>
  return
}

// -----

func.func @f(%b: tensor<?x?x?xf32, #ssm.dims<n, O, n2>>) {
  // expected-error @below {{part 'blocks' has dimension 'O' in two places}}
  %0 = ssm.structured block_diagonal(%b) {parameters = array<i64: 4>} : (tensor<?x?x?xf32, #ssm.dims<n, O, n2>>) -> !ssm.matrix<O x I, f32>
  return
}

// -----

func.func @f(%W: !ssm.matrix<O x I, f32>, %g: tensor<?xf32, #ssm.dims<I>>) {
  // expected-error @below {{scales by a value with the matrix's own dimensions}}
  %0 = ssm.matrix_scale %W by %g : !ssm.matrix<O x I, f32>, tensor<?xf32, #ssm.dims<I>>
  return
}

// -----

func.func @f(%W: !ssm.matrix<O x I, f32>) {
  // expected-error @below {{multiplies '!ssm.matrix<O x I, f32>' by '!ssm.matrix<O x I, f32>'}}
  %0 = ssm.matrix_mul %W, %W : !ssm.matrix<O x I, f32>, !ssm.matrix<O x I, f32> -> !ssm.matrix<O x I, f32>
  return
}

// -----

func.func @f(%W: !ssm.matrix<O x J, f32>, %V: !ssm.matrix<J x I, f32>) {
  // expected-error @below {{gives rows of the first and columns of the second}}
  %0 = ssm.matrix_mul %W, %V : !ssm.matrix<O x J, f32>, !ssm.matrix<J x I, f32> -> !ssm.matrix<I x O, f32>
  return
}

// -----

func.func @f(%W: !ssm.matrix<O x I, f32>) {
  // expected-error @below {{swaps rows and columns}}
  %0 = ssm.matrix_transpose %W : !ssm.matrix<O x I, f32> -> !ssm.matrix<O x I, f32>
  return
}

// -----

func.func @f(%W: !ssm.matrix<O x I, f32>, %x: tensor<?xf32, #ssm.dims<J>>) {
  // expected-error @below {{sums over 'I', which [J] lacks}}
  %0 = ssm.apply %W, %x : !ssm.matrix<O x I, f32>, tensor<?xf32, #ssm.dims<J>> -> tensor<?xf32, #ssm.dims<O>>
  return
}

// -----

func.func @f(%W: !ssm.matrix<O x I, f32>, %x: tensor<?x?xf32, #ssm.dims<O, I>>) {
  // expected-error @below {{gives 'O', which the operand has already}}
  %0 = ssm.apply %W, %x : !ssm.matrix<O x I, f32>, tensor<?x?xf32, #ssm.dims<O, I>> -> tensor<?xf32, #ssm.dims<O>>
  return
}

// -----

func.func @f(%W: !ssm.matrix<O x I, f32>, %x: tensor<?x?xf32, #ssm.dims<T, I>>) {
  // expected-error @below {{loses dimension 'T'}}
  %0 = ssm.apply %W, %x : !ssm.matrix<O x I, f32>, tensor<?x?xf32, #ssm.dims<T, I>> -> tensor<?xf32, #ssm.dims<O>>
  return
}

// -----

func.func @f(%W: !ssm.matrix<O x I, f32>, %x: tensor<?xf64, #ssm.dims<I>>) {
  // expected-error @below {{works on elements of type 'f32'}}
  %0 = ssm.apply %W, %x : !ssm.matrix<O x I, f32>, tensor<?xf64, #ssm.dims<I>> -> tensor<?xf64, #ssm.dims<O>>
  return
}

// -----

func.func @f(%W: !ssm.matrix<O x I, f32>) {
  // expected-error @below {{writes out rows and columns of its matrix}}
  %0 = ssm.materialize %W : !ssm.matrix<O x I, f32> -> tensor<?xf32, #ssm.dims<O>>
  return
}
