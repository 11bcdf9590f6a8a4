// RUN: %ssm-opt %s --ssm-fuse | FileCheck %s

// A pick by an index that is not known gets a check beside it: kernels cannot fail.
// CHECK-LABEL: func.func @pick
// CHECK: ssm.kernel "pick.0"(%{{.*}}) : {{.*}} -> (tensor<i1>, tensor<i64>)
// CHECK: ssm.kernel "pick.1"
// CHECK:   ssm.gather
// CHECK: ssm.check %{{.*}}, "index %a is outside of dimension 'L' of size %b"
!x = tensor<?xf32, #ssm.dims<L>>
!i = tensor<?xi64, #ssm.dims<M>>
!y = tensor<?xf32, #ssm.dims<M>>
func.func @pick(%x: !x, %i: !i) -> !y attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<M>]} {
  %0 = ssm.gather %x at ["L"] (%i) : !x, (!i) -> !y
  return %0 : !y
}

// An index known to be inside needs none.
// CHECK-LABEL: func.func @first
// CHECK-NOT: ssm.check
// CHECK: return
func.func @first(%x: tensor<4xf32, #ssm.dims<K>>) -> tensor<f32> attributes {ssm.dims = [#ssm.dim<K = 4>]} {
  %c = arith.constant dense<-1> : tensor<i64>
  %0 = ssm.gather %x at ["K"] (%c) : tensor<4xf32, #ssm.dims<K>>, (tensor<i64>) -> tensor<f32>
  return %0 : tensor<f32>
}

// A scan of one step is its body.
// CHECK-LABEL: func.func @step
// CHECK-NOT: ssm.scan
// CHECK: ssm.map mul
// CHECK: return
!s = tensor<1x?xf32, #ssm.dims<L, D>>
!d = tensor<?xf32, #ssm.dims<D>>
func.func @step(%x: !s, %h: !d) -> !d attributes {ssm.dims = [#ssm.dim<L = 1>, #ssm.dim<D>]} {
  %last = ssm.scan "L" init(%h : !d) over(%x : !s) final(!d) {
  ^bb0(%l: tensor<i64>, %a: !d, %b: !d):
    %0 = ssm.map mul(%a, %b) : (!d, !d) -> !d
    ssm.yield %0 : !d
  }
  return %last : !d
}

// A linear recurrence of one step too: nothing runs in order, and what is read of it is a sum.
// CHECK-LABEL: func.func @advance
// CHECK: ssm.kernel "advance.0"
// CHECK-NOT: ssm.linear_recurrence
// CHECK: ssm.map exp
// CHECK: ssm.contract
// CHECK: return
!one = tensor<1xf32, #ssm.dims<L>>
func.func @advance(%e: !s, %x: !s, %q: !s, %h: !d) -> (!d, !one) attributes {ssm.dims = [#ssm.dim<L = 1>, #ssm.dim<D>]} {
  %last, %y = ssm.linear_recurrence real "L" init(%h : !d) log_decay(%e : !s) input(%x : !s) read((%q) over ["D"] : !s)
    forms([#ssm.form<sequential>]) -> !d, !one
  return %last, %y : !d, !one
}

// A maximum over what the sums keep is taken of maxima for each of its elements, and the sums follow: items may
// share F out.
// CHECK-LABEL: func.func @apart
// CHECK: %[[R:.*]], %[[S:.*]] = ssm.online_fold max({{.*}}) over ["M"]
// CHECK: ssm.reduce {{ ?}}max %[[R]] over ["F"]
// CHECK: %[[D:.*]] = ssm.map {{ ?}}sub(%[[R]],
// CHECK: %[[E:.*]] = ssm.map {{ ?}}exp(%[[D]])
// CHECK: ssm.map {{ ?}}mul(%[[S]], %[[E]])
!fm = tensor<?x?xf32, #ssm.dims<F, M>>
!f = tensor<?xf32, #ssm.dims<F>>
func.func @apart(%x: !fm) -> !f attributes {ssm.dims = [#ssm.dim<F>, #ssm.dim<M>]} {
  %r, %s = ssm.online_fold max(%x : !fm) over ["F", "M"] sum(() over ["M"]) -> tensor<f32>, !f
  return %s : !f
}

// A logsumexp is one pass.
// CHECK-LABEL: func.func @lse
// CHECK: ssm.online_fold max(%{{.*}}) over ["M"]
// CHECK-NOT: ssm.reduce
// CHECK: return
func.func @lse(%x: !fm) -> !f attributes {ssm.dims = [#ssm.dim<F>, #ssm.dim<M>]} {
  %0 = ssm.reduce logsumexp %x over ["M"] : !fm -> !f
  return %0 : !f
}
