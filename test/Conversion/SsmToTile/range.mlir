// RUN: %ssm-opt %s --convert-ssm-to-tile --canonicalize --split-input-file | FileCheck %s

// Causal, 16 rows an item: columns up to the last row, the full tiles without the mask, then the rest with it.
// CHECK-LABEL: @causal
// CHECK: tile.program owns(L = %[[L:.*]] : 16 of %[[SIZE:.*]]) {
// CHECK: tile.loop M = %{{.*}} : 32 from %c0 to %[[FULL:.*]] order any
// CHECK-NOT: arith.cmpi
// CHECK: tile.yield
// CHECK: tile.loop M = %{{.*}} : 32 from %[[FULL]] to %{{.*}} order any
// CHECK: arith.cmpi sle
// CHECK: tile.yield
!l = tensor<?xf32, #ssm.dims<L>>
!s = tensor<?x?xf32, #ssm.dims<L, M>>
func.func @forward(%s: !s) -> !l attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<M>]} {
  %0 = ssm.kernel "causal"(%s) plan <form = online, own = [L : 16], step = [M : 32]> : (!s) -> !l {
  ^bb0(%a: !s):
    %none = arith.constant dense<0xFF800000> : tensor<f32>
    %m = ssm.pos "M" : tensor<?xi64, #ssm.dims<M>>
    %l = ssm.pos "L" : tensor<?xi64, #ssm.dims<L>>
    %p = ssm.map le(%m, %l) : (tensor<?xi64, #ssm.dims<M>>, tensor<?xi64, #ssm.dims<L>>) -> tensor<?x?xi1, #ssm.dims<L, M>>
    %x = ssm.map select(%p, %a, %none) : (tensor<?x?xi1, #ssm.dims<L, M>>, !s, tensor<f32>) -> !s
    %r, %sum = ssm.online_fold max(%x : !s) over ["M"] sum(() over ["M"]) -> !l, !l
    ssm.yield %sum : !l
  }
  return %0 : !l
}

// -----

// A window: mixed tiles on both sides of the full ones.
// CHECK-LABEL: @window
// CHECK: tile.loop M = %{{.*}} : 32 from %[[LO:.*]] to %[[FULL:.*]] order any
// CHECK: tile.loop M = %{{.*}} : 32 from %{{.*}} to %[[END:.*]] order any
// CHECK-NOT: arith.cmpi
// CHECK: tile.loop M = %{{.*}} : 32 from %[[END]] to %{{.*}} order any
!l = tensor<?xf32, #ssm.dims<L>>
!s = tensor<?x?xf32, #ssm.dims<L, M>>
!b = tensor<?x?xi1, #ssm.dims<L, M>>
!i = tensor<?x?xi64, #ssm.dims<L, M>>
func.func @forward(%s: !s) -> !l attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<M>]} {
  %0 = ssm.kernel "window"(%s) plan <form = online, own = [L : 16], step = [M : 32]> : (!s) -> !l {
  ^bb0(%a: !s):
    %none = arith.constant dense<0xFF800000> : tensor<f32>
    %w = arith.constant dense<100> : tensor<i64>
    %m = ssm.pos "M" : tensor<?xi64, #ssm.dims<M>>
    %l = ssm.pos "L" : tensor<?xi64, #ssm.dims<L>>
    %p = ssm.map le(%m, %l) : (tensor<?xi64, #ssm.dims<M>>, tensor<?xi64, #ssm.dims<L>>) -> !b
    %d = ssm.map sub(%l, %m) : (tensor<?xi64, #ssm.dims<L>>, tensor<?xi64, #ssm.dims<M>>) -> !i
    %q = ssm.map lt(%d, %w) : (!i, tensor<i64>) -> !b
    %pq = ssm.map and(%p, %q) : (!b, !b) -> !b
    %x = ssm.map select(%pq, %a, %none) : (!b, !s, tensor<f32>) -> !s
    %r, %sum = ssm.online_fold max(%x : !s) over ["M"] sum(() over ["M"]) -> !l, !l
    ssm.yield %sum : !l
  }
  return %0 : !l
}

// -----

// What is no comparison of the position bounds nothing: all of M, and the mask everywhere.
// CHECK-LABEL: @opaque
// CHECK: tile.loop M = %{{.*}} : 32 from %c0 to %arg{{[0-9]+}} order any
// CHECK: arith.select
// CHECK-NOT: tile.loop
!l = tensor<?xf32, #ssm.dims<L>>
!s = tensor<?x?xf32, #ssm.dims<L, M>>
!b = tensor<?x?xi1, #ssm.dims<L, M>>
func.func @forward(%s: !s, %k: !b) -> !l attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<M>]} {
  %0 = ssm.kernel "opaque"(%s, %k) plan <form = online, own = [L : 16], step = [M : 32]> : (!s, !b) -> !l {
  ^bb0(%a: !s, %p: !b):
    %none = arith.constant dense<0xFF800000> : tensor<f32>
    %x = ssm.map select(%p, %a, %none) : (!b, !s, tensor<f32>) -> !s
    %r, %sum = ssm.online_fold max(%x : !s) over ["M"] sum(() over ["M"]) -> !l, !l
    ssm.yield %sum : !l
  }
  return %0 : !l
}

