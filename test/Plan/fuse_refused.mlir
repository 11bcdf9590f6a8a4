// RUN: %ssm-opt %s --split-input-file --ssm-fuse --verify-diagnostics | FileCheck %s

// What a scan makes in order, read in another order: two kernels.
// CHECK-LABEL: func.func @reversed
// CHECK: ssm.kernel "reversed.0"
// CHECK: ssm.kernel "reversed.1"
!x = tensor<?x?xf32, #ssm.dims<B, L>>
func.func @reversed(%x: !x) -> !x attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L>]} {
  // expected-remark @below {{what comes of it along 'L' is read elsewhere than where it is made}}
  %c = ssm.cumulate add %x along "L" : !x
  %one = arith.constant dense<1> : tensor<i64>
  // expected-note @below {{needed here}}
  %y = ssm.shift %c along "L" by %one : !x
  return %y : !x
}

// -----

// A mean over all of L, taken off each element: L would have to be walked twice.
// CHECK-LABEL: func.func @twice
// CHECK: ssm.kernel "twice.0"
// CHECK: ssm.kernel "twice.1"
!x = tensor<?x?xf32, #ssm.dims<B, L>>
!b = tensor<?xf32, #ssm.dims<B>>
func.func @twice(%x: !x) -> !b attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L>]} {
  // expected-remark @below {{'L' would have to be walked twice}}
  %c = ssm.cumulate add %x along "L" : !x
  // expected-note @below {{needed here}}
  %m = ssm.reduce max %c over ["L"] : !x -> !b
  return %m : !b
}

// -----

// An item would hold the whole of S, of open size, at each position, to sum it behind the recurrence.
// CHECK-LABEL: func.func @held
// CHECK: ssm.kernel "held.0"
// CHECK: ssm.linear_recurrence
// CHECK: ssm.kernel "held.1"
// CHECK: ssm.reduce
!x = tensor<?x?x?xf32, #ssm.dims<B, S, L>>
!s = tensor<?x?xf32, #ssm.dims<B, S>>
!l = tensor<?x?xf32, #ssm.dims<B, L>>
func.func @held(%x: !x, %h: !s) -> !l attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<S>, #ssm.dim<L>]} {
  // expected-remark @below {{an item would have to hold all of 'S' at each position, and its size is open}}
  %last, %all = ssm.linear_recurrence real "L" init(%h : !s) input(%x : !x) read(() over [])
    forms([#ssm.form<sequential>]) -> !s, !x
  // expected-note @below {{needed here}}
  %y = ssm.reduce max %all over ["S"] : !x -> !l
  return %y : !l
}
