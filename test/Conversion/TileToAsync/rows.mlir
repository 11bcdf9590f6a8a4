// RUN: ssm-opt %s --convert-tile-to-async | FileCheck %s
// The lane is what is contiguous; a row a warp, four a CTA, with vectors where the sizes are known to allow them. A vector
// without the lane is a row, and a number read from memory a scalar.
// CHECK: tile.kernel @forward_0(%[[L:.*]]: index, %[[X:.*]]: !tile.global<bf16, 2, 8>, %[[S:.*]]: !tile.global<f32, 2>, %[[Y:.*]]: !tile.global<bf16, 2, 8>)
// CHECK: tile.role @items warp x 4
// CHECK: ^bb0(%[[W:.*]]: index):
// CHECK: %[[CTA:.*]] = tile.cta 0
// CHECK: %[[FIRST:.*]] = arith.muli %[[CTA]]
// CHECK: %[[ITEM:.*]] = arith.addi %[[FIRST]], %[[W]]
// CHECK: scf.if
// CHECK: %[[A:.*]] = tile.load %[[X]][%[[ITEM]], %{{.*}}][1, 512] : !tile.global<bf16, 2, 8> -> tensor<512xbf16, #tile.lanes<32, 8>>
// CHECK: %[[F:.*]] = arith.extf %[[A]]
// CHECK: %[[M:.*]] = tile.reduce maximumf %[[F]] : {{.*}} -> tensor<1xf32, #tile.row<#tile.lanes<32, 8>>>
// CHECK: %[[T:.*]] = tile.load %[[S]][%[[ITEM]], %{{.*}}] : !tile.global<f32, 2> -> f32
// CHECK: %[[TB:.*]] = tile.broadcast %[[T]] : f32 to tensor<1xf32
// CHECK: %[[N:.*]] = arith.addf %[[M]], %[[TB]]
// CHECK: tile.broadcast %[[N]] : tensor<1xf32{{.*}} to tensor<512xf32
// CHECK: tile.store %{{.*}}, %[[Y]][%[[ITEM]], %{{.*}}][1, 512]
// CHECK: func.func @forward
// CHECK: %[[OUT:.*]] = tile.alloc : tensor<?x512xbf16, #ssm.dims<L, D>>
// CHECK-DAG: tile.global_view %{{.*}} sizes [L, 512] strides [512, 1] : {{.*}} -> <bf16, 2, 8>
// CHECK-DAG: tile.global_view %{{.*}} sizes [L, 1] strides [1, 1] : {{.*}} -> <f32, 2>
// CHECK: tile.launch @forward_0 grid [ceildiv(L, 4), 1, 1]
// CHECK: return %[[OUT]]
// CHECK-NOT: @forward.0
func.func private @forward.0(%x: memref<?x512xbf16>, %s: memref<?xf32>, %y: memref<?x512xbf16>, %n: index) {
  %X = tile.view %x : memref<?x512xbf16> to !tile.view<?x512xbf16, #ssm.dims<L, D>>
  %S = tile.view %s : memref<?xf32> to !tile.view<?xf32, #ssm.dims<L>>
  %Y = tile.view %y : memref<?x512xbf16> to !tile.view<?x512xbf16, #ssm.dims<L, D>>
  tile.program owns(L = %l : 1 of %n) {
    %a = tile.read %X[L = %l] : !tile.view<?x512xbf16, #ssm.dims<L, D>> -> tensor<512xbf16, #ssm.dims<D>>
    %f = arith.extf %a : tensor<512xbf16, #ssm.dims<D>> to tensor<512xf32, #ssm.dims<D>>
    %m = tile.combine max(%f) over ["D"] : tensor<512xf32, #ssm.dims<D>> -> tensor<f32>
    %t = tile.read %S[L = %l] : !tile.view<?xf32, #ssm.dims<L>> -> tensor<f32>
    %z = arith.addf %m, %t : tensor<f32>
    %b = tile.spread %z : tensor<f32> -> tensor<512xf32, #ssm.dims<D>>
    %d = arith.subf %f, %b : tensor<512xf32, #ssm.dims<D>>
    %o = arith.truncf %d : tensor<512xf32, #ssm.dims<D>> to tensor<512xbf16, #ssm.dims<D>>
    tile.write %o to %Y[L = %l] : tensor<512xbf16, #ssm.dims<D>> to !tile.view<?x512xbf16, #ssm.dims<L, D>>
  }
  return
}
func.func @forward(%x: tensor<?x512xbf16, #ssm.dims<L, D>>, %s: tensor<?xf32, #ssm.dims<L>>) -> tensor<?x512xbf16, #ssm.dims<L, D>>
    attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<D = 512>]} {
  %y = ssm.launch @forward.0(%x, %s) sizes ["L"]
      : (tensor<?x512xbf16, #ssm.dims<L, D>>, tensor<?xf32, #ssm.dims<L>>) -> tensor<?x512xbf16, #ssm.dims<L, D>>
  return %y : tensor<?x512xbf16, #ssm.dims<L, D>>
}
