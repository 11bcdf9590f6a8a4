// RUN: %ssm-opt %s --convert-ssm-to-tile | FileCheck %s

// A decay along what is summed: the keys of a chunk decay step by step beside the positions that they came from, and each step
// sums them to a row of scores. Only ever multiplied, the decays then reach the read-outs and the keys that the state meets.
// CHECK-LABEL: func.func private @keys
// CHECK: tile.loop L = %{{.*}} : 16 {{.*}} carry(%[[S:.*]] = %{{.*}} : tensor<8x16xf32, #ssm.dims<n, p>>)
// CHECK:   tile.recur L = {{.*}} carry(%[[K:.*]] = %{{.*}} : tensor<8x16xf32, #ssm.dims<n, "L'">>) stacked(tensor<16x16xf32, #ssm.dims<L, "L'">>) {
// CHECK:     %[[OLD:.*]] = arith.mulf %{{.*}}, %[[K]]
// CHECK:     arith.select %{{.*}}, %{{.*}}, %[[OLD]]
// CHECK:     tile.combine add(%{{.*}}) over ["n"] : tensor<8x16xf32, #ssm.dims<n, "L'">> -> tensor<16xf32, #ssm.dims<"L'">>
// CHECK:   tile.recur L = {{.*}} carry(%{{.*}} : tensor<8xf32, #ssm.dims<n>>)
// CHECK:   tile.product %{{.*}}, %[[S]] over ["n"]
// CHECK:   tile.product %{{.*}}, %{{.*}} over ["L'"]
// CHECK:   tile.recur L = {{.*}} reverse {{.*}} carry(%{{.*}} : tensor<8xf32, #ssm.dims<n>>)
// CHECK:   tile.product %{{.*}}, %{{.*}} over ["L"]
// CHECK-NOT: divf
!ln = tensor<?x8xf32, #ssm.dims<L, n>>
!lp = tensor<?x16xf32, #ssm.dims<L, p>>
!s = tensor<8x16xf32, #ssm.dims<n, p>>
func.func @forward(%e: !ln, %k: !ln, %v: !lp, %q: !ln, %s0: !s) -> !lp attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<n = 8>, #ssm.dim<p = 16>]} {
  %0 = ssm.kernel "keys"(%e, %k, %v, %q, %s0) plan <form = chunk, own = [p : 16], step = [L : 16]> : (!ln, !ln, !lp, !ln, !s) -> !lp {
  ^bb0(%a: !ln, %b: !ln, %c: !lp, %d: !ln, %f: !s):
    %last, %y = ssm.linear_recurrence real "L" init(%f : !s) log_decay(%a : !ln) input(%b, %c : !ln, !lp)
      read((%d) over ["n"] : !ln) forms([#ssm.form<sequential>, #ssm.form<chunk_factored>]) -> !s, !lp
    ssm.yield %y : !lp
  }
  return %0 : !lp
}

// A term along what is kept: the values decay as the keys do.
// CHECK-LABEL: func.func private @both
// CHECK: tile.recur L = {{.*}} carry(%{{.*}} : tensor<8x16xf32, #ssm.dims<n, "L'">>)
// CHECK: tile.recur L = {{.*}} carry(%{{.*}} : tensor<16x16xf32, #ssm.dims<"L'", p>>) stacked(tensor<16x16xf32, #ssm.dims<L, p>>)
// CHECK:   tile.combine add(%{{.*}}) over ["L'"]
!lnp = tensor<?x8x16xf32, #ssm.dims<L, n, p>>
func.func @second(%e: !ln, %g: !lp, %k: !ln, %v: !lp, %q: !ln, %s0: !s) -> !lp attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<n = 8>, #ssm.dim<p = 16>]} {
  %0 = ssm.kernel "both"(%e, %g, %k, %v, %q, %s0) plan <form = chunk, own = [p : 16], step = [L : 16]> : (!ln, !lp, !ln, !lp, !ln, !s) -> !lp {
  ^bb0(%a: !ln, %h: !lp, %b: !ln, %c: !lp, %d: !ln, %f: !s):
    %sum = ssm.map sub(%a, %h) : (!ln, !lp) -> !lnp
    %last, %y = ssm.linear_recurrence real "L" init(%f : !s) log_decay(%sum : !lnp) input(%b, %c : !ln, !lp)
      read((%d) over ["n"] : !ln) forms([#ssm.form<sequential>, #ssm.form<chunk_factored>]) -> !s, !lp
    ssm.yield %y : !lp
  }
  return %0 : !lp
}

// A sum that was made elsewhere cannot be taken apart: step by step.
// CHECK-LABEL: func.func private @joined
// CHECK-NOT: "L'"
func.func @third(%e: !lnp, %k: !ln, %v: !lp, %q: !ln, %s0: !s) -> !lp attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<n = 8>, #ssm.dim<p = 16>]} {
  %0 = ssm.kernel "joined"(%e, %k, %v, %q, %s0) plan <form = sequential, own = [p : 16], step = [L : 16]> : (!lnp, !ln, !lp, !ln, !s) -> !lp {
  ^bb0(%a: !lnp, %b: !ln, %c: !lp, %d: !ln, %f: !s):
    %last, %y = ssm.linear_recurrence real "L" init(%f : !s) log_decay(%a : !lnp) input(%b, %c : !ln, !lp)
      read((%d) over ["n"] : !ln) forms([#ssm.form<sequential>, #ssm.form<chunk_factored>]) -> !s, !lp
    ssm.yield %y : !lp
  }
  return %0 : !lp
}
