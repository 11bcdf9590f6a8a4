// RUN: %ssm-opt %s --split-input-file --ssm-expand --verify-diagnostics

// expected-error @below {{hands on a structured matrix, which exists only between operations of the ssm dialect in one function: hand on its parts}}
func.func @f(%W: !ssm.matrix<O x I, f32>, %x: tensor<?xf32, #ssm.dims<I>>) -> tensor<?xf32, #ssm.dims<O>> {
  %y = ssm.apply %W, %x : !ssm.matrix<O x I, f32>, tensor<?xf32, #ssm.dims<I>> -> tensor<?xf32, #ssm.dims<O>>
  return %y : tensor<?xf32, #ssm.dims<O>>
}

// -----

func.func @f(%d: tensor<?xf32, #ssm.dims<I>>) -> !ssm.matrix<O x I, f32> {
  %D = ssm.structured diagonal(%d) : (tensor<?xf32, #ssm.dims<I>>) -> !ssm.matrix<O x I, f32>
  // expected-error @below {{hands on a structured matrix}}
  return %D : !ssm.matrix<O x I, f32>
}

// -----

func.func @f(%d: tensor<?xf32, #ssm.dims<I>>, %x: tensor<?xf32, #ssm.dims<I>>) -> tensor<?xf32, #ssm.dims<I>> {
  %D = ssm.structured diagonal(%d) : (tensor<?xf32, #ssm.dims<I>>) -> !ssm.matrix<I x I, f32>
  // expected-error @below {{needs rows and columns of two names, both are 'I'}}
  %y = ssm.materialize %D : !ssm.matrix<I x I, f32> -> tensor<?xf32, #ssm.dims<I>>
  return %y : tensor<?xf32, #ssm.dims<I>>
}
