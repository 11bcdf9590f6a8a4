// RUN: %ssm-opt %s --split-input-file --verify-diagnostics

func.func @none(%s: tensor<?x?xf32, #ssm.dims<L, M>>) {
  // expected-error @below {{needs a sum; a maximum alone is a reduction}}
  %r = ssm.online_fold max(%s : tensor<?x?xf32, #ssm.dims<L, M>>) over ["M"] sum() -> tensor<?xf32, #ssm.dims<L>>
  return
}

// -----

func.func @varies(%s: tensor<?x?xf32, #ssm.dims<L, M>>) {
  // expected-error @below {{sums over 'L', along which the maximum varies}}
  %r, %a = ssm.online_fold max(%s : tensor<?x?xf32, #ssm.dims<L, M>>) over ["M"] sum(() over ["L", "M"])
    -> tensor<?xf32, #ssm.dims<L>>, tensor<f32>
  return
}

// -----

func.func @nothing(%s: tensor<?x?xf32, #ssm.dims<L, M>>, %v: tensor<?x?xf32, #ssm.dims<M, E>>) {
  // expected-error @below {{folds nothing: no dimension of the maximum is in every sum}}
  %r, %a = ssm.online_fold max(%s : tensor<?x?xf32, #ssm.dims<L, M>>) over ["M"] sum((%v) over ["E"] : tensor<?x?xf32, #ssm.dims<M, E>>)
    -> tensor<?xf32, #ssm.dims<L>>, tensor<?x?xf32, #ssm.dims<L, M>>
  return
}

// -----

func.func @counts(%s: tensor<?x?xf32, #ssm.dims<L, M>>) {
  // expected-error @below {{has 1 products and 2 results for them}}
  %r, %a, %b = ssm.online_fold max(%s : tensor<?x?xf32, #ssm.dims<L, M>>) over ["M"] sum(() over ["M"])
    -> tensor<?xf32, #ssm.dims<L>>, tensor<?xf32, #ssm.dims<L>>, tensor<?xf32, #ssm.dims<L>>
  return
}
