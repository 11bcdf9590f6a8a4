// RUN: %ssm-opt %s --convert-tile-to-vector --canonicalize --cse | FileCheck %s

// Complex elements that lie side by side are read as twice as many reals and taken apart by shuffles.
!c = !tile.view<4x32xcomplex<f32>, #ssm.dims<L, D>>
!t = tensor<32xf32, #ssm.dims<D>>
// CHECK-LABEL: func.func @beside
// CHECK-NOT: vector.gather
// CHECK: %[[BOTH:.*]] = vector.maskedload {{.*}} into vector<32xf32>
// CHECK: vector.shuffle %[[BOTH]], %[[BOTH]] [0, 2, 4,
// CHECK: vector.shuffle %[[BOTH]], %[[BOTH]] [1, 3, 5,
// CHECK-NOT: vector.scatter
// CHECK: vector.maskedstore
func.func @beside(%x: memref<4x32xcomplex<f32>>, %L: index) {
  %A = tile.view %x : memref<4x32xcomplex<f32>> to !c
  tile.program owns(L = %l : 1 of %L) {
    %re, %im = tile.read %A[L = %l] : !c -> !t, !t
    tile.write %im, %re to %A[L = %l] : !t, !t to !c
  }
  return
}

// Those that lie apart are gathered.
// CHECK-LABEL: func.func @apart
// CHECK: vector.gather
!d = !tile.view<32x4xcomplex<f32>, #ssm.dims<D, L>>
func.func @apart(%x: memref<32x4xcomplex<f32>>, %y: memref<4x32xcomplex<f32>>, %L: index) {
  %A = tile.view %x : memref<32x4xcomplex<f32>> to !d
  %B = tile.view %y : memref<4x32xcomplex<f32>> to !c
  tile.program owns(L = %l : 1 of %L) {
    %re, %im = tile.read %A[L = %l] : !d -> !t, !t
    tile.write %re, %im to %B[L = %l] : !t, !t to !c
  }
  return
}
