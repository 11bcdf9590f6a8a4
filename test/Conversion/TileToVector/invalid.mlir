// RUN: %ssm-opt %s --convert-tile-to-vector="scratch-bytes=65536" --split-input-file --verify-diagnostics

func.func @large(%x: memref<256x256xf32>) {
  %c1 = arith.constant 1 : index
  %X = tile.view %x : memref<256x256xf32> to !tile.view<256x256xf32, #ssm.dims<L, D>>
  // expected-error @+1 {{needs 263168 bytes of scratch for an item, of 65536; its tiles are too large}}
  tile.program owns(Z = %z : 1 of %c1) {
    %0 = tile.read %X : !tile.view<256x256xf32, #ssm.dims<L, D>> -> tensor<256x256xf32, #ssm.dims<L, D>>
    %1 = tile.combine add(%0) over ["D"] : tensor<256x256xf32, #ssm.dims<L, D>> -> tensor<256xf32, #ssm.dims<L>>
    %2 = tile.spread %1 : tensor<256xf32, #ssm.dims<L>> -> tensor<256x256xf32, #ssm.dims<L, D>>
    %3 = arith.divf %0, %2 : tensor<256x256xf32, #ssm.dims<L, D>>
    tile.write %3 to %X : tensor<256x256xf32, #ssm.dims<L, D>> to !tile.view<256x256xf32, #ssm.dims<L, D>>
  }
  return
}

// -----

func.func @strided(%x: memref<?xf32, strided<[2]>>) {
  %c1 = arith.constant 1 : index
  // expected-error @+1 {{must be of a dense memref to run on a CPU}}
  %X = tile.view %x : memref<?xf32, strided<[2]>> to !tile.view<?xf32, #ssm.dims<L>>
  tile.program owns(Z = %z : 1 of %c1) {
    %0 = tile.read %X : !tile.view<?xf32, #ssm.dims<L>> -> tensor<16xf32, #ssm.dims<L>>
    tile.write %0 to %X : tensor<16xf32, #ssm.dims<L>> to !tile.view<?xf32, #ssm.dims<L>>
  }
  return
}
