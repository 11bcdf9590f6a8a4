// RUN: %ssm-opt %s | %ssm-opt | FileCheck %s

// Attention without a mask: an item owns 64 rows, a fold over the keys carries the
// running maximum, the sum and the weighted values. Scores have their rows along
// vectors, so that maxima and sums are across registers.
!view = !tile.view<?x?x32xf32, #ssm.dims<B, L, D>>
!keys = !tile.view<?x?x32xf32, #ssm.dims<B, M, D>>
!values = !tile.view<?x?x32xf32, #ssm.dims<B, M, E>>
!out = !tile.view<?x?x32xf32, #ssm.dims<B, L, E>>
!row = tensor<64xf32, #ssm.dims<L>>
!score = tensor<128x64xf32, #ssm.dims<M, L>>
!acc = tensor<64x32xf32, #ssm.dims<L, E>>
func.func @attention(%q: memref<?x?x32xf32>, %k: memref<?x?x32xf32>, %v: memref<?x?x32xf32>, %o: memref<?x?x32xf32>,
                     %B: index, %L: index, %M: index) {
  %c0 = arith.constant 0 : index
  %Q = tile.view %q : memref<?x?x32xf32> to !view
  %K = tile.view %k : memref<?x?x32xf32> to !keys
  %V = tile.view %v : memref<?x?x32xf32> to !values
  %O = tile.view %o : memref<?x?x32xf32> to !out
  // CHECK: tile.program @attn owns(B = %[[B:.*]] : 1 of %{{.*}}, L = %[[L:.*]] : 64 of %{{.*}}) {
  tile.program @attn owns(B = %b : 1 of %B, L = %i : 64 of %L) {
    // CHECK: tile.read %{{.*}}[B = %[[B]], L = %[[L]]] : <?x?x32xf32, #ssm.dims<B, L, D>> -> tensor<64x32xf32, #ssm.dims<L, D>>
    %q0 = tile.read %Q[B = %b, L = %i] : !view -> tensor<64x32xf32, #ssm.dims<L, D>>
    %none = arith.constant dense<0xFF800000> : !row
    %zero = arith.constant dense<0.0> : !row
    %empty = arith.constant dense<0.0> : !acc
    // CHECK: tile.loop M = %[[J:.*]] : 128 from %{{.*}} to %{{.*}} order any carry(%{{.*}} = %{{.*}} : tensor<64xf32, #ssm.dims<L>>,
    %mx, %sum, %acc = tile.loop M = %j : 128 from %c0 to %M order any
        carry(%m0 = %none : !row, %s0 = %zero : !row, %a0 = %empty : !acc) {
      %kt = tile.read %K[B = %b, M = %j] : !keys -> tensor<128x32xf32, #ssm.dims<M, D>>
      %vt = tile.read %V[B = %b, M = %j] : !values -> tensor<128x32xf32, #ssm.dims<M, E>>
      // CHECK: tile.product %{{.*}}, %{{.*}} over ["D"] : (tensor<128x32xf32
      %s = tile.product %kt, %q0 over ["D"]
          : (tensor<128x32xf32, #ssm.dims<M, D>>, tensor<64x32xf32, #ssm.dims<L, D>>) -> !score
      // CHECK: tile.pos at %[[J]] : tensor<128xi64, #ssm.dims<M>>
      %pos = tile.pos at %j : tensor<128xi64, #ssm.dims<M>>
      %size = tile.spread %M : index -> tensor<128xi64, #ssm.dims<M>>
      %in = arith.cmpi slt, %pos, %size : tensor<128xi64, #ssm.dims<M>>
      %visible = tile.spread %in : tensor<128xi1, #ssm.dims<M>> -> tensor<128x64xi1, #ssm.dims<M, L>>
      %hidden = arith.constant dense<0xFF800000> : !score
      %sm = arith.select %visible, %s, %hidden : tensor<128x64xi1, #ssm.dims<M, L>>, !score
      // CHECK: tile.combine{{ +}}max(%{{.*}}) over ["M"] : tensor<128x64xf32, #ssm.dims<M, L>> -> tensor<64xf32, #ssm.dims<L>>
      %tm = tile.combine max(%sm) over ["M"] : !score -> !row
      %m1 = arith.maximumf %m0, %tm : !row
      %nothing = arith.cmpf oeq, %m1, %none : !row
      %ref = arith.select %nothing, %zero, %m1 : tensor<64xi1, #ssm.dims<L>>, !row
      %refs = tile.spread %ref : !row -> !score
      %d = arith.subf %sm, %refs : !score
      %p = math.exp %d : !score
      %dc = arith.subf %m0, %ref : !row
      %c = math.exp %dc : !row
      %ps = tile.combine add(%p) over ["M"] : !score -> !row
      %sc = arith.mulf %s0, %c : !row
      %s1 = arith.addf %sc, %ps : !row
      %cs = tile.spread %c : !row -> !acc
      %ac = arith.mulf %a0, %cs : !acc
      // CHECK: tile.product %{{.*}}, %{{.*}} over ["M"] acc(%{{.*}}) :
      %a1 = tile.product %p, %vt over ["M"] acc(%ac) : (!score, tensor<128x32xf32, #ssm.dims<M, E>>, !acc) -> !acc
      // CHECK: tile.yield
      tile.yield %m1, %s1, %a1 : !row, !row, !acc
    }
    %sums = tile.spread %sum : !row -> !acc
    %y = arith.divf %acc, %sums : !acc
    // CHECK: tile.write %{{.*}} to %{{.*}}[B = %[[B]], L = %[[L]]] : tensor<64x32xf32, #ssm.dims<L, E>> to <?x?x32xf32, #ssm.dims<B, L, E>>
    tile.write %y to %O[B = %b, L = %i] : !acc to !out
  }
  return
}
