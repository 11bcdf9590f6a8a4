// RUN: %ssm-opt %s --split-input-file --verify-diagnostics

!x = tensor<?xf32, #ssm.dims<L>>
func.func @unknown_dimension(%x: !x) -> !x {
  // expected-error @below {{'k' has no dimension 'M', of which its plan speaks; it has [L]}}
  %0 = ssm.kernel "k"(%x) plan <form = direct, own = [M : 4]> : (!x) -> !x {
  ^bb0(%a: !x):
    ssm.yield %a : !x
  }
  return %0 : !x
}

// -----

!x = tensor<?xf32, #ssm.dims<L>>
func.func @two_tiles(%x: !x) -> !x {
  // expected-error @below {{'k' is given two tiles along 'L'}}
  %0 = ssm.kernel "k"(%x) plan <form = direct, own = [L : 4], step = [L : 8]> : (!x) -> !x {
  ^bb0(%a: !x):
    ssm.yield %a : !x
  }
  return %0 : !x
}

// -----

!x = tensor<?xf32, #ssm.dims<L>>
func.func @no_tile(%x: !x) -> !x {
  // expected-error @below {{'k' cannot be made in tiles of 0 along 'L'}}
  %0 = ssm.kernel "k"(%x) plan <form = direct, own = [L : 0]> : (!x) -> !x {
  ^bb0(%a: !x):
    ssm.yield %a : !x
  }
  return %0 : !x
}

// -----

!x = tensor<?xf32, #ssm.dims<L>>
func.func @arguments(%x: !x) -> !x {
  // expected-error @below {{needs a block with one argument an input, of the same types}}
  %0 = ssm.kernel "k"(%x) : (!x) -> !x {
    %c = ssm.pos "L" : tensor<?xi64, #ssm.dims<L>>
    ssm.yield
  }
  return %0 : !x
}

// -----

!x = tensor<?xf32, #ssm.dims<L>>
func.func @results(%x: !x) -> !x {
  // expected-error @below {{yields 0 values for 1 results}}
  %0 = ssm.kernel "k"(%x) : (!x) -> !x {
  ^bb0(%a: !x):
    ssm.yield
  }
  return %0 : !x
}

// -----

// expected-error @below {{a plan has no field 'tile'; it has form, own, step and sub}}
func.func private @field() attributes {plan = #plan.kernel<form = direct, tile = [L : 4]>}

// -----

// expected-error @below {{there is no form 'fast'; the forms are direct, sequential, online, chunk and toeplitz}}
func.func private @form() attributes {plan = #plan.kernel<form = fast>}

// -----

// expected-error @below {{the plan says 'own' twice}}
func.func private @twice() attributes {plan = #plan.kernel<form = direct, own = [L : 4], own = [M : 4]>}

// -----

// expected-error @below {{a plan needs a form}}
func.func private @no_form() attributes {plan = #plan.kernel<own = [L : 4]>}
