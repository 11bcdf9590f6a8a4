// RUN: %ssm-opt %s --convert-ssm-to-tile | FileCheck %s

// Decays multiplied up row by row, scores within the chunk under them, and what the state gives: products all.
// CHECK-LABEL: func.func private @chunk
// CHECK: tile.loop L = %{{.*}} : 64 {{.*}} carry(%[[S:.*]] = %{{.*}} : tensor<8x16xf32, #ssm.dims<n, p>>)
// CHECK:   math.exp %{{.*}} : tensor<64xf32, #ssm.dims<L>>
// CHECK:   tile.recur L = {{.*}} stacked(tensor<64x64xf32, #ssm.dims<L, "L'">>)
// CHECK:     arith.mulf
// CHECK:     arith.select
// CHECK:   tile.product %{{.*}}, %{{.*}} over ["n"] {{.*}} -> tensor<64x64xf32, #ssm.dims<L, "L'">>
// CHECK:   arith.cmpi sge
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

// A state of open size lies in scratch; y is made of the old one, which moves on when all is written. The normaliser shares
// the scores: they are made once.
// CHECK-LABEL: func.func private @open
// CHECK: %[[S:.*]] = tile.scratch(%{{.*}}) : <?x?xf32, #ssm.dims<n, p>>
// CHECK: %[[Z:.*]] = tile.scratch(%{{.*}}) : <?xf32, #ssm.dims<n>>
// CHECK: tile.loop L
// CHECK:   tile.loop n
// CHECK:     tile.product {{.*}} over ["n"] {{.*}} -> tensor<32x32xf32, #ssm.dims<L, "L'">>
// CHECK-NOT: -> tensor<32x32xf32, #ssm.dims<L, "L'">>
// CHECK:   tile.combine add({{.*}}) over ["L'"]
// CHECK:   tile.loop p
// CHECK:     tile.read %[[S]]
// CHECK:     tile.product {{.*}} over ["L'"]
// CHECK:     tile.write {{.*}} to <?x?xf32, #ssm.dims<L, p>>
// CHECK:   tile.loop n
// CHECK:     tile.loop p
// CHECK:       tile.product {{.*}} over ["L"]
// CHECK:       tile.write {{.*}} to %[[S]]
// CHECK:   tile.loop n
// CHECK:     tile.write {{.*}} to %[[Z]]
!on = tensor<?x?xf32, #ssm.dims<L, n>>
!op = tensor<?x?xf32, #ssm.dims<L, p>>
!os = tensor<?x?xf32, #ssm.dims<n, p>>
!oz = tensor<?xf32, #ssm.dims<n>>
func.func @second(%k: !on, %v: !op, %q: !on, %s0: !os, %z0: !oz) -> !op attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<n>, #ssm.dim<p>]} {
  %0 = ssm.kernel "open"(%k, %v, %q, %s0, %z0) plan <form = chunk, step = [L : 32, n : 64, p : 64]> : (!on, !op, !on, !os, !oz) -> !op {
  ^bb0(%b: !on, %c: !op, %d: !on, %f: !os, %g: !oz):
    %last, %y = ssm.linear_recurrence real "L" init(%f : !os) input(%b, %c : !on, !op) read((%d) over ["n"] : !on)
      forms([#ssm.form<chunk>]) score_group(0) -> !os, !op
    %sum, %w = ssm.linear_recurrence real "L" init(%g : !oz) input(%b : !on) read((%d) over ["n"] : !on)
      forms([#ssm.form<chunk>]) score_group(0) -> !oz, !l
    %r = ssm.map div(%y, %w) : (!op, !l) -> !op
    ssm.yield %r : !op
  }
  return %0 : !op
}

// From the end the chunks are met downwards, decays multiply up the other way round, and a position reads what came behind it.
// CHECK-LABEL: func.func private @back
// CHECK: tile.loop L = %{{.*}} : 32 {{.*}} order down carry(%[[S:.*]] = %{{.*}} : tensor<8x16xf32, #ssm.dims<n, p>>)
// CHECK:   tile.recur L = {{.*}} reverse {{.*}} stacked(tensor<32x32xf32, #ssm.dims<L, "L'">>)
// CHECK:   tile.product %{{.*}}, %{{.*}} over ["n"] {{.*}} -> tensor<32x32xf32, #ssm.dims<L, "L'">>
// CHECK:   arith.cmpi sle
// CHECK:   tile.product %{{.*}}, %{{.*}} over ["L'"]
// CHECK:   tile.product %{{.*}}, %{{.*}} over ["L"]
func.func @third(%e: !l, %k: !ln, %v: !lp, %q: !ln, %s0: !s) -> !lp attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<n = 8>, #ssm.dim<p = 16>]} {
  %0 = ssm.kernel "back"(%e, %k, %v, %q, %s0) plan <form = chunk, own = [p : 16], step = [L : 32]> : (!l, !ln, !lp, !ln, !s) -> !lp {
  ^bb0(%a: !l, %b: !ln, %c: !lp, %d: !ln, %f: !s):
    %last, %y = ssm.linear_recurrence real "L" reverse init(%f : !s) log_decay(%a : !l) input(%b, %c : !ln, !lp)
      read((%d) over ["n"] : !ln) forms([#ssm.form<sequential>, #ssm.form<chunk>]) -> !s, !lp
    ssm.yield %y : !lp
  }
  return %0 : !lp
}
