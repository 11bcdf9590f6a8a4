// RUN: %ssm-opt %s --convert-ssm-to-tile | FileCheck %s

// Powers in f64 and tables of them once an item, before anything runs: what a chunk leaves, what a state gives, shifts of the
// kernel. Then chunks by products, and the states between them; behind the loop, a last chunk that is not full.
// CHECK: tile.program owns(h = %{{.*}} : 1
// CHECK:   tile.recur L.i = {{.*}} : tensor<4xf64, #ssm.dims<n>>
// CHECK:   tile.recur L.j = {{.*}} reverse {{.*}} : tensor<4xf64, #ssm.dims<n>>
// CHECK:   tile.combine add({{.*}}) over ["n"] : tensor<16x4xf64, #ssm.dims<L.i, n>> -> tensor<16xf64, #ssm.dims<L.i>>
// CHECK:   %[[T:.*]] = tile.read %{{.*}}[L.k = %{{.*}} : tensor<16x16xi64, #ssm.dims<L.j, L.i>>]
// CHECK:   tile.loop b
// CHECK:     tile.loop L = %{{.*}} : 64 {{.*}} carry(%{{.*}} : tensor<4xf32, #ssm.dims<n>>)
// CHECK:       tile.part %{{.*}} "L" into ["L.n", "L.j"]
// CHECK:       %[[X:.*]] = tile.product {{.*}} over ["L.j"] {{.*}} -> tensor<4x4xf32, #ssm.dims<L.n, n>>
// CHECK:       tile.recur L.n = {{.*}} over({{.*}} = %[[X]]
// CHECK:       tile.product {{.*}} over ["n"] {{.*}} -> tensor<4x16xf32, #ssm.dims<L.n, L.i>>
// CHECK:       tile.product %{{.*}}, %[[T]] over ["L.j"]
// CHECK:       tile.join %{{.*}} ["L.n", "L.i"] into "L"
// CHECK:     tile.pick
// CHECK:     tile.product {{.*}} over ["L.j"] {{.*}} -> tensor<4xf32, #ssm.dims<n>>
!x = tensor<?x?x?xf32, #ssm.dims<b, h, L>>
!a = tensor<?x4xf32, #ssm.dims<h, n>>
!s = tensor<?x?x4xf32, #ssm.dims<b, h, n>>
func.func @forward(%u: !x, %a: !a, %b: !a, %c: !a, %s0: !s) -> (!x, !s) attributes {ssm.dims = [#ssm.dim<b>, #ssm.dim<h>, #ssm.dim<L>, #ssm.dim<n = 4>]} {
  %0:2 = ssm.kernel "toeplitz"(%u, %a, %b, %c, %s0) plan <form = toeplitz, own = [h : 1], step = [b : 1, L : 64], sub = 16> : (!x, !a, !a, !a, !s) -> (!x, !s) {
  ^bb0(%v: !x, %d: !a, %e: !a, %f: !a, %g: !s):
    %last, %y = ssm.linear_recurrence real "L" init(%g : !s) log_decay(%d : !a) input(%e, %v : !a, !x) read((%f) over ["n"] : !a)
      forms([#ssm.form<sequential>, #ssm.form<convolution>]) -> !s, !x
    ssm.yield %y, %last : !x, !s
  }
  return %0#0, %0#1 : !x, !s
}

// From the end: shifts the other way, chunks met downwards, and the first, which is not full, adds what the state gives along
// the positions that it has.
// CHECK-LABEL: func.func private @back
// CHECK:   %[[REST:.*]] = arith.remsi
// CHECK:   tile.recur L.i = {{.*}} reverse count(%[[REST]])
// CHECK:   tile.loop L = %{{.*}} : 64 {{.*}} order down carry(%{{.*}} : tensor<4xf32, #ssm.dims<n>>)
// CHECK:     tile.recur L.n = {{.*}} reverse over(
// CHECK:     tile.product {{.*}} over ["L.j"] {{.*}} -> tensor<4x16xf32, #ssm.dims<L.n, L.i>>
// CHECK:     arith.select {{.*}} : tensor<4x16xi1, #ssm.dims<L.n, L.i>>
// CHECK:     tile.join %{{.*}} ["L.n", "L.i"] into "L"
func.func @second(%u: !x, %a: !a, %b: !a, %c: !a, %s0: !s) -> !x attributes {ssm.dims = [#ssm.dim<b>, #ssm.dim<h>, #ssm.dim<L>, #ssm.dim<n = 4>]} {
  %0 = ssm.kernel "back"(%u, %a, %b, %c, %s0) plan <form = toeplitz, own = [h : 1], step = [b : 1, L : 64], sub = 16> : (!x, !a, !a, !a, !s) -> !x {
  ^bb0(%v: !x, %d: !a, %e: !a, %f: !a, %g: !s):
    %last, %y = ssm.linear_recurrence real "L" reverse init(%g : !s) log_decay(%d : !a) input(%e, %v : !a, !x) read((%f) over ["n"] : !a)
      forms([#ssm.form<sequential>, #ssm.form<convolution>]) -> !s, !x
    ssm.yield %y : !x
  }
  return %0 : !x
}
