// RUN: %ssm-opt %s --ssm-plan 2>&1 | FileCheck %s

// Products have rows L and columns M; R beside them, of open size, is combined afterwards and may be short: one at
// a time. M is what attention's product has as rows, and stays a tile.
// CHECK: remark: mixture: {{.*}}step [R : 1, M : {{[0-9][0-9]+}}
// CHECK: remark: scores: {{.*}}step [M : {{[0-9][0-9]+}}
!q = tensor<?x64xf32, #ssm.dims<L, D>>
!k = tensor<?x?x64xf32, #ssm.dims<R, M, D>>
!k1 = tensor<?x64xf32, #ssm.dims<M, D>>
!s = tensor<?x?x?xf32, #ssm.dims<L, R, M>>
!s1 = tensor<?x?xf32, #ssm.dims<L, M>>
!l = tensor<?xf32, #ssm.dims<L>>
func.func @mixture(%q: !q, %k: !k, %k1: !k1) -> (!l, !l)
    attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<R>, #ssm.dim<M>, #ssm.dim<D = 64>]} {
  %0 = ssm.kernel "mixture"(%q, %k) : (!q, !k) -> !l {
  ^bb0(%a: !q, %b: !k):
    %s = ssm.contract(%a, %b) over ["D"] : (!q, !k) -> !s
    %r = ssm.reduce max %s over ["R"] : !s -> !s1
    %m = ssm.reduce max %r over ["M"] : !s1 -> !l
    ssm.yield %m : !l
  }
  %1 = ssm.kernel "scores"(%q, %k1) : (!q, !k1) -> !l {
  ^bb0(%a: !q, %b: !k1):
    %s = ssm.contract(%a, %b) over ["D"] : (!q, !k1) -> !s1
    %m = ssm.reduce max %s over ["M"] : !s1 -> !l
    ssm.yield %m : !l
  }
  return %0, %1 : !l, !l
}
