// RUN: %ssm-opt %s --convert-ssm-to-tile | FileCheck %s

// Where no owned dimension lies along vectors, tiles lie as the sequence does in memory, a position before what is made
// of it: neither the products' results nor what the recurrence stacks is turned, and nothing is to be written.
// CHECK-LABEL: func.func private @sequence
// CHECK: tile.product {{.*}} -> tensor<16x32xf32, #ssm.dims<L, P>>
// CHECK: tile.recur L = {{.*}} stacked(tensor<16x32xf32, #ssm.dims<L, P>>)
// CHECK: tile.product {{.*}} -> tensor<16x64xf32, #ssm.dims<L, H>>
// CHECK-NOT: tile.spread
// CHECK: tile.write %{{.*}} : tensor<16x64xf32, #ssm.dims<L, H>>
!u = tensor<?x?x64xf32, #ssm.dims<B, L, H>>
!x = tensor<?x32xf32, #ssm.dims<B, P>>
!v = tensor<32x64xf32, #ssm.dims<P, H>>
!w = tensor<64x32xf32, #ssm.dims<H, P>>
!a = tensor<32xf32, #ssm.dims<P>>
func.func @forward(%u: !u, %B: !v, %C: !w, %a: !a, %x0: !x) -> !u attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L>, #ssm.dim<H = 64>, #ssm.dim<P = 32>]} {
  %0 = ssm.kernel "sequence"(%u, %B, %C, %a, %x0) plan <form = sequential, own = [B : 1], step = [L : 16]> : (!u, !v, !w, !a, !x) -> !u {
  ^bb0(%s: !u, %in: !v, %out: !w, %d: !a, %i: !x):
    %b = ssm.contract (%in, %s) over ["H"] : (!v, !u) -> tensor<32x?x?xf32, #ssm.dims<P, B, L>>
    %last, %y = ssm.linear_recurrence real "L" init(%i : !x) decay(%d : !a) input(%b : tensor<32x?x?xf32, #ssm.dims<P, B, L>>)
      read((%out) over ["P"] : !w) forms([#ssm.form<sequential>]) -> !x, tensor<64x?x?xf32, #ssm.dims<H, B, L>>
    %z = ssm.align %y : tensor<64x?x?xf32, #ssm.dims<H, B, L>> -> !u
    ssm.yield %z : !u
  }
  return %0 : !u
}

// A sequence that lies along vectors itself stays there, and an owned dimension that does is the last of all tiles.
// CHECK-LABEL: func.func private @along
// CHECK: tile.read {{.*}} -> tensor<4x32xf32, #ssm.dims<H, L>>
// CHECK-LABEL: func.func private @lane
// CHECK: tile.spread {{.*}} -> tensor<16x32xf32, #ssm.dims<L, H>>
!t = tensor<?x?xf32, #ssm.dims<H, L>>
!s = tensor<?xf32, #ssm.dims<H>>
func.func @others(%x: !t, %h: !s) -> (!t, !t) attributes {ssm.dims = [#ssm.dim<H>, #ssm.dim<L>]} {
  %0 = ssm.kernel "along"(%x, %h) plan <form = sequential, own = [H : 4], step = [L : 32]> : (!t, !s) -> !t {
  ^bb0(%a: !t, %i: !s):
    %last, %y = ssm.linear_recurrence real "L" init(%i : !s) input(%a : !t) read(() over []) forms([#ssm.form<sequential>]) -> !s, !t
    ssm.yield %y : !t
  }
  %1 = ssm.kernel "lane"(%x, %h) plan <form = sequential, own = [H : 32], step = [L : 16]> : (!t, !s) -> !t {
  ^bb0(%a: !t, %i: !s):
    %last, %y = ssm.linear_recurrence real "L" init(%i : !s) input(%a : !t) read(() over []) forms([#ssm.form<sequential>]) -> !s, !t
    ssm.yield %y : !t
  }
  return %0, %1 : !t, !t
}
