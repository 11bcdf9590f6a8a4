// RUN: %ssm-opt %s --convert-ssm-to-tile | FileCheck %s

// Sequential: the decay, as large as the state, is made in the step from what is short; the sum over n is taken there.
// CHECK-LABEL: func.func private @sequential
// CHECK: tile.loop L = %{{.*}} : 16 {{.*}} order up carry(%{{.*}} = %{{.*}} : tensor<4x16xf32, #ssm.dims<n, d>>)
// CHECK:   tile.recur L = %{{.*}} count(%{{.*}}) over(
// CHECK:     math.exp %{{.*}} : tensor<4x16xf32, #ssm.dims<n, d>>
// CHECK:     tile.combine add(%{{.*}}) over ["n"] : tensor<4x16xf32, #ssm.dims<n, d>> -> tensor<16xf32, #ssm.dims<d>>
// CHECK:     tile.yield %{{.*}} : tensor<4x16xf32, #ssm.dims<n, d>>, tensor<16xf32, #ssm.dims<d>>
!h = tensor<?x4xf32, #ssm.dims<d, n>>
!ld = tensor<?x?xf32, #ssm.dims<L, d>>
!ln = tensor<?x4xf32, #ssm.dims<L, n>>
func.func @forward(%dt: !ld, %A: !h, %B: !ln, %C: !ln, %h0: !h) -> (!ld, !h) attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<d>, #ssm.dim<n = 4>]} {
  %0:2 = ssm.kernel "sequential"(%dt, %A, %B, %C, %h0) plan <form = sequential, own = [d : 16], step = [L : 16]> : (!ld, !h, !ln, !ln, !h) -> (!ld, !h) {
  ^bb0(%t: !ld, %a: !h, %b: !ln, %c: !ln, %s: !h):
    %e = ssm.map mul(%t, %a) : (!ld, !h) -> tensor<?x?x4xf32, #ssm.dims<L, d, n>>
    %last, %y = ssm.linear_recurrence real "L" init(%s : !h) log_decay(%e : tensor<?x?x4xf32, #ssm.dims<L, d, n>>)
      input(%b : !ln) read((%c) over ["n"] : !ln) forms([#ssm.form<sequential>]) -> !h, !ld
    ssm.yield %y, %last : !ld, !h
  }
  return %0#0, %0#1 : !ld, !h
}

// A state of open size lies in the item's scratch, and is met tile by tile inside a tile of L.
// CHECK-LABEL: func.func private @open
// CHECK: %[[S:.*]] = tile.scratch(%{{.*}}) : <?x16xf32, #ssm.dims<n, d>>
// CHECK: tile.loop n = %{{.*}} : 64
// CHECK:   tile.write %{{.*}} to %[[S]]
// CHECK: tile.loop L =
// CHECK:   tile.loop n = %[[N:.*]] : 64 {{.*}} carry(%[[SUM:.*]] =
// CHECK:     %[[STATE:.*]] = tile.read %[[S]][n = %[[N]]]
// CHECK:     tile.recur L = {{.*}} carry(%{{.*}} = %[[STATE]]
// CHECK:     tile.write %{{.*}} to %[[S]][n = %[[N]]]
// CHECK:     arith.addf %[[SUM]]
!o = tensor<?x?xf32, #ssm.dims<d, n>>
!lo = tensor<?x?xf32, #ssm.dims<L, n>>
func.func @second(%B: !lo, %C: !lo, %h0: !o) -> !ld attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<d>, #ssm.dim<n>]} {
  %0 = ssm.kernel "open"(%B, %C, %h0) plan <form = sequential, own = [d : 16], step = [L : 16, n : 64]> : (!lo, !lo, !o) -> !ld {
  ^bb0(%b: !lo, %c: !lo, %s: !o):
    %last, %y = ssm.linear_recurrence real "L" init(%s : !o) input(%b : !lo) read((%c) over ["n"] : !lo)
      forms([#ssm.form<sequential>]) -> !o, !ld
    ssm.yield %y : !ld
  }
  return %0 : !ld
}

// A decay that is short beside the state: the exponentials of a whole tile stand before the steps.
// CHECK-LABEL: func.func private @short
// CHECK: tile.loop L =
// CHECK:   %[[A:.*]] = math.exp %{{.*}} : tensor<16x4xf32, #ssm.dims<L, n>>
// CHECK:   tile.recur L = {{.*}} over({{.*}} = %[[A]] : tensor<16x4xf32, #ssm.dims<L, n>>)
// CHECK-NOT: math.exp
func.func @third(%A: !ln, %B: !ln, %C: !ln, %h0: !h) -> !ld attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<d>, #ssm.dim<n = 4>]} {
  %0 = ssm.kernel "short"(%A, %B, %C, %h0) plan <form = sequential, own = [d : 16], step = [L : 16]> : (!ln, !ln, !ln, !h) -> !ld {
  ^bb0(%a: !ln, %b: !ln, %c: !ln, %s: !h):
    %last, %y = ssm.linear_recurrence real "L" init(%s : !h) log_decay(%a : !ln) input(%b : !ln) read((%c) over ["n"] : !ln)
      forms([#ssm.form<sequential>]) -> !h, !ld
    ssm.yield %y : !ld
  }
  return %0 : !ld
}
