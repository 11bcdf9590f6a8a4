// RUN: %ssm-opt %s --convert-tile-to-vector --canonicalize --cse | FileCheck %s

// The state of 4 x 16 lies in four registers; the sum over N is written out.
// CHECK-LABEL: func.func @held
// CHECK: scf.for {{.*}} iter_args({{(%[^,]*, ){3}[^,]*}}) -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>)
// CHECK-COUNT-4: arith.mulf
// CHECK: vector.store
// CHECK: scf.yield
func.func @held(%x: memref<8x16xf32>, %y: memref<8x16xf32>) {
  %c1 = arith.constant 1 : index
  %X = tile.view %x : memref<8x16xf32> to !tile.view<8x16xf32, #ssm.dims<L, D>>
  %Y = tile.view %y : memref<8x16xf32> to !tile.view<8x16xf32, #ssm.dims<L, D>>
  tile.program owns(Z = %z : 1 of %c1) {
    %0 = tile.read %X : !tile.view<8x16xf32, #ssm.dims<L, D>> -> tensor<8x16xf32, #ssm.dims<L, D>>
    %h0 = arith.constant dense<0.0> : tensor<4x16xf32, #ssm.dims<N, D>>
    %last, %all = tile.recur L = %t over(%u = %0 : tensor<8x16xf32, #ssm.dims<L, D>>)
        carry(%h = %h0 : tensor<4x16xf32, #ssm.dims<N, D>>) stacked(tensor<8x16xf32, #ssm.dims<L, D>>) {
      %us = tile.spread %u : tensor<16xf32, #ssm.dims<D>> -> tensor<4x16xf32, #ssm.dims<N, D>>
      %n = arith.mulf %h, %us : tensor<4x16xf32, #ssm.dims<N, D>>
      %s = tile.combine add(%n) over ["N"] : tensor<4x16xf32, #ssm.dims<N, D>> -> tensor<16xf32, #ssm.dims<D>>
      tile.yield %n, %s : tensor<4x16xf32, #ssm.dims<N, D>>, tensor<16xf32, #ssm.dims<D>>
    }
    tile.write %all to %Y : tensor<8x16xf32, #ssm.dims<L, D>> to !tile.view<8x16xf32, #ssm.dims<L, D>>
  }
  return
}

// A running sum along the lanes is turned, so that its rows lie along them.
// CHECK-LABEL: func.func @running
// CHECK: vector.shuffle
// CHECK: scf.for {{.*}} iter_args(%{{.*}}) -> (vector<16xf32>)
// CHECK: arith.addf
func.func @running(%x: memref<16x32xf32>) {
  %c1 = arith.constant 1 : index
  %X = tile.view %x : memref<16x32xf32> to !tile.view<16x32xf32, #ssm.dims<H, L>>
  tile.program owns(Z = %z : 1 of %c1) {
    %0 = tile.read %X : !tile.view<16x32xf32, #ssm.dims<H, L>> -> tensor<16x32xf32, #ssm.dims<H, L>>
    %1 = tile.running add(%0) along "L" : tensor<16x32xf32, #ssm.dims<H, L>> -> tensor<16x32xf32, #ssm.dims<H, L>>
    tile.write %1 to %X : tensor<16x32xf32, #ssm.dims<H, L>> to !tile.view<16x32xf32, #ssm.dims<H, L>>
  }
  return
}

// Too large for registers: it goes over memory, a step a pass.
// CHECK-LABEL: func.func @memory
// CHECK: memref.alloca() {{.*}} : memref<64x64xf32>
// CHECK: scf.for %{{.*}} = %{{.*}} to %c8 step %c1 {
func.func @memory(%x: memref<8x64xf32>) {
  %c1 = arith.constant 1 : index
  %X = tile.view %x : memref<8x64xf32> to !tile.view<8x64xf32, #ssm.dims<L, D>>
  tile.program owns(Z = %z : 1 of %c1) {
    %0 = tile.read %X : !tile.view<8x64xf32, #ssm.dims<L, D>> -> tensor<8x64xf32, #ssm.dims<L, D>>
    %h0 = arith.constant dense<1.0> : tensor<64x64xf32, #ssm.dims<N, D>>
    %last, %all = tile.recur L = %t over(%u = %0 : tensor<8x64xf32, #ssm.dims<L, D>>)
        carry(%h = %h0 : tensor<64x64xf32, #ssm.dims<N, D>>) stacked(tensor<8x64x64xf32, #ssm.dims<L, N, D>>) {
      %us = tile.spread %u : tensor<64xf32, #ssm.dims<D>> -> tensor<64x64xf32, #ssm.dims<N, D>>
      %n = arith.mulf %h, %us : tensor<64x64xf32, #ssm.dims<N, D>>
      %d = tile.rename %n : tensor<64x64xf32, #ssm.dims<N, D>> -> tensor<64x64xf32, #ssm.dims<D, N>>
      %e = tile.spread %d : tensor<64x64xf32, #ssm.dims<D, N>> -> tensor<64x64xf32, #ssm.dims<N, D>>
      tile.yield %e, %n : tensor<64x64xf32, #ssm.dims<N, D>>, tensor<64x64xf32, #ssm.dims<N, D>>
    }
    %s = tile.combine add(%last) over ["N"] : tensor<64x64xf32, #ssm.dims<N, D>> -> tensor<64xf32, #ssm.dims<D>>
    %c0 = arith.constant 0 : index
    tile.write %s to %X[L = %c0] : tensor<64xf32, #ssm.dims<D>> to !tile.view<8x64xf32, #ssm.dims<L, D>>
  }
  return
}

// What is stacked ends in another dimension than the state, whose lanes would lie across it: element after element.
// CHECK-LABEL: func.func @across
// CHECK: scf.for
// CHECK-NOT: vector.store %{{.*}}, %{{.*}} : memref<3x16xf32>, vector<4xf32>
// CHECK: return
func.func @across(%x: memref<3x16xf32>, %y: memref<3x16xf32>) {
  %c1 = arith.constant 1 : index
  %X = tile.view %x : memref<3x16xf32> to !tile.view<3x16xf32, #ssm.dims<E, D>>
  %Y = tile.view %y : memref<3x16xf32> to !tile.view<3x16xf32, #ssm.dims<E, D>>
  tile.program owns(Z = %z : 1 of %c1) {
    %0 = tile.read %X : !tile.view<3x16xf32, #ssm.dims<E, D>> -> tensor<3x16xf32, #ssm.dims<E, D>>
    %h0 = arith.constant dense<0.0> : tensor<3xf32, #ssm.dims<E>>
    %last, %all = tile.recur D = %t over(%u = %0 : tensor<3x16xf32, #ssm.dims<E, D>>)
        carry(%h = %h0 : tensor<3xf32, #ssm.dims<E>>) stacked(tensor<3x16xf32, #ssm.dims<E, D>>) {
      %n = arith.addf %h, %u : tensor<3xf32, #ssm.dims<E>>
      tile.yield %n, %n : tensor<3xf32, #ssm.dims<E>>, tensor<3xf32, #ssm.dims<E>>
    }
    tile.write %all to %Y : tensor<3x16xf32, #ssm.dims<E, D>> to !tile.view<3x16xf32, #ssm.dims<E, D>>
  }
  return
}

// Two states in different orders: neither lies along the other's lanes.
// CHECK-LABEL: func.func @orders
// CHECK-NOT: vector.load %{{.*}} : memref<4x2xf32>, vector<4xf32>
// CHECK: return
func.func @orders(%x: memref<2x4xf32>, %y: memref<4x2xf32>) {
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %X = tile.view %x : memref<2x4xf32> to !tile.view<2x4xf32, #ssm.dims<H, N>>
  %Y = tile.view %y : memref<4x2xf32> to !tile.view<4x2xf32, #ssm.dims<N, H>>
  tile.program owns(Z = %z : 1 of %c1) {
    %0 = tile.read %X : !tile.view<2x4xf32, #ssm.dims<H, N>> -> tensor<2x4xf32, #ssm.dims<H, N>>
    %1 = tile.read %Y : !tile.view<4x2xf32, #ssm.dims<N, H>> -> tensor<4x2xf32, #ssm.dims<N, H>>
    %w = arith.constant dense<0.5> : tensor<8xf32, #ssm.dims<L>>
    %a, %b = tile.recur L = %t over(%u = %w : tensor<8xf32, #ssm.dims<L>>)
        carry(%g = %0 : tensor<2x4xf32, #ssm.dims<H, N>>, %h = %1 : tensor<4x2xf32, #ssm.dims<N, H>>) {
      %us = tile.spread %u : tensor<f32> -> tensor<2x4xf32, #ssm.dims<H, N>>
      %gn = arith.mulf %g, %us : tensor<2x4xf32, #ssm.dims<H, N>>
      %hn = tile.spread %gn : tensor<2x4xf32, #ssm.dims<H, N>> -> tensor<4x2xf32, #ssm.dims<N, H>>
      %hh = arith.addf %h, %hn : tensor<4x2xf32, #ssm.dims<N, H>>
      tile.yield %gn, %hh : tensor<2x4xf32, #ssm.dims<H, N>>, tensor<4x2xf32, #ssm.dims<N, H>>
    }
    tile.write %a to %X : tensor<2x4xf32, #ssm.dims<H, N>> to !tile.view<2x4xf32, #ssm.dims<H, N>>
    tile.write %b to %Y : tensor<4x2xf32, #ssm.dims<N, H>> to !tile.view<4x2xf32, #ssm.dims<N, H>>
  }
  return
}
