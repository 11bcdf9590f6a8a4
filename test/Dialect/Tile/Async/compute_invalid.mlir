// RUN: %ssm-opt %s --split-input-file --verify-diagnostics

func.func @function(%f: f32) {
  // expected-error @+1 {{there is no function 'cosh' of expressions}}
  %x = tile.compute cosh(%f) : f32
  return
}

// -----

func.func @count(%f: f32) {
  // expected-error @+1 {{'fma' takes 3 operands, not 2}}
  %x = tile.compute fma(%f, %f) : f32
  return
}

// -----

func.func @elements(%f: f32, %i: index) {
  // expected-error @+1 {{'f32' meets 'index': their elements differ}}
  %x = tile.compute %f + %i : (f32, index) -> f32
  return
}

// -----

func.func @shapes(%a: tensor<64x128xf32, #tile.acc>, %b: tensor<32xf32, #tile.row>) {
  // expected-error @+1 {{and neither is spread over the other}}
  %x = tile.compute %a + %b : (tensor<64x128xf32, #tile.acc>, tensor<32xf32, #tile.row>) -> tensor<64x128xf32, #tile.acc>
  return
}

// -----

func.func @domain(%i: index) {
  // expected-error @+1 {{'exp2' is of f32, not of 'index'}}
  %x = tile.compute exp2(%i) : index
  return
}

// -----

func.func @result(%a: tensor<64x128xf32, #tile.acc>) {
  // expected-error @+1 {{computes 'tensor<64x128xf32, #tile.acc>', which is not spread over 'f32'}}
  %x = tile.compute %a + 1 : tensor<64x128xf32, #tile.acc> -> f32
  return
}
