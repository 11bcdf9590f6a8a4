// RUN: %ssm-opt %s --ssm-plan 2>&1 | FileCheck %s

// What only one result has may be shared out too; an item that has a part of E makes the sums of exponentials
// again, so E is taken in its longest tile.
// CHECK: remark: fold: online, own [{{.*}}E : 64{{.*}}
!s = tensor<256x256xf32, #ssm.dims<L, M>>
!v = tensor<256x?xf32, #ssm.dims<M, E>>
!l = tensor<256xf32, #ssm.dims<L>>
!y = tensor<256x?xf32, #ssm.dims<L, E>>
func.func @late(%s: !s, %v: !v) -> !y attributes {ssm.dims = [#ssm.dim<L = 256>, #ssm.dim<M = 256>, #ssm.dim<E>]} {
  %0 = ssm.kernel "fold"(%s, %v) : (!s, !v) -> !y {
  ^bb0(%a: !s, %b: !v):
    %r, %sum, %acc = ssm.online_fold max(%a : !s) over ["M"] sum(() over ["M"], (%b) over ["M"] : !v) -> !l, !l, !y
    %o = ssm.map div(%acc, %sum) : (!y, !l) -> !y
    ssm.yield %o : !y
  }
  return %0 : !y
}
