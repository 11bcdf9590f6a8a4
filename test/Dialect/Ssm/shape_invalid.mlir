// RUN: %ssm-opt %s --split-input-file --verify-diagnostics

func.func @f(%y: tensor<?x?xf32, #ssm.dims<L, B>>) {
  // expected-error @below {{loses dimension 'L'}}
  %0 = ssm.align %y : tensor<?x?xf32, #ssm.dims<L, B>> -> tensor<?xf32, #ssm.dims<B>>
  return
}

// -----

func.func @f(%y: tensor<3xf32, #ssm.dims<L>>) {
  // expected-error @below {{changes the size of 'L' from 3 to 4}}
  %0 = ssm.align %y : tensor<3xf32, #ssm.dims<L>> -> tensor<4xf32, #ssm.dims<L>>
  return
}

// -----

func.func @f(%y: tensor<3xf32, #ssm.dims<L>>) {
  // expected-error @below {{changes the element type}}
  %0 = ssm.align %y : tensor<3xf32, #ssm.dims<L>> -> tensor<3xf64, #ssm.dims<L>>
  return
}

// -----

func.func @f(%y: tensor<?xf32, #ssm.dims<L>>) {
  // expected-error @below {{renames 1 dimensions to 2 names}}
  %0 = ssm.rename %y ["L"] to ["M", "N"] : tensor<?xf32, #ssm.dims<L>> -> tensor<?xf32, #ssm.dims<M>>
  return
}

// -----

func.func @f(%y: tensor<?xf32, #ssm.dims<L>>) {
  // expected-error @below {{has no dimension 'K' in [L]}}
  %0 = ssm.rename %y ["K"] to ["M"] : tensor<?xf32, #ssm.dims<L>> -> tensor<?xf32, #ssm.dims<M>>
  return
}

// -----

// Two dimensions cannot take one name.
func.func @f(%y: tensor<?x?xf32, #ssm.dims<B, L>>) {
  // expected-error @below {{gives [B, B], not [B, M]}}
  %0 = ssm.rename %y ["L"] to ["B"] : tensor<?x?xf32, #ssm.dims<B, L>> -> tensor<?x?xf32, #ssm.dims<B, M>>
  return
}

// -----

func.func @f(%x: tensor<?xf32, #ssm.dims<L>>, %i: tensor<i64>) {
  // expected-error @below {{names 1 dimensions and has 2 indices}}
  %0 = ssm.gather %x at ["L"] (%i, %i) : tensor<?xf32, #ssm.dims<L>>, (tensor<i64>, tensor<i64>) -> tensor<f32>
  return
}

// -----

func.func @f(%x: tensor<?xf32, #ssm.dims<L>>, %i: tensor<i64>) {
  // expected-error @below {{has no dimension 'M' in [L]}}
  %0 = ssm.gather %x at ["M"] (%i) : tensor<?xf32, #ssm.dims<L>>, (tensor<i64>) -> tensor<f32>
  return
}

// -----

func.func @f(%x: tensor<?xf32, #ssm.dims<L>>, %i: tensor<f32>) {
  // expected-error @below {{must be variadic of tensor of i64 with named dimensions}}
  %0 = ssm.gather %x at ["L"] (%i) : tensor<?xf32, #ssm.dims<L>>, (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%x: tensor<?xf32, #ssm.dims<z>>, %i: tensor<i64>) {
  // expected-error @below {{has one index for all of 'z'}}
  %0 = ssm.scatter_add %x along "z" at %i into "r" : tensor<?xf32, #ssm.dims<z>>, tensor<i64> -> tensor<?xf32, #ssm.dims<r>>
  return
}

// -----

func.func @f(%x: tensor<?x?xf32, #ssm.dims<z, r>>, %i: tensor<?xi64, #ssm.dims<z>>) {
  // expected-error @below {{gives 'r', which the operand has already}}
  %0 = ssm.scatter_add %x along "z" at %i into "r" : tensor<?x?xf32, #ssm.dims<z, r>>, tensor<?xi64, #ssm.dims<z>> -> tensor<?xf32, #ssm.dims<r>>
  return
}

// -----

func.func @f(%x: tensor<?xf32, #ssm.dims<z>>, %i: tensor<?x?xi64, #ssm.dims<z, b>>) {
  // expected-error @below {{has an index along 'b', which [z] lacks}}
  %0 = ssm.scatter_add %x along "z" at %i into "r" : tensor<?xf32, #ssm.dims<z>>, tensor<?x?xi64, #ssm.dims<z, b>> -> tensor<?xf32, #ssm.dims<r>>
  return
}

// -----

func.func @f(%x: tensor<?xf32, #ssm.dims<L>>, %k: tensor<i64>) {
  // expected-error @below {{has no dimension 'M' in [L]}}
  %0 = ssm.shift %x along "M" by %k : tensor<?xf32, #ssm.dims<L>>
  return
}

// -----

func.func @f(%h: tensor<?x3xf32, #ssm.dims<B, K>>, %u: tensor<?xf32, #ssm.dims<L>>) {
  // expected-error @below {{joins [B, K] and [L], which differ in other dimensions}}
  %0 = ssm.concat %h along "K", %u along "L" to "E" : tensor<?x3xf32, #ssm.dims<B, K>>, tensor<?xf32, #ssm.dims<L>> -> tensor<?x?xf32, #ssm.dims<B, E>>
  return
}

// -----

func.func @f(%h: tensor<3xf32, #ssm.dims<K>>, %u: tensor<4xf32, #ssm.dims<L>>) {
  // expected-error @below {{gives 'E' of size 7, not 8}}
  %0 = ssm.concat %h along "K", %u along "L" to "E" : tensor<3xf32, #ssm.dims<K>>, tensor<4xf32, #ssm.dims<L>> -> tensor<8xf32, #ssm.dims<E>>
  return
}

// -----

func.func @f(%u: tensor<64xf32, #ssm.dims<L>>) {
  // expected-error @below {{splits 'L' of size 64 into 63}}
  %0 = ssm.split %u "L" into ["k", "p"] : tensor<64xf32, #ssm.dims<L>> -> tensor<9x7xf32, #ssm.dims<k, p>>
  return
}

// -----

// A part cannot have the name of another dimension.
func.func @f(%u: tensor<?x?xf32, #ssm.dims<B, L>>) {
  // expected-error @below {{gives [B, B, p], not [B, k, p]}}
  %0 = ssm.split %u "L" into ["B", "p"] : tensor<?x?xf32, #ssm.dims<B, L>> -> tensor<?x?x?xf32, #ssm.dims<B, k, p>>
  return
}

// -----

func.func @f(%u: tensor<?xf32, #ssm.dims<k>>) {
  // expected-error @below {{has no dimension 'p' in [k]}}
  %0 = ssm.join %u ["k", "p"] into "I" : tensor<?xf32, #ssm.dims<k>> -> tensor<?xf32, #ssm.dims<I>>
  return
}
