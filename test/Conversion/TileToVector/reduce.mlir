// RUN: %ssm-opt %s --convert-tile-to-vector --canonicalize --cse | FileCheck %s

!x = tensor<8x32xf32, #ssm.dims<M, L>>

// What is reduced and what is stored share a pass; the reduced dimension is the
// inner loop, its results are in registers.
// CHECK-LABEL: func.func @rows
// CHECK: scf.for {{.*}} iter_args(%{{.*}} = %{{.*}}, %{{.*}} = %{{.*}}) -> (vector<16xf32>, vector<16xf32>)
// CHECK: arith.maximumf
// CHECK: vector.store
// CHECK: scf.yield
func.func @rows(%x: memref<8x32xf32>, %z: memref<8x32xf32>, %y: memref<32xf32>) {
  %c1 = arith.constant 1 : index
  %X = tile.view %x : memref<8x32xf32> to !tile.view<8x32xf32, #ssm.dims<M, L>>
  %Z = tile.view %z : memref<8x32xf32> to !tile.view<8x32xf32, #ssm.dims<M, L>>
  %Y = tile.view %y : memref<32xf32> to !tile.view<32xf32, #ssm.dims<L>>
  tile.program owns(B = %b : 1 of %c1) {
    %0 = tile.read %X : !tile.view<8x32xf32, #ssm.dims<M, L>> -> !x
    %1 = arith.negf %0 : !x
    %2 = tile.combine max(%1) over ["M"] : !x -> tensor<32xf32, #ssm.dims<L>>
    tile.write %1 to %Z : !x to !tile.view<8x32xf32, #ssm.dims<M, L>>
    tile.write %2 to %Y : tensor<32xf32, #ssm.dims<L>> to !tile.view<32xf32, #ssm.dims<L>>
  }
  return
}

// Along the lanes: vectors first, then halves of one; padding is the identity.
// CHECK-LABEL: func.func @lanes
// CHECK: vector.constant_mask [4]
// CHECK: arith.select %{{.*}}, %{{.*}}, %{{.*}} : vector<16xi1>, vector<16xf32>
// CHECK-COUNT-4: vector.shuffle
// CHECK: vector.extract
func.func @lanes(%x: memref<20xf32>, %y: memref<f32>) {
  %c1 = arith.constant 1 : index
  %X = tile.view %x : memref<20xf32> to !tile.view<20xf32, #ssm.dims<L>>
  %Y = tile.view %y : memref<f32> to !tile.view<f32>
  tile.program owns(Z = %z : 1 of %c1) {
    %0 = tile.read %X : !tile.view<20xf32, #ssm.dims<L>> -> tensor<20xf32, #ssm.dims<L>>
    %1 = tile.combine add(%0) over ["L"] : tensor<20xf32, #ssm.dims<L>> -> tensor<f32>
    tile.write %1 to %Y : tensor<f32> to !tile.view<f32>
  }
  return
}
