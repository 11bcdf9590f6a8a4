// RUN: %ssm-opt %s --convert-ssm-to-tile | FileCheck %s

// Scores, maximum, sum and the product with the values in one loop over M; the scores never leave it.
// CHECK: tile.loop M = %{{.*}} : 32 from {{.*}} order any carry(%[[R:.*]] = %{{.*}} : tensor<16xf32, #ssm.dims<L>>, %[[SUM:.*]] = %{{.*}} : tensor<16xf32, #ssm.dims<L>>, %[[ACC:.*]] = %{{.*}} : tensor<8x16xf32, #ssm.dims<E, L>>)
// CHECK:   tile.product %{{.*}}, %{{.*}} over ["D"] {{.*}} -> tensor<32x16xf32, #ssm.dims<M, L>>
// CHECK:   tile.combine max(%{{.*}}) over ["M"]
// CHECK:   arith.maximumf %[[R]]
// CHECK:   tile.combine add(%{{.*}}) over ["M"]
// CHECK:   tile.product %{{.*}}, %{{.*}} over ["M"]
// CHECK: arith.divf
// CHECK: tile.write
!q = tensor<?x4xf32, #ssm.dims<L, D>>
!k = tensor<?x4xf32, #ssm.dims<M, D>>
!v = tensor<?x8xf32, #ssm.dims<M, E>>
!s = tensor<?x?xf32, #ssm.dims<L, M>>
!l = tensor<?xf32, #ssm.dims<L>>
!y = tensor<?x8xf32, #ssm.dims<L, E>>
func.func @forward(%q: !q, %k: !k, %v: !v) -> !y attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<M>, #ssm.dim<D = 4>, #ssm.dim<E = 8>]} {
  %0 = ssm.kernel "online"(%q, %k, %v) plan <form = online, own = [L : 16], step = [M : 32]> : (!q, !k, !v) -> !y {
  ^bb0(%a: !q, %b: !k, %c: !v):
    %s = ssm.contract(%a, %b) over ["D"] : (!q, !k) -> !s
    %r, %sum, %acc = ssm.online_fold max(%s : !s) over ["M"] sum(() over ["M"], (%c) over ["M"] : !v) free_reference -> !l, !l, !y
    %o = ssm.map div(%acc, %sum) : (!y, !l) -> !y
    ssm.yield %o : !y
  }
  return %0 : !y
}
