// RUN: %ssm-opt %s --convert-tile-to-vector --canonicalize --cse | FileCheck %s

// Rows that lie apart are asked for a tile ahead of the loop that walks them; what lies side by side along it is not.
// CHECK-LABEL: func.func @rows
// CHECK-SAME: %[[X:[a-z0-9]+]]: memref<?x64xf32>, %[[Y:[a-z0-9]+]]: memref<64x?xf32>
// CHECK: memref.prefetch %[[X]]
// CHECK-NOT: memref.prefetch %[[Y]]
func.func @rows(%x: memref<?x64xf32>, %y: memref<64x?xf32>, %z: memref<64xf32>, %n: index) {
  %X = tile.view %x : memref<?x64xf32> to !tile.view<?x64xf32, #ssm.dims<L, D>>
  %Y = tile.view %y : memref<64x?xf32> to !tile.view<64x?xf32, #ssm.dims<D, L>>
  %Z = tile.view %z : memref<64xf32> to !tile.view<64xf32, #ssm.dims<D>>
  %zero = arith.constant dense<0.0> : tensor<64xf32, #ssm.dims<D>>
  %c0 = arith.constant 0 : index
  tile.program owns() {
    %sum = tile.loop L = %l : 16 from %c0 to %n order up carry(%acc = %zero : tensor<64xf32, #ssm.dims<D>>) {
      %a = tile.read %X[L = %l] : !tile.view<?x64xf32, #ssm.dims<L, D>> -> tensor<16x64xf32, #ssm.dims<L, D>>
      %b = tile.read %Y[L = %l] : !tile.view<64x?xf32, #ssm.dims<D, L>> -> tensor<64x16xf32, #ssm.dims<D, L>>
      %r = tile.combine add(%a) over ["L"] : tensor<16x64xf32, #ssm.dims<L, D>> -> tensor<64xf32, #ssm.dims<D>>
      %s = tile.combine add(%b) over ["L"] : tensor<64x16xf32, #ssm.dims<D, L>> -> tensor<64xf32, #ssm.dims<D>>
      %t = arith.addf %r, %s : tensor<64xf32, #ssm.dims<D>>
      %next = arith.addf %acc, %t : tensor<64xf32, #ssm.dims<D>>
      tile.yield %next : tensor<64xf32, #ssm.dims<D>>
    }
    tile.write %sum to %Z : tensor<64xf32, #ssm.dims<D>> to !tile.view<64xf32, #ssm.dims<D>>
  }
  return
}
