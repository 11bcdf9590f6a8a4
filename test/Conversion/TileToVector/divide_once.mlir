// RUN: %ssm-opt %s --convert-tile-to-vector --canonicalize --cse | FileCheck %s

!x = tensor<4x32xf32, #ssm.dims<M, L>>
!v = !tile.view<4x32xf32, #ssm.dims<M, L>>

// One divisor for all elements, of a size and a number: they are multiplied by its inverse.
// CHECK-LABEL: func.func @scores
// CHECK: %[[ROOT:.*]] = math.sqrt
// CHECK: %[[SCALED:.*]] = arith.mulf %[[ROOT]]
// CHECK: %[[INVERSE:.*]] = arith.divf %{{.*}}, %[[SCALED]] : f32
// CHECK: scf.for
// CHECK-NOT: arith.divf
// CHECK: arith.mulf %{{.*}} : vector<16xf32>
func.func @scores(%x: memref<4x32xf32>, %y: memref<4x32xf32>, %D: index) {
  %c1 = arith.constant 1 : index
  %twenty = arith.constant dense<20.0> : tensor<f32>
  %X = tile.view %x : memref<4x32xf32> to !v
  %Y = tile.view %y : memref<4x32xf32> to !v
  tile.program owns(B = %b : 1 of %c1) {
    %0 = tile.spread %D : index -> tensor<i64>
    %1 = arith.sitofp %0 : tensor<i64> to tensor<f32>
    %2 = math.sqrt %1 : tensor<f32>
    %3 = arith.mulf %2, %twenty : tensor<f32>
    %4 = tile.read %X : !v -> !x
    %5 = tile.spread %3 : tensor<f32> -> !x
    %6 = arith.divf %4, %5 : !x
    tile.write %6 to %Y : !x to !v
  }
  return
}

// A divisor that is read may be so small that 1 divided by it is infinite.
// CHECK-LABEL: func.func @read
// CHECK: arith.divf %{{.*}} : vector<16xf32>
func.func @read(%x: memref<4x32xf32>, %y: memref<4x32xf32>, %d: memref<f32>) {
  %c1 = arith.constant 1 : index
  %X = tile.view %x : memref<4x32xf32> to !v
  %Y = tile.view %y : memref<4x32xf32> to !v
  %d0 = tile.view %d : memref<f32> to !tile.view<f32>
  tile.program owns(B = %b : 1 of %c1) {
    %3 = tile.read %d0 : !tile.view<f32> -> tensor<f32>
    %4 = tile.read %X : !v -> !x
    %5 = tile.spread %3 : tensor<f32> -> !x
    %6 = arith.divf %4, %5 : !x
    tile.write %6 to %Y : !x to !v
  }
  return
}

// So may a product of sizes and a tiny number.
// CHECK-LABEL: func.func @tiny
// CHECK: arith.divf %{{.*}} : vector<16xf32>
func.func @tiny(%x: memref<4x32xf32>, %y: memref<4x32xf32>, %D: index) {
  %c1 = arith.constant 1 : index
  %small = arith.constant dense<1.0e-37> : tensor<f32>
  %X = tile.view %x : memref<4x32xf32> to !v
  %Y = tile.view %y : memref<4x32xf32> to !v
  tile.program owns(B = %b : 1 of %c1) {
    %0 = tile.spread %D : index -> tensor<i64>
    %1 = arith.sitofp %0 : tensor<i64> to tensor<f32>
    %3 = arith.mulf %1, %small : tensor<f32>
    %4 = tile.read %X : !v -> !x
    %5 = tile.spread %3 : tensor<f32> -> !x
    %6 = arith.divf %4, %5 : !x
    tile.write %6 to %Y : !x to !v
  }
  return
}