// -----

// A sum of what is zero beyond each row's length: up to the longest of the item's lengths.
// CHECK-LABEL: @lengths
// CHECK: %[[MAX:.*]] = tile.combine max(%{{.*}}) over ["L"]
// CHECK: %[[N:.*]] = tile.get %[[MAX]]
// CHECK: %[[TO:.*]] = arith.index_cast %[[N]]
// CHECK: arith.minsi {{.*}}
// CHECK: tile.loop M = %{{.*}} : 32 from %c0 to %{{.*}} order any
!l = tensor<?xf32, #ssm.dims<L>>
!n = tensor<?xi64, #ssm.dims<L>>
!s = tensor<?x?xf32, #ssm.dims<L, M>>
!b = tensor<?x?xi1, #ssm.dims<L, M>>
func.func @forward(%s: !s, %k: !n) -> !l attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<M>]} {
  %0 = ssm.kernel "lengths"(%s, %k) plan <form = direct, own = [L : 16], step = [M : 32]> : (!s, !n) -> !l {
  ^bb0(%a: !s, %n: !n):
    %none = arith.constant dense<0.0> : tensor<f32>
    %m = ssm.pos "M" : tensor<?xi64, #ssm.dims<M>>
    %p = ssm.map lt(%m, %n) : (tensor<?xi64, #ssm.dims<M>>, !n) -> !b
    %x = ssm.map select(%p, %a, %none) : (!b, !s, tensor<f32>) -> !s
    %sum = ssm.reduce add %x over ["M"] : !s -> !l
    ssm.yield %sum : !l
  }
  return %0 : !l
}

// -----

// Under a maximum a zero is something: nothing is left out.
// CHECK-LABEL: @zero
// CHECK: tile.loop M = %{{.*}} : 32 from %c0 to %arg{{[0-9]+}} order any
!l = tensor<?xf32, #ssm.dims<L>>
!s = tensor<?x?xf32, #ssm.dims<L, M>>
!b = tensor<?x?xi1, #ssm.dims<L, M>>
func.func @forward(%s: !s) -> !l attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<M>]} {
  %0 = ssm.kernel "zero"(%s) plan <form = direct, own = [L : 16], step = [M : 32]> : (!s) -> !l {
  ^bb0(%a: !s):
    %none = arith.constant dense<0.0> : tensor<f32>
    %m = ssm.pos "M" : tensor<?xi64, #ssm.dims<M>>
    %l = ssm.pos "L" : tensor<?xi64, #ssm.dims<L>>
    %p = ssm.map lt(%m, %l) : (tensor<?xi64, #ssm.dims<M>>, tensor<?xi64, #ssm.dims<L>>) -> !b
    %x = ssm.map select(%p, %a, %none) : (!b, !s, tensor<f32>) -> !s
    %sum = ssm.reduce max %x over ["M"] : !s -> !l
    ssm.yield %sum : !l
  }
  return %0 : !l
}
