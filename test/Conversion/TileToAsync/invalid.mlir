// RUN: ssm-opt %s --convert-tile-to-async --split-input-file --verify-diagnostics
func.func private @f64(%x: memref<?xf64>, %n: index) {
  %X = tile.view %x : memref<?xf64> to !tile.view<?xf64, #ssm.dims<L>>
  tile.program owns(L = %l : 128 of %n) {
    // expected-error @+1 {{this has no kernel for the GPU: elements of f64 in memory; f32, bf16, f16 and i32 are loaded and stored}}
    %a = tile.read %X[L = %l] : !tile.view<?xf64, #ssm.dims<L>> -> tensor<128xf64, #ssm.dims<L>>
    tile.write %a to %X[L = %l] : tensor<128xf64, #ssm.dims<L>> to !tile.view<?xf64, #ssm.dims<L>>
  }
  return
}

// -----

func.func private @hangs(%x: memref<?xf32>, %n: index) {
  %X = tile.view %x : memref<?xf32> to !tile.view<?xf32, #ssm.dims<L>>
  tile.program owns(L = %l : 40 of %n) {
    %a = tile.read %X[L = %l] : !tile.view<?xf32, #ssm.dims<L>> -> tensor<40xf32, #ssm.dims<L>>
    // expected-error @+1 {{tiles of 40 along 'L' do not divide among 32 threads with 2 elements each; multiples of 64 do}}
    tile.write %a to %X[L = %l] : tensor<40xf32, #ssm.dims<L>> to !tile.view<?xf32, #ssm.dims<L>>
  }
  return
}

// -----

func.func private @table(%x: memref<?xf32>, %i: memref<?xi32>, %y: memref<?xf32>, %n: index) {
  %Y = tile.view %y : memref<?xf32> to !tile.view<?xf32, #ssm.dims<L>>
  %X = tile.view %x : memref<?xf32> to !tile.view<?xf32, #ssm.dims<V>>
  %I = tile.view %i : memref<?xi32> to !tile.view<?xi32, #ssm.dims<L>>
  // expected-error @+2 {{none of its dimensions can lie along threads}}
  // expected-note @+1 {{not 'L': elements are picked along it by a table}}
  tile.program owns(L = %l : 128 of %n) {
    %k = tile.read %I[L = %l] : !tile.view<?xi32, #ssm.dims<L>> -> tensor<128xi32, #ssm.dims<L>>
    %a = tile.read %X[V = %k : tensor<128xi32, #ssm.dims<L>>] : !tile.view<?xf32, #ssm.dims<V>> -> tensor<128xf32, #ssm.dims<L>>
    tile.write %a to %Y[L = %l] : tensor<128xf32, #ssm.dims<L>> to !tile.view<?xf32, #ssm.dims<L>>
  }
  return
}

// -----

// What is an argument as it is has no memory of its own.
func.func @forward(%x: tensor<?xf32, #ssm.dims<L>>) -> tensor<?xf32, #ssm.dims<L>> attributes {ssm.dims = [#ssm.dim<L>]} {
  // expected-error @+1 {{result 0 has no kernel for the GPU: it is an argument, or another result, as it is}}
  return %x : tensor<?xf32, #ssm.dims<L>>
}

// -----

func.func @forward(%x: tensor<?xf32, #ssm.dims<L>>) -> tensor<?xf32, #ssm.dims<L>> attributes {ssm.dims = [#ssm.dim<L>]} {
  // expected-error @+1 {{this has no kernel for the GPU yet: 'map'}}
  %y = ssm.map exp(%x) : (tensor<?xf32, #ssm.dims<L>>) -> tensor<?xf32, #ssm.dims<L>>
  return %y : tensor<?xf32, #ssm.dims<L>>
}
