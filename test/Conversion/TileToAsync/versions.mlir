// RUN: ssm-opt %s --convert-tile-to-async --canonicalize --cse | FileCheck %s
// Rows of open size: those that a warp or a warpgroup holds are read once, in wide loads where they are multiples of 16
// bytes; longer ones are walked, and combined when all is read.
// CHECK-LABEL: tile.kernel @forward_0_row512
// CHECK-SAME: !tile.global<f32, 2, 4>
// CHECK: tile.role @items warp x 4
// CHECK-COUNT-1: tile.load
// CHECK-NOT: tile.load
// CHECK: tile.reduce addf
// CHECK: tile.store
// CHECK-LABEL: tile.kernel @forward_0_row4096
// CHECK: tile.role @items group
// CHECK: tile.load {{.*}}[1, 4096] : !tile.global<f32, 2, 4>
// CHECK-NOT: tile.load
// CHECK: tile.store
// CHECK-LABEL: tile.kernel @forward_0_rows2048
// CHECK: scf.for
// CHECK-NOT: tile.reduce
// CHECK: scf.yield
// CHECK: tile.reduce addf
// CHECK: scf.for
// CHECK: tile.store
// CHECK-LABEL: tile.kernel @forward_0_rows1024u
// CHECK-SAME: !tile.global<f32, 2>
// CHECK-LABEL: func.func @forward
// CHECK: tile.launch @forward_0_row512 grid {{.*}} where [sub(512, D), sub(D, 1)]
// CHECK: tile.launch @forward_0_row2048 otherwise grid {{.*}} where [sub(2048, D), sub(D, 1)]
// CHECK: tile.launch @forward_0_row4096 otherwise
// CHECK: tile.launch @forward_0_rows2048 otherwise grid [L, 1, 1](
// CHECK: tile.launch @forward_0_row2048u otherwise
// CHECK: tile.launch @forward_0_rows1024u otherwise grid [L, 1, 1](
func.func private @forward.0(%x: memref<?x?xf32>, %y: memref<?x?xf32>, %n: index, %m: index) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant dense<0.0> : tensor<f32>
  %none = arith.constant dense<0.0> : tensor<1024xf32, #ssm.dims<D>>
  %X = tile.view %x : memref<?x?xf32> to !tile.view<?x?xf32, #ssm.dims<L, D>>
  %Y = tile.view %y : memref<?x?xf32> to !tile.view<?x?xf32, #ssm.dims<L, D>>
  tile.program owns(L = %l : 1 of %n) {
    %s = tile.loop D = %d : 1024 from %c0 to %m order any carry(%h = %zero : tensor<f32>) {
      %a = tile.read %X[L = %l, D = %d] : !tile.view<?x?xf32, #ssm.dims<L, D>> -> tensor<1024xf32, #ssm.dims<D>>
      %c = tile.combine add(%a) over ["D"] : tensor<1024xf32, #ssm.dims<D>> -> tensor<f32>
      %t = arith.addf %h, %c : tensor<f32>
      tile.yield %t : tensor<f32>
    }
    tile.loop D = %d : 1024 from %c0 to %m order any {
      %a = tile.read %X[L = %l, D = %d] : !tile.view<?x?xf32, #ssm.dims<L, D>> -> tensor<1024xf32, #ssm.dims<D>>
      %b = tile.spread %s : tensor<f32> -> tensor<1024xf32, #ssm.dims<D>>
      %o = arith.subf %a, %b : tensor<1024xf32, #ssm.dims<D>>
      tile.write %o to %Y[L = %l, D = %d] : tensor<1024xf32, #ssm.dims<D>> to !tile.view<?x?xf32, #ssm.dims<L, D>>
    }
  }
  return
}
func.func @forward(%x: tensor<?x?xf32, #ssm.dims<L, D>>) -> tensor<?x?xf32, #ssm.dims<L, D>>
    attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<D>]} {
  %y = ssm.launch @forward.0(%x) sizes ["L", "D"] : (tensor<?x?xf32, #ssm.dims<L, D>>) -> tensor<?x?xf32, #ssm.dims<L, D>>
  return %y : tensor<?x?xf32, #ssm.dims<L, D>>
}
