// RUN: %ssm-opt %s --convert-ssm-to-tile | FileCheck %s

// Scores within the chunk under a mask of decays, and what the state gives: products all.
// CHECK: tile.loop L = %{{.*}} : 64 {{.*}} carry(%[[S:.*]] = %{{.*}} : tensor<8x16xf32, #ssm.dims<n, p>>)
// CHECK:   tile.running add(%{{.*}}) along "L"
// CHECK:   tile.product %{{.*}}, %{{.*}} over ["n"] {{.*}} -> tensor<64x64xf32, #ssm.dims<L, "L'">>
// CHECK:   arith.cmpi sge
// CHECK:   math.exp
// CHECK:   tile.product %{{.*}}, %[[S]] over ["n"]
// CHECK:   tile.product %{{.*}}, %{{.*}} over ["L'"]
// CHECK:   tile.product %{{.*}}, %{{.*}} over ["L"]
!l = tensor<?xf32, #ssm.dims<L>>
!ln = tensor<?x8xf32, #ssm.dims<L, n>>
!lp = tensor<?x16xf32, #ssm.dims<L, p>>
!s = tensor<8x16xf32, #ssm.dims<n, p>>
func.func @forward(%e: !l, %k: !ln, %v: !lp, %q: !ln, %s0: !s) -> !lp attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<n = 8>, #ssm.dim<p = 16>]} {
  %0 = ssm.kernel "chunk"(%e, %k, %v, %q, %s0) plan <form = chunk, own = [p : 16], step = [L : 64]> : (!l, !ln, !lp, !ln, !s) -> !lp {
  ^bb0(%a: !l, %b: !ln, %c: !lp, %d: !ln, %f: !s):
    %last, %y = ssm.linear_recurrence real "L" init(%f : !s) log_decay(%a : !l) input(%b, %c : !ln, !lp)
      read((%d) over ["n"] : !ln) forms([#ssm.form<sequential>, #ssm.form<chunk>]) -> !s, !lp
    ssm.yield %y : !lp
  }
  return %0 : !lp
}
