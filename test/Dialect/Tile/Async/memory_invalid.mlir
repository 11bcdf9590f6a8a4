// RUN: %ssm-opt %s --split-input-file --verify-diagnostics

func.func @rank(%x: !tile.global<f32, 2>) {
  // expected-error @+1 {{has an index (and a size) for every dimension of '!tile.global<f32, 2>'}}
  %t = tile.load %x[0] : !tile.global<f32, 2> -> tensor<64xf32, #tile.col>
  return
}

// -----

func.func @sizes(%x: !tile.global<f32, 2>) {
  // expected-error @+1 {{the sizes, ones aside, are not those of 'tensor<64x64xf32, #tile.acc>'}}
  %t = tile.load %x[0, 0][64, 32] : !tile.global<f32, 2> -> tensor<64x64xf32, #tile.acc>
  return
}

// -----

func.func @outside(%s: !tile.smem<64x64xbf16, sw128>) {
  // expected-error @+1 {{leaves the buffer along dimension 1 of 64}}
  %t = tile.load %s[0, 32] : !tile.smem<64x64xbf16, sw128> -> tensor<64x64xbf16, #tile.acc>
  return
}

// -----

func.func @element(%x: !tile.global<f32, 2>) {
  // expected-error @+1 {{moves 'bf16' to or from elements of 'f32'}}
  %t = tile.load %x[0, 0] : !tile.global<f32, 2> -> tensor<64x64xbf16, #tile.acc>
  return
}

// -----

func.func @layout(%x: !tile.global<f32, 2>) {
  // expected-error @+1 {{moves tiles with a layout, not 'tensor<64x64xf32>'}}
  %t = tile.load %x[0, 0] : !tile.global<f32, 2> -> tensor<64x64xf32>
  return
}

// -----

func.func @scalar(%s: !tile.smem<4xi32>) {
  // expected-error @+1 {{moves 'f32' to or from elements of 'i32'}}
  %t = tile.load %s[0] : !tile.smem<4xi32> -> f32
  return
}

// -----

func.func @relaxed(%x: !tile.global<f32, 2>) {
  // expected-error @+1 {{only scalars are relaxed}}
  %t = tile.load %x[0, 0] relaxed : !tile.global<f32, 2> -> tensor<64x64xf32, #tile.acc>
  return
}

// -----

tile.kernel @one_thread(%x: !tile.global<f32, 2>) {
  tile.role @a thread {
    // expected-error @+1 {{role @a is one thread: it has scalars, no tiles}}
    %t = tile.load %x[0, 0] : !tile.global<f32, 2> -> tensor<64x64xf32, #tile.acc>
  }
}

// -----

func.func @fill(%s: !tile.smem<4xi32>) {
  // expected-error @+1 {{fills '!tile.smem<4xi32>' with a 'f32'}}
  tile.fill %s, 0.0 : f32 in !tile.smem<4xi32>
  return
}

// -----

func.func @counter(%x: !tile.global<f32, 0>, %n: index) {
  // expected-error @+1 {{adds to an i32, not to 'f32'}}
  %o = tile.atomic_add %x[], %n : !tile.global<f32, 0>
  return
}

// -----

func.func @stride(%x: !tile.global<f32, 1>, %n: index) {
  // expected-error @+1 {{a view's innermost stride is 1}}
  %v = tile.global %x[0] sizes [%n] strides [%n] : !tile.global<f32, 1> to !tile.global<f32, 1>
  return
}
