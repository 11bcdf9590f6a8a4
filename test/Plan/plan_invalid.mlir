// RUN: %ssm-opt %s --split-input-file --ssm-plan --verify-diagnostics

!x = tensor<?xf32, #ssm.dims<L>>
func.func @form(%x: !x) -> !x attributes {ssm.dims = [#ssm.dim<L>]} {
  // expected-error @below {{'k' can be direct; its plan says chunk}}
  %0 = ssm.kernel "k"(%x) plan <form = chunk, own = [L : 4]> : (!x) -> !x {
  ^bb0(%a: !x):
    %1 = ssm.map exp(%a) : (!x) -> !x
    ssm.yield %1 : !x
  }
  return %0 : !x
}

// -----

!x = tensor<?xf32, #ssm.dims<L>>
func.func @owned(%x: !x) -> tensor<f32> attributes {ssm.dims = [#ssm.dim<L>]} {
  // expected-error @below {{'k' cannot be made by its plan: items cannot share out 'L'}}
  %0 = ssm.kernel "k"(%x) plan <form = direct, own = [L : 4]> : (!x) -> tensor<f32> {
  ^bb0(%a: !x):
    %1 = ssm.reduce add %a over ["L"] : !x -> tensor<f32>
    ssm.yield %1 : tensor<f32>
  }
  return %0 : tensor<f32>
}


// -----

// A recurrence that cannot be made so, and one whose kernels would be made anew for each part.
!x = tensor<?x?xf32, #ssm.dims<h, L>>
!n = tensor<?x4xf32, #ssm.dims<h, n>>
func.func @varying(%u: !x, %s0: !n, %c: !n) -> !x attributes {ssm.dims = [#ssm.dim<h>, #ssm.dim<L>, #ssm.dim<n = 4>]} {
  // expected-error @below {{'k' can be sequential; its plan says toeplitz}}
  %0 = ssm.kernel "k"(%u, %s0, %c) plan <form = toeplitz, own = [h : 1], step = [L : 64], sub = 16> : (!x, !n, !n) -> !x {
  ^bb0(%v: !x, %g: !n, %f: !n):
    %last, %y = ssm.linear_recurrence real "L" init(%g : !n) log_decay(%v : !x) input(%v : !x) read((%f) over ["n"] : !n)
      forms([#ssm.form<sequential>]) -> !n, !x
    ssm.yield %y : !x
  }
  return %0 : !x
}

// -----

!x = tensor<?x?xf32, #ssm.dims<h, L>>
!n = tensor<?x4xf32, #ssm.dims<h, n>>
func.func @walked(%u: !x, %s0: !n, %c: !n) -> !x attributes {ssm.dims = [#ssm.dim<h>, #ssm.dim<L>, #ssm.dim<n = 4>]} {
  // expected-error @below {{'k' cannot be made by its plan: each element of 'h' needs a kernel of its own, and is not owned}}
  %0 = ssm.kernel "k"(%u, %s0, %c) plan <form = toeplitz, step = [h : 1, L : 64], sub = 16> : (!x, !n, !n) -> !x {
  ^bb0(%v: !x, %g: !n, %f: !n):
    %last, %y = ssm.linear_recurrence real "L" init(%g : !n) input(%v, %f : !x, !n) read((%f) over ["n"] : !n)
      forms([#ssm.form<sequential>]) -> !n, !x
    ssm.yield %y : !x
  }
  return %0 : !x
}
