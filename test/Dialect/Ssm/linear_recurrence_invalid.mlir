// RUN: %ssm-opt %s --split-input-file --verify-diagnostics

func.func @along(%h: tensor<?xf32, #ssm.dims<L>>, %u: tensor<?xf32, #ssm.dims<L>>) {
  // expected-error @below {{starts from a value along 'L', the dimension of the recurrence}}
  %0 = ssm.linear_recurrence real "L" init(%h : tensor<?xf32, #ssm.dims<L>>) input(%u : tensor<?xf32, #ssm.dims<L>>)
    read() forms([]) -> tensor<?xf32, #ssm.dims<L>>
  return
}

// -----

func.func @wider(%h: tensor<4xf32, #ssm.dims<D>>, %u: tensor<?x8xf32, #ssm.dims<L, E>>) {
  // expected-error @below {{has an input along 'E', which its state lacks}}
  %0 = ssm.linear_recurrence real "L" init(%h : tensor<4xf32, #ssm.dims<D>>) input(%u : tensor<?x8xf32, #ssm.dims<L, E>>)
    read() forms([]) -> tensor<4xf32, #ssm.dims<D>>
  return
}

// -----

func.func @logarithm(%h: tensor<4xf32, #ssm.dims<D>>, %u: tensor<4xf32, #ssm.dims<D>>) {
  // expected-error @below {{decays by what it adds in 'max_plus': there is no logarithm to give}}
  %0 = ssm.linear_recurrence max_plus "L" init(%h : tensor<4xf32, #ssm.dims<D>>) log_decay(%u : tensor<4xf32, #ssm.dims<D>>)
    input(%u : tensor<4xf32, #ssm.dims<D>>) read() forms([]) -> tensor<4xf32, #ssm.dims<D>>
  return
}

// -----

func.func @both(%h: tensor<4xf32, #ssm.dims<D>>, %u: tensor<4xf32, #ssm.dims<D>>) {
  // expected-error @below {{takes a decay or its logarithm, not both}}
  %0 = ssm.linear_recurrence real "L" init(%h : tensor<4xf32, #ssm.dims<D>>) decay(%u : tensor<4xf32, #ssm.dims<D>>)
    log_decay(%u : tensor<4xf32, #ssm.dims<D>>) input(%u : tensor<4xf32, #ssm.dims<D>>) read() forms([]) -> tensor<4xf32, #ssm.dims<D>>
  return
}

// -----

func.func @over(%h: tensor<4xf32, #ssm.dims<D>>, %u: tensor<4xf32, #ssm.dims<D>>) {
  // expected-error @below {{reads out over 'L', which is no dimension of the state or its factors}}
  %0, %1 = ssm.linear_recurrence real "L" init(%h : tensor<4xf32, #ssm.dims<D>>) input(%u : tensor<4xf32, #ssm.dims<D>>)
    read(() over ["L"]) forms([]) -> tensor<4xf32, #ssm.dims<D>>, tensor<4xf32, #ssm.dims<D>>
  return
}

// -----

func.func @type(%h: tensor<4xf32, #ssm.dims<D>>, %u: tensor<4xf64, #ssm.dims<D>>) {
  // expected-error @below {{has a state of 'f32' and an input of 'f64'}}
  %0 = ssm.linear_recurrence real "L" init(%h : tensor<4xf32, #ssm.dims<D>>) input(%u : tensor<4xf64, #ssm.dims<D>>)
    read() forms([]) -> tensor<4xf32, #ssm.dims<D>>
  return
}

// -----

func.func @twice(%h: tensor<4xf32, #ssm.dims<D>>, %u: tensor<4xf32, #ssm.dims<D>>) {
  // expected-error @below {{lists the form 'scan' twice}}
  %0 = ssm.linear_recurrence real "L" init(%h : tensor<4xf32, #ssm.dims<D>>) input(%u : tensor<4xf32, #ssm.dims<D>>)
    read() forms([#ssm.form<scan>, #ssm.form<scan refused "no">]) -> tensor<4xf32, #ssm.dims<D>>
  return
}

// -----

func.func @unknown(%h: tensor<4xf32, #ssm.dims<D>>) {
  // expected-error @below {{'spiral' is no form of a recurrence}}
  %0 = ssm.linear_recurrence real "L" init(%h : tensor<4xf32, #ssm.dims<D>>) input(%h : tensor<4xf32, #ssm.dims<D>>) read() forms([#ssm.form<spiral>]) -> tensor<4xf32, #ssm.dims<D>>
  return
}

// -----

func.func @result(%h: tensor<4xf32, #ssm.dims<D>>, %q: tensor<4xf32, #ssm.dims<D>>) {
  // expected-error @below {{gives [L], not [L, D]}}
  %0, %1 = ssm.linear_recurrence real "L" init(%h : tensor<4xf32, #ssm.dims<D>>) input(%h : tensor<4xf32, #ssm.dims<D>>)
    read((%q) over ["D"] : tensor<4xf32, #ssm.dims<D>>) forms([]) -> tensor<4xf32, #ssm.dims<D>>, tensor<?x4xf32, #ssm.dims<L, D>>
  return
}
