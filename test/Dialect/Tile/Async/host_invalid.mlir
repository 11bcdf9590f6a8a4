// RUN: %ssm-opt %s --split-input-file --verify-diagnostics

func.func @alloc() {
  // expected-error @+1 {{open dimensions want names in the type, or sizes}}
  %y = tile.alloc : tensor<?xf32>
  return
}

// -----

func.func @sizes() {
  // expected-error @+1 {{has 1 sizes, not 2}}
  %y = tile.alloc sizes [M] : tensor<?x?xf32>
  return
}

// -----

func.func @element(%x: tensor<?xf32, #ssm.dims<M>>) {
  // expected-error @+1 {{views 'f32' as 'bf16'}}
  %v = tile.global_view %x sizes [M] strides [1] : tensor<?xf32, #ssm.dims<M>> -> !tile.global<bf16, 1>
  return
}

// -----

func.func @stride(%x: tensor<?xbf16, #ssm.dims<M>>) {
  // expected-error @+1 {{a stride of 12 elements is no multiple of 16 bytes}}
  %m = tile.tensor_map %x dims [64, M] strides [12] : tensor<?xbf16, #ssm.dims<M>> -> !tile.map<bf16, 64x8, sw128>
  return
}

// -----

func.func @no_kernel() {
  // expected-error @+1 {{there is no kernel @k}}
  tile.launch @k grid [1, 1, 1] ()
  return
}

// -----

tile.kernel @k(%n: index) {
}
func.func @arguments() {
  // expected-error @+1 {{gives 0 arguments to @k, which takes 1}}
  tile.launch @k grid [1, 1, 1] ()
  return
}

// -----

tile.kernel @k(%n: index) {
}
func.func @argument(%f: f32) {
  // expected-error @+1 {{argument 0 of @k is 'index', not 'f32'}}
  tile.launch @k grid [1, 1, 1] (%f) : f32
  return
}

// -----

tile.kernel @k() {
}
func.func @grid() {
  // expected-error @+1 {{has 2 sizes of a grid, not 3}}
  tile.launch @k grid [1, 1] ()
  return
}

// -----

func.func @tf32(%s: tensor<?xbf16, #ssm.dims<L>>) attributes {ssm.dims = [#ssm.dim<L>]} {
  // expected-error @+1 {{rounds to tf32 what is 'bf16', not f32}}
  %m = tile.tensor_map %s dims [L] strides [] tf32 : tensor<?xbf16, #ssm.dims<L>> -> !tile.map<bf16, 64, sw128>
  return
}

// -----

tile.kernel @k() {
}
func.func @alone() {
  // expected-error @+1 {{says where it fits, and no launch after it says what runs otherwise}}
  tile.launch @k grid [1, 1, 1] where [sub(4096, K)] ()
  return
}

// -----

tile.kernel @k() {
}
func.func @first() {
  // expected-error @+1 {{runs otherwise, and no launch stands before it}}
  tile.launch @k otherwise grid [1, 1, 1] ()
  return
}
