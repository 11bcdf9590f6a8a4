// RUN: %ssm-opt %s --split-input-file --verify-diagnostics

func.func @shape(%x: memref<?x8xf32>) {
  // expected-error @+1 {{gives the shape of 'memref<?x8xf32>', not of '!tile.view<?x4xf32, #ssm.dims<L, D>>'}}
  %X = tile.view %x : memref<?x8xf32> to !tile.view<?x4xf32, #ssm.dims<L, D>>
  return
}

// -----

// expected-error @+1 {{the view has 2 dimensions and 1 names}}
func.func @view_names(%x: !tile.view<?x4xf32, #ssm.dims<L>>) {
  return
}

// -----

func.func @lacks_coordinate(%X: !tile.view<?x4xf32, #ssm.dims<L, D>>) {
  // expected-error @+1 {{needs a coordinate for 'L', which the tile lacks}}
  %0 = tile.read %X : !tile.view<?x4xf32, #ssm.dims<L, D>> -> tensor<4xf32, #ssm.dims<D>>
  return
}

// -----

func.func @unknown_coordinate(%X: !tile.view<?xf32, #ssm.dims<L>>, %i: index) {
  // expected-error @+1 {{has a coordinate for 'M', which [L] lacks}}
  %0 = tile.read %X[M = %i] : !tile.view<?xf32, #ssm.dims<L>> -> tensor<4xf32, #ssm.dims<L>>
  return
}

// -----

func.func @fill(%X: !tile.view<?xf32, #ssm.dims<L>>, %i: index) {
  // expected-error @+1 {{fills with 0 : i32 what holds 'f32'}}
  %0 = tile.read %X[L = %i] fill(0 : i32) : !tile.view<?xf32, #ssm.dims<L>> -> tensor<4xf32, #ssm.dims<L>>
  return
}

// -----

func.func @pair(%X: !tile.view<?xcomplex<f32>, #ssm.dims<L>>, %i: index) {
  // expected-error @+1 {{moves 2 tiles of 'complex<f32>' elements, got 1}}
  %0 = tile.read %X[L = %i] : !tile.view<?xcomplex<f32>, #ssm.dims<L>> -> tensor<4xf32, #ssm.dims<L>>
  return
}

// -----

func.func @written(%X: !tile.view<?xf32, #ssm.dims<L>>, %v: tensor<4x2xf32, #ssm.dims<L, D>>, %i: index) {
  // expected-error @+1 {{moves [L] of the view, not [L, D]}}
  tile.write %v to %X[L = %i] : tensor<4x2xf32, #ssm.dims<L, D>> to !tile.view<?xf32, #ssm.dims<L>>
  return
}

// -----

func.func @product(%a: tensor<4x8xf32, #ssm.dims<L, D>>, %b: tensor<8x4xf32, #ssm.dims<D, M>>) {
  // expected-error @+1 {{gives [L, M], not [L]}}
  %0 = tile.product %a, %b over ["D"] : (tensor<4x8xf32, #ssm.dims<L, D>>, tensor<8x4xf32, #ssm.dims<D, M>>)
      -> tensor<4xf32, #ssm.dims<L>>
  return
}

// -----

func.func @summed(%a: tensor<4x8xf32, #ssm.dims<L, D>>, %b: tensor<4xf32, #ssm.dims<M>>) {
  // expected-error @+1 {{sums over 'D', which both operands must have}}
  %0 = tile.product %a, %b over ["D"] : (tensor<4x8xf32, #ssm.dims<L, D>>, tensor<4xf32, #ssm.dims<M>>)
      -> tensor<4x4xf32, #ssm.dims<L, M>>
  return
}

// -----

func.func @spread(%a: tensor<4x8xf32, #ssm.dims<L, D>>) {
  // expected-error @+1 {{loses dimension 'D'}}
  %0 = tile.spread %a : tensor<4x8xf32, #ssm.dims<L, D>> -> tensor<4x2xf32, #ssm.dims<L, M>>
  return
}

// -----

func.func @part(%a: tensor<8xf32, #ssm.dims<D>>) {
  // expected-error @+1 {{makes 6 elements of 8}}
  %0 = tile.part %a "D" into ["K", "P"] : tensor<8xf32, #ssm.dims<D>> -> tensor<2x3xf32, #ssm.dims<K, P>>
  return
}

// -----

func.func @custom(%a: tensor<8xf32, #ssm.dims<D>>) {
  // expected-error @+1 {{'custom' needs a region}}
  %0 = tile.combine custom(%a) over ["D"] : tensor<8xf32, #ssm.dims<D>> -> tensor<f32>
  return
}

// -----

func.func @affine(%a: tensor<8xf32, #ssm.dims<L>>) {
  // expected-error @+1 {{'affine' takes a coefficient and a term, or real and imaginary parts of both}}
  %0 = tile.running affine(%a) along "L" : tensor<8xf32, #ssm.dims<L>> -> tensor<8xf32, #ssm.dims<L>>
  return
}

// -----

func.func @carried(%x: tensor<8x4xf32, #ssm.dims<L, D>>) {
  // expected-error @+1 {{carries a tile along 'L', along which it runs}}
  %0 = tile.recur L = %t over(%u = %x : tensor<8x4xf32, #ssm.dims<L, D>>) carry(%h = %x : tensor<8x4xf32, #ssm.dims<L, D>>) {
    tile.yield %h : tensor<8x4xf32, #ssm.dims<L, D>>
  }
  return
}
