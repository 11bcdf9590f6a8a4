// RUN: %ssm-opt %s --convert-tile-to-vector --canonicalize | FileCheck %s

// Of eight sequences those are computed that the item has; the tile between the passes is stored as far.
// CHECK-LABEL: func.func @rows
// CHECK: scf.parallel (%[[AT:.*]]) = (%c0{{.*}}) to (%[[N:.*]]) step (%c8{{.*}})
// CHECK:   %[[REST:.*]] = arith.subi %[[N]], %[[AT]]
// CHECK:   %[[END:.*]] = arith.minsi %[[REST]], %c8
// CHECK:   scf.for %{{.*}} = %c0{{.*}} to %[[END]] step %c1
// CHECK:     arith.maximumf
// CHECK:   scf.for %{{.*}} = %c0{{.*}} to %{{[0-9]+}} step
func.func @rows(%x: memref<?x64xf32>, %y: memref<?x64xf32>, %n: index) {
  %in = tile.view %x : memref<?x64xf32> to <?x64xf32, #ssm.dims<B, D>>
  %out = tile.view %y : memref<?x64xf32> to <?x64xf32, #ssm.dims<B, D>>
  tile.program owns(B = %b : 8 of %n) {
    %t = tile.read %in[B = %b] : <?x64xf32, #ssm.dims<B, D>> -> tensor<8x64xf32, #ssm.dims<B, D>>
    %m = tile.combine max(%t) over ["D"] : tensor<8x64xf32, #ssm.dims<B, D>> -> tensor<8xf32, #ssm.dims<B>>
    %s = tile.spread %m : tensor<8xf32, #ssm.dims<B>> -> tensor<8x64xf32, #ssm.dims<B, D>>
    %d = arith.subf %t, %s : tensor<8x64xf32, #ssm.dims<B, D>>
    tile.write %d to %out[B = %b] : tensor<8x64xf32, #ssm.dims<B, D>> to <?x64xf32, #ssm.dims<B, D>>
  }
  return
}

// What other elements are made of is computed whole: behind the end a read gives what it is filled with.
// CHECK-LABEL: func.func @combined
// CHECK: scf.parallel
// CHECK: scf.for %{{.*}} = %c0 to %c8 step %c1 iter_args
// CHECK:   arith.addf
func.func @combined(%x: memref<?x64xf32>, %y: memref<?x64xf32>, %n: index) {
  %in = tile.view %x : memref<?x64xf32> to <?x64xf32, #ssm.dims<B, D>>
  %out = tile.view %y : memref<?x64xf32> to <?x64xf32, #ssm.dims<B, D>>
  tile.program owns(B = %b : 8 of %n) {
    %t = tile.read %in[B = %b] : <?x64xf32, #ssm.dims<B, D>> -> tensor<8x64xf32, #ssm.dims<B, D>>
    %m = tile.combine add(%t) over ["B"] : tensor<8x64xf32, #ssm.dims<B, D>> -> tensor<64xf32, #ssm.dims<D>>
    %s = tile.spread %m : tensor<64xf32, #ssm.dims<D>> -> tensor<8x64xf32, #ssm.dims<B, D>>
    tile.write %s to %out[B = %b] : tensor<8x64xf32, #ssm.dims<B, D>> to <?x64xf32, #ssm.dims<B, D>>
  }
  return
}
