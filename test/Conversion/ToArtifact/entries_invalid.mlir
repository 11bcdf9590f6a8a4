// RUN: %ssm-opt %s --split-input-file --ssm-make-entries --verify-diagnostics

// expected-error @below {{argument 0 has the dimension "T", which ssm.dims lacks}}
func.func @forward(%u: memref<?xf32> {ssm.shape = ["T"]}, %L: index)
    attributes {ssm.symbol = "f", ssm.dims = [#ssm.dim<L>]} {
  return
}

// -----

// expected-error @below {{argument 0 must be dense, and ssm.shape must name its dimensions}}
func.func @forward(%u: memref<?xf32>, %L: index) attributes {ssm.symbol = "f", ssm.dims = [#ssm.dim<L>]} {
  return
}

// -----

// expected-error @below {{argument 0 of an entry cannot be of type 'tensor<?xf32>'}}
func.func @forward(%u: tensor<?xf32>, %L: index) attributes {ssm.symbol = "f", ssm.dims = [#ssm.dim<L>]} {
  return
}

// -----

func.func private @f()
// expected-error @below {{the symbol 'f' is taken}}
func.func @forward(%L: index) attributes {ssm.symbol = "f", ssm.dims = [#ssm.dim<L>]} {
  return
}
