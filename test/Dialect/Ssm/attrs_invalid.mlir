// RUN: %ssm-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{dimension 'B' stands twice in one tensor}}
func.func @f(%x: tensor<?x?xf32, #ssm.dims<B, B>>) { return }

// -----

// expected-error @below {{a scalar has no dimension names: leave the encoding out}}
func.func @f(%x: tensor<f32, #ssm.dims<>>) { return }

// -----

// expected-error @below {{a dimension's name is empty}}
func.func @f(%x: tensor<?xf32, #ssm.dims<"">>) { return }

// -----

// expected-error @below {{the tensor has 1 dimensions and 2 names}}
func.func @f(%x: tensor<?xf32, #ssm.dims<B, L>>) { return }

// -----

// expected-error @below {{'half' is no operation of sizes}}
func.func @f() attributes {ssm.dims = [#ssm.dim<K = half(L)>]} { return }

// -----

// expected-error @below {{wrong number of operands for 'floordiv'}}
func.func @f() attributes {ssm.dims = [#ssm.dim<K = floordiv(L)>]} { return }

// -----

// expected-error @below {{wrong number of operands for 'log2'}}
func.func @f() attributes {ssm.dims = [#ssm.dim<K = log2(L, 2)>]} { return }

// -----

// expected-error @below {{'ssm.dims' is a list of #ssm.dim on a function}}
func.func @f() attributes {ssm.dims = "L"} { return }

// -----

// expected-error @below {{'ssm.dims' is a list of #ssm.dim, not of 1}}
func.func @f() attributes {ssm.dims = [1]} { return }

// -----

// expected-error @below {{has dimension 'L' twice in 'ssm.dims'}}
func.func @f() attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<L = 3>]} { return }

// -----

// expected-error @below {{computes dimension 'K' from 'L', which its 'ssm.dims' lacks}}
func.func @f() attributes {ssm.dims = [#ssm.dim<K = floordiv(L, 2)>]} { return }

// -----

// expected-error @below {{uses dimension 'B', which its 'ssm.dims' lacks}}
func.func @f(%x: tensor<?xf32, #ssm.dims<B>>) attributes {ssm.dims = [#ssm.dim<L>]} { return }

// -----

// expected-error @below {{has 'N' of size 4 in 'tensor<4xf32, #ssm.dims<N>>', its 'ssm.dims' says 3}}
func.func @f(%x: tensor<4xf32, #ssm.dims<N>>) attributes {ssm.dims = [#ssm.dim<N = 3>]} { return }

// -----

// expected-error @below {{'ssm.role' is a #ssm.role, not "input"}}
func.func @f(%x: tensor<f32> {ssm.role = "input"}) { return }

// -----

// expected-error @below {{'ssm.name' is a string, not 3}}
func.func @f(%x: tensor<f32>) -> (tensor<f32> {ssm.name = 3}) { return %x : tensor<f32> }
