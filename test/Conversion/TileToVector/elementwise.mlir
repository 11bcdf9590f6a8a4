// RUN: %ssm-opt %s --convert-tile-to-vector --canonicalize --cse | FileCheck %s

// A chain is one pass over vectors, without scratch; the tail is masked.
// CHECK-LABEL: func.func @chain
// CHECK: scf.parallel (%[[L:.*]]) = (%{{.*}}) to (%{{.*}}) step
// CHECK-NOT: alloca
// CHECK: vector.create_mask
// CHECK: %[[X:.*]] = vector.maskedload %{{.*}}[%{{.*}}]
// CHECK: %[[S:.*]] = arith.mulf %[[X]], %[[X]] : vector<16xf32>
// CHECK: %[[E:.*]] = math.exp %[[S]] : vector<16xf32>
// CHECK: vector.maskedstore %{{.*}}[%{{.*}}], %{{.*}}, %[[E]]
// CHECK-NOT: tile.
func.func @chain(%x: memref<?xf32>, %y: memref<?xf32>, %n: index) {
  %X = tile.view %x : memref<?xf32> to !tile.view<?xf32, #ssm.dims<L>>
  %Y = tile.view %y : memref<?xf32> to !tile.view<?xf32, #ssm.dims<L>>
  tile.program owns(L = %l : 64 of %n) {
    %0 = tile.read %X[L = %l] : !tile.view<?xf32, #ssm.dims<L>> -> tensor<64xf32, #ssm.dims<L>>
    %1 = arith.mulf %0, %0 : tensor<64xf32, #ssm.dims<L>>
    %2 = math.exp %1 : tensor<64xf32, #ssm.dims<L>>
    tile.write %2 to %Y[L = %l] : tensor<64xf32, #ssm.dims<L>> to !tile.view<?xf32, #ssm.dims<L>>
  }
  return
}

// A row's factor is one element for all lanes, loaded outside the loop over them.
// CHECK-LABEL: func.func @spread
// CHECK: %[[R:.*]] = memref.alloca() {{.*}} : memref<4xf32>
// CHECK: scf.for %[[I:.*]] =
// CHECK: %[[F:.*]] = memref.load %[[R]][%[[I]]]
// CHECK: scf.for
// CHECK: vector.broadcast %[[F]] : f32 to vector<16xf32>
func.func @spread(%x: memref<4x128xf32>, %r: memref<4xf32>) {
  %c4 = arith.constant 4 : index
  %X = tile.view %x : memref<4x128xf32> to !tile.view<4x128xf32, #ssm.dims<L, D>>
  %R = tile.view %r : memref<4xf32> to !tile.view<4xf32, #ssm.dims<L>>
  tile.program owns(Z = %z : 4 of %c4) {
    %0 = tile.read %X : !tile.view<4x128xf32, #ssm.dims<L, D>> -> tensor<4x128xf32, #ssm.dims<L, D>>
    %1 = tile.read %R : !tile.view<4xf32, #ssm.dims<L>> -> tensor<4xf32, #ssm.dims<L>>
    %2 = tile.spread %1 : tensor<4xf32, #ssm.dims<L>> -> tensor<4x128xf32, #ssm.dims<L, D>>
    %3 = arith.mulf %0, %2 : tensor<4x128xf32, #ssm.dims<L, D>>
    tile.write %3 to %X : tensor<4x128xf32, #ssm.dims<L, D>> to !tile.view<4x128xf32, #ssm.dims<L, D>>
  }
  return
}
