// RUN: %ssm-opt %s --ssm-fuse | FileCheck %s

// A running sum is carried in f64 and rounded where it is read.
// CHECK-LABEL: func.func @sum
// CHECK: %[[X:.*]] = ssm.map cast(%{{.*}}) : (tensor<?x?xf32, {{.*}} -> tensor<?x?xf64
// CHECK: ssm.linear_recurrence real "L" {{.*}} input(%[[X]] : {{.*}} -> tensor<?xf64, #ssm.dims<B>>, tensor<?x?xf64, #ssm.dims<B, L>>
// CHECK: ssm.map cast(%{{.*}}) : {{.*}} -> tensor<?x?xf32, #ssm.dims<B, L>>
!x = tensor<?x?xf32, #ssm.dims<B, L>>
!s = tensor<?xf32, #ssm.dims<B>>
func.func @sum(%x: !x, %s: !s) -> !x attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L>]} {
  %0:2 = ssm.linear_recurrence real "L" init(%s : !s) input(%x : !x) read(() over []) forms([#ssm.form<sequential>, #ssm.form<scan>]) -> !s, !x
  return %0#1 : !x
}

// What decays forgets its roundings too.
// CHECK-LABEL: func.func @decays
// CHECK-NOT: f64
// CHECK: return
func.func @decays(%x: !x, %s: !s, %a: !s) -> !x attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L>]} {
  %0:2 = ssm.linear_recurrence real "L" init(%s : !s) decay(%a : !s) input(%x : !x) read(() over []) forms([#ssm.form<sequential>, #ssm.form<scan>]) -> !s, !x
  return %0#1 : !x
}
