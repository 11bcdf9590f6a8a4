// RUN: %ssm-opt %s --convert-tile-to-vector --canonicalize | FileCheck %s

// Of an open dimension the tile's size is a guess: the sum stops where both operands end, a block behind the end is
// zero, and rows that are not written are not computed.
!a = !tile.view<?x?xf32, #ssm.dims<I, K>>
!b = !tile.view<?x32xf32, #ssm.dims<K, J>>
!c = !tile.view<?x32xf32, #ssm.dims<I, J>>
!at = tensor<8x64xf32, #ssm.dims<I, K>>
!bt = tensor<64x32xf32, #ssm.dims<K, J>>
!ct = tensor<8x32xf32, #ssm.dims<I, J>>
// CHECK-LABEL: func.func @open
// CHECK: %[[REST:.*]] = arith.minsi %{{.*}}, %c64
// CHECK: scf.if
// CHECK:   scf.for %{{.*}} = %c0 to %{{.*}} step %c1 iter_args
// CHECK: else
// CHECK: %[[ROWS:.*]] = arith.minsi %{{.*}}, %c8
// CHECK: scf.for %{{.*}} = %c0 to %[[ROWS]]
// CHECK:   math.exp
func.func @open(%x: memref<?x?xf32>, %y: memref<?x32xf32>, %z: memref<?x32xf32>, %I: index, %k: index) {
  %A = tile.view %x : memref<?x?xf32> to !a
  %B = tile.view %y : memref<?x32xf32> to !b
  %C = tile.view %z : memref<?x32xf32> to !c
  tile.program owns(I = %i : 8 of %I) {
    %0 = tile.read %A[I = %i, K = %k] : !a -> !at
    %1 = tile.read %B[K = %k] : !b -> !bt
    %2 = tile.product %0, %1 over ["K"] : (!at, !bt) -> !ct
    %3 = math.exp %2 : !ct
    tile.write %3 to %C[I = %i] : !ct to !c
  }
  return
}

// What is read whole ends with the tile.
// CHECK-LABEL: func.func @whole
// CHECK-NOT: arith.minsi
// CHECK-NOT: scf.if
// CHECK: scf.for %{{.*}} = %c0 to %c64 step %c1 iter_args
!w = !tile.view<64x32xf32, #ssm.dims<K, J>>
!v = !tile.view<8x64xf32, #ssm.dims<I, K>>
!u = !tile.view<8x32xf32, #ssm.dims<I, J>>
func.func @whole(%x: memref<8x64xf32>, %y: memref<64x32xf32>, %z: memref<8x32xf32>) {
  %A = tile.view %x : memref<8x64xf32> to !v
  %B = tile.view %y : memref<64x32xf32> to !w
  %C = tile.view %z : memref<8x32xf32> to !u
  tile.program owns() {
    %0 = tile.read %A : !v -> !at
    %1 = tile.read %B : !w -> !bt
    %2 = tile.product %0, %1 over ["K"] : (!at, !bt) -> !ct
    tile.write %2 to %C : !ct to !u
  }
  return
}
