// RUN: %ssm-opt %s --convert-ssm-to-tile --split-input-file | FileCheck %s

// Items own a tile of E, which the maximum and the sum lack: each item makes them again, in the one
// loop (whole tiles, then the rest). The
// first along E writes what lacks it.
// CHECK-LABEL: @owned
// CHECK: tile.program owns(L = %{{.*}} : 16 of %{{.*}}, E = %[[E:.*]] : 32 of %{{.*}}) {
// CHECK: tile.loop M = {{.*}} tensor<16x32xf32, #ssm.dims<L, E>>) {
// CHECK: tile.loop M = {{.*}} tensor<16x32xf32, #ssm.dims<L, E>>) {
// CHECK-NOT: tile.loop
// CHECK: tile.write {{.*}} tensor<16x32xf32, #ssm.dims<L, E>>
// CHECK: %[[FIRST:.*]] = arith.cmpi eq, %[[E]], %{{.*}} : index
// CHECK: scf.if %[[FIRST]] {
// CHECK-NEXT: tile.write {{.*}} tensor<16xf32, #ssm.dims<L>>
!s = tensor<?x?xf32, #ssm.dims<L, M>>
!v = tensor<?x?xf32, #ssm.dims<M, E>>
!l = tensor<?xf32, #ssm.dims<L>>
!y = tensor<?x?xf32, #ssm.dims<L, E>>
func.func @forward(%s: !s, %v: !v) -> (!y, !l) attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<M>, #ssm.dim<E>]} {
  %0:2 = ssm.kernel "owned"(%s, %v) plan <form = online, own = [L : 16, E : 32], step = [M : 64]> : (!s, !v) -> (!y, !l) {
  ^bb0(%a: !s, %b: !v):
    %r, %sum, %acc = ssm.online_fold max(%a : !s) over ["M"] sum(() over ["M"], (%b) over ["M"] : !v) -> !l, !l, !y
    ssm.yield %acc, %r : !y, !l
  }
  return %0#0, %0#1 : !y, !l
}

// -----

// An item walks E: all of the fold's results stand inside that loop, the guard of the quotient with them.
// CHECK-LABEL: @walked
// CHECK: tile.loop E = {{.*}} : 32
// CHECK: tile.loop M
// CHECK: tile.loop M
// CHECK-NOT: tile.loop
// CHECK: arith.cmpf oeq
// CHECK: arith.divf
// CHECK: arith.select
// CHECK: tile.write
!s = tensor<?x?xf32, #ssm.dims<L, M>>
!v = tensor<?x?xf32, #ssm.dims<M, E>>
!l = tensor<?xf32, #ssm.dims<L>>
!b = tensor<?xi1, #ssm.dims<L>>
!y = tensor<?x?xf32, #ssm.dims<L, E>>
func.func @forward(%s: !s, %v: !v) -> !y attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<M>, #ssm.dim<E>]} {
  %0 = ssm.kernel "walked"(%s, %v) plan <form = online, own = [L : 16], step = [M : 64, E : 32]> : (!s, !v) -> !y {
  ^bb0(%a: !s, %b: !v):
    %zero = arith.constant dense<0.0> : tensor<f32>
    %r, %sum, %acc = ssm.online_fold max(%a : !s) over ["M"] sum(() over ["M"], (%b) over ["M"] : !v) free_reference -> !l, !l, !y
    %q = ssm.map div(%acc, %sum) : (!y, !l) -> !y
    %n = ssm.map eq(%sum, %zero) : (!l, tensor<f32>) -> !b
    %o = ssm.map select(%n, %zero, %q) : (!b, tensor<f32>, !y) -> !y
    ssm.yield %o : !y
  }
  return %0 : !y
}

// -----

// The maximum runs over F too, of which the sums keep an item's tile: a loop of its own.
// CHECK-LABEL: @apart
// CHECK: tile.program owns(F = %{{.*}} : 32 of %{{.*}}) {
// CHECK: tile.loop M = %{{.*}} : 64
// CHECK: tile.loop F = %{{.*}} : 32
// CHECK: tile.combine max
// CHECK: tile.combine add
// CHECK-NOT: tile.loop F
// CHECK: tile.loop M = %{{.*}} : 64
// CHECK: tile.write
!s = tensor<?x?xf32, #ssm.dims<F, M>>
!o = tensor<f32>
!f = tensor<?xf32, #ssm.dims<F>>
func.func @forward(%s: !s) -> !f attributes {ssm.dims = [#ssm.dim<F>, #ssm.dim<M>]} {
  %0 = ssm.kernel "apart"(%s) plan <form = online, own = [F : 32], step = [M : 64]> : (!s) -> !f {
  ^bb0(%a: !s):
    %r, %sum = ssm.online_fold max(%a : !s) over ["F", "M"] sum(() over ["M"]) -> !o, !f
    ssm.yield %sum : !f
  }
  return %0 : !f
}
