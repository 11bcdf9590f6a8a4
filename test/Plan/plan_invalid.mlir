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

