// RUN: %ssm-opt %s --ssm-plan 2>&1 | FileCheck %s

// A scan is sequential along L; the state's read-out is whole; batch and channels are shared out.
// CHECK: remark: scan: sequential, own [B : 1, D : 32] step [L : 16]
// CHECK: note: not own
// CHECK: ssm.kernel "scan"(%{{.*}}) plan <form = sequential, own = [B : 1, D : 32], step = [L : 16]> ledger <bytes =
!x = tensor<4x256x32xf32, #ssm.dims<B, L, D>>
!h = tensor<4x32xf32, #ssm.dims<B, D>>
func.func @forward(%x: !x, %h0: !h) -> !x
    attributes {ssm.dims = [#ssm.dim<B = 4>, #ssm.dim<L = 256>, #ssm.dim<D = 32>]} {
  %y = ssm.kernel "scan"(%x, %h0) : (!x, !h) -> !x {
  ^bb0(%a: !x, %b: !h):
    %last, %all = ssm.scan "L" init(%b : !h) over(%a : !x) final(!h) stacked(!x) {
    ^bb1(%l: tensor<i64>, %s: !h, %xl: !h):
      %0 = ssm.map add(%s, %xl) : (!h, !h) -> !h
      ssm.yield %0, %0 : !h, !h
    }
    ssm.yield %all : !x
  }
  return %y : !x
}
