// RUN: %ssm-opt %s | %ssm-opt | FileCheck %s

// CHECK-LABEL: func.func @memory
func.func @memory(%x: memref<?x?xcomplex<f32>>, %t: memref<?x8xf32>, %n: index, %i: index,
                  %ids: tensor<16xi32, #ssm.dims<L>>) {
  %X = tile.view %x : memref<?x?xcomplex<f32>> to !tile.view<?x?xcomplex<f32>, #ssm.dims<H, N>>
  %T = tile.view %t : memref<?x8xf32> to !tile.view<?x8xf32, #ssm.dims<V, "4">>
  tile.program owns(H = %h : 4 of %n) {
    // CHECK: tile.read %{{.*}}[H = %{{.*}}, N = %{{.*}}] counts [N = %{{.*}}] fill(1.000000e+00 : f32) :
    %re, %im = tile.read %X[H = %h, N = %i] counts [N = %n] fill(1.0 : f32)
        : !tile.view<?x?xcomplex<f32>, #ssm.dims<H, N>>
        -> tensor<8xf32, #ssm.dims<N>>, tensor<8xf32, #ssm.dims<N>>
    // CHECK: tile.read %{{.*}}[V = %{{.*}} : tensor<16xi32, #ssm.dims<L>>] : <?x8xf32, #ssm.dims<V, "4">>
    %e = tile.read %T[V = %ids : tensor<16xi32, #ssm.dims<L>>] : !tile.view<?x8xf32, #ssm.dims<V, "4">>
        -> tensor<16x8xf32, #ssm.dims<L, "4">>
    // CHECK: tile.scratch(%{{.*}}) : <?xf32, #ssm.dims<Z>>
    %S = tile.scratch(%n) : !tile.view<?xf32, #ssm.dims<Z>>
    // CHECK: tile.write %{{.*}}, %{{.*}} to %{{.*}}[H = %{{.*}}, N = %{{.*}}] :
    tile.write %re, %im to %X[H = %h, N = %i] : tensor<8xf32, #ssm.dims<N>>, tensor<8xf32, #ssm.dims<N>>
        to !tile.view<?x?xcomplex<f32>, #ssm.dims<H, N>>
    // CHECK: tile.write %{{.*}} to %{{.*}}[V = %{{.*}} : tensor<16xi32, #ssm.dims<L>>] accumulate :
    tile.write %e to %T[V = %ids : tensor<16xi32, #ssm.dims<L>>] accumulate : tensor<16x8xf32, #ssm.dims<L, "4">>
        to !tile.view<?x8xf32, #ssm.dims<V, "4">>
  }
  return
}

// CHECK-LABEL: func.func @names
func.func @names(%x: tensor<4x6xf32, #ssm.dims<L, D>>, %i: index) -> f32 {
  // CHECK: tile.spread
  %s = tile.spread %x : tensor<4x6xf32, #ssm.dims<L, D>> -> tensor<6x3x4xf32, #ssm.dims<D, J, L>>
  // CHECK: tile.rename
  %r = tile.rename %x : tensor<4x6xf32, #ssm.dims<L, D>> -> tensor<4x6xf32, #ssm.dims<J, D>>
  // CHECK: tile.part %{{.*}} "D" into ["K", "P"]
  %p = tile.part %x "D" into ["K", "P"] : tensor<4x6xf32, #ssm.dims<L, D>> -> tensor<4x2x3xf32, #ssm.dims<L, K, P>>
  // CHECK: tile.join %{{.*}} ["K", "P"] into "D"
  %j = tile.join %p ["K", "P"] into "D" : tensor<4x2x3xf32, #ssm.dims<L, K, P>> -> tensor<4x6xf32, #ssm.dims<L, D>>
  // CHECK: tile.pick %{{.*}}[L = %{{.*}}, D = %{{.*}}]
  %k = tile.pick %x[L = %i, D = %i] : tensor<4x6xf32, #ssm.dims<L, D>> -> tensor<f32>
  // CHECK: tile.get
  %g = tile.get %k : tensor<f32> -> f32
  return %g : f32
}

// CHECK-LABEL: func.func @recurrences
func.func @recurrences(%x: tensor<8x4xf32, #ssm.dims<L, D>>, %h0: tensor<4xf32, #ssm.dims<D>>, %n: index)
    -> tensor<8x4xf32, #ssm.dims<L, D>> {
  // CHECK: tile.recur L = %{{.*}} reverse count(%{{.*}}) over(%{{.*}} = %{{.*}} : tensor<8x4xf32, #ssm.dims<L, D>>) carry(%{{.*}} = %{{.*}} : tensor<4xf32, #ssm.dims<D>>) stacked(tensor<8x4xf32, #ssm.dims<L, D>>) {
  %last, %y = tile.recur L = %t reverse count(%n) over(%u = %x : tensor<8x4xf32, #ssm.dims<L, D>>)
      carry(%h = %h0 : tensor<4xf32, #ssm.dims<D>>) stacked(tensor<8x4xf32, #ssm.dims<L, D>>) {
    %1 = arith.addf %h, %u : tensor<4xf32, #ssm.dims<D>>
    tile.yield %1, %1 : tensor<4xf32, #ssm.dims<D>>, tensor<4xf32, #ssm.dims<D>>
  }
  // CHECK: tile.running{{ +}}add(%{{.*}}) along "L" reverse exclusive from(%{{.*}} : tensor<4xf32, #ssm.dims<D>>) :
  %c = tile.running add(%x) along "L" reverse exclusive from(%last : tensor<4xf32, #ssm.dims<D>>)
      : tensor<8x4xf32, #ssm.dims<L, D>> -> tensor<8x4xf32, #ssm.dims<L, D>>
  // CHECK: tile.running{{ +}}affine(%{{.*}}, %{{.*}}) along "L" :
  %h = tile.running affine(%c, %y) along "L"
      : tensor<8x4xf32, #ssm.dims<L, D>>, tensor<8x4xf32, #ssm.dims<L, D>> -> tensor<8x4xf32, #ssm.dims<L, D>>
  // CHECK: tile.combine{{ +}}custom(%{{.*}}, %{{.*}}) over ["L"] identities [0xFF800000 : f32, 0] :
  // CHECK-NEXT: ^bb0
  %pos = tile.pos at %n : tensor<8xi64, #ssm.dims<L>>
  %all = tile.spread %pos : tensor<8xi64, #ssm.dims<L>> -> tensor<8x4xi64, #ssm.dims<L, D>>
  %v, %i = tile.combine custom(%h, %all) over ["L"] identities [0xFF800000 : f32, 0 : i64]
      : tensor<8x4xf32, #ssm.dims<L, D>>, tensor<8x4xi64, #ssm.dims<L, D>>
      -> tensor<4xf32, #ssm.dims<D>>, tensor<4xi64, #ssm.dims<D>> {
  ^bb0(%a: f32, %ia: i64, %b: f32, %ib: i64):
    %less = arith.cmpf olt, %a, %b : f32
    %va = arith.select %less, %b, %a : f32
    %vi = arith.select %less, %ib, %ia : i64
    tile.yield %va, %vi : f32, i64
  }
  return %h : tensor<8x4xf32, #ssm.dims<L, D>>
}

// CHECK-LABEL: func.func @merged
func.func @merged(%x: tensor<4xf32, #ssm.dims<D>>, %n: index) -> tensor<4xf32, #ssm.dims<D>> {
  // CHECK: tile.loop L = %{{.*}} : 8 from %{{.*}} to %{{.*}} order down carry(
  // CHECK: } merge {
  %s = tile.loop L = %t : 8 from %n to %n order down carry(%a = %x : tensor<4xf32, #ssm.dims<D>>) {
    tile.yield %a : tensor<4xf32, #ssm.dims<D>>
  } merge {
  ^bb0(%a: tensor<4xf32, #ssm.dims<D>>, %b: tensor<4xf32, #ssm.dims<D>>):
    %1 = arith.addf %a, %b : tensor<4xf32, #ssm.dims<D>>
    tile.yield %1 : tensor<4xf32, #ssm.dims<D>>
  }
  // CHECK: tile.loop L = %{{.*}} : 8 from %{{.*}} to %{{.*}} order any {
  tile.loop L = %t : 8 from %n to %n order any {
  }
  return %s : tensor<4xf32, #ssm.dims<D>>
}
