// RUN: %ssm-opt %s --convert-ssm-to-tile | FileCheck %s

// The state is carried from tile to tile and held inside one; the last state is written once.
// CHECK: tile.program owns(D = %[[AD:.*]] : 16 of %{{.*}})
// CHECK:   %[[H0:.*]] = tile.read %{{.*}}[D = %[[AD]]]
// CHECK:   %[[LAST:.*]] = tile.loop L = %[[AL:.*]] : 32 from %{{.*}} to %[[L:.*]] order up carry(%[[H:.*]] = %[[H0]]
// CHECK:     %[[X:.*]] = tile.read %{{.*}}[L = %[[AL]], D = %[[AD]]]
// CHECK:     %[[LEFT:.*]] = arith.subi %[[L]], %[[AL]]
// CHECK:     %[[COUNT:.*]] = arith.minsi
// CHECK:     %[[NEXT:.*]], %[[ALL:.*]] = tile.recur L = %{{.*}} count(%[[COUNT]]) over(%{{.*}} = %[[X]]
// CHECK:     tile.write %[[ALL]] to
// CHECK:     tile.yield %[[NEXT]]
// CHECK:   tile.write %[[LAST]] to
!x = tensor<?x?xf32, #ssm.dims<L, D>>
!h = tensor<?xf32, #ssm.dims<D>>
func.func @forward(%x: !x, %h0: !h) -> (!x, !h) attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<D>]} {
  %0:2 = ssm.kernel "scan"(%x, %h0) plan <form = sequential, own = [D : 16], step = [L : 32]> : (!x, !h) -> (!x, !h) {
  ^bb0(%a: !x, %b: !h):
    %last, %all = ssm.scan "L" init(%b : !h) over(%a : !x) final(!h) stacked(!x) {
    ^bb1(%l: tensor<i64>, %s: !h, %xl: !h):
      %1 = ssm.map mul(%s, %s) : (!h, !h) -> !h
      %2 = ssm.map add(%1, %xl) : (!h, !h) -> !h
      ssm.yield %2, %2 : !h, !h
    }
    ssm.yield %all, %last : !x, !h
  }
  return %0#0, %0#1 : !x, !h
}
