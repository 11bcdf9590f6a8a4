// RUN: %ssm-opt %s --convert-ssm-to-tile --verify-diagnostics | FileCheck %s

// What the tile form cannot carry goes back to where it stood, with a warning.
// CHECK-LABEL: func.func @power
// CHECK-NOT: ssm.launch
// CHECK: ssm.map pow
!x = tensor<?xi64, #ssm.dims<L>>
func.func @power(%x: !x) -> !x attributes {ssm.dims = [#ssm.dim<L>]} {
  %0 = ssm.kernel "power"(%x) plan <form = direct, own = [L : 4]> : (!x) -> !x {
  ^bb0(%a: !x):
    // expected-warning @below {{this is computed on the reference path, which is slow: powers of whole numbers other than 2 have no tile form}}
    %1 = ssm.map pow(%a, %a) : (!x, !x) -> !x
    ssm.yield %1 : !x
  }
  return %0 : !x
}

// CHECK-LABEL: func.func @unplanned
// CHECK-NOT: ssm.launch
!y = tensor<?xf32, #ssm.dims<L>>
func.func @unplanned(%x: !y) -> !y attributes {ssm.dims = [#ssm.dim<L>]} {
  // expected-warning @below {{it has no plan}}
  %0 = ssm.kernel "unplanned"(%x) : (!y) -> !y {
  ^bb0(%a: !y):
    %1 = ssm.map exp(%a) : (!y) -> !y
    ssm.yield %1 : !y
  }
  return %0 : !y
}
