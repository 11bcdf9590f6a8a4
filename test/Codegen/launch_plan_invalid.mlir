// RUN: %ssm-opt %s --split-input-file --verify-diagnostics --ssm-launch-plans

!f = tensor<?xf32, #ssm.dims<L>>
!v = !tile.global<f32, 1>
// expected-error@+1 {{is not placed: run tile-place first}}
tile.kernel @k(%s: !v) {
}
func.func @forward(%s: !f {ssm.name = "s"}) attributes {ssm.dims = [#ssm.dim<L>]} {
  %a = tile.global_view %s sizes [L] strides [1] : !f -> !v
  tile.launch @k grid [1, 1, 1] (%a) : !v
  return
}

// -----

!f = tensor<?xf32, #ssm.dims<L>>
!v = !tile.global<f32, 1>
tile.kernel @k(%s: !v) attributes {threads = 128 : i64, smem = 0 : i64} {
}
func.func @forward(%s: !f {ssm.name = "s"}) -> (!f {ssm.name = "t"}) attributes {ssm.dims = [#ssm.dim<L>]} {
  %a = tile.global_view %s sizes [L] strides [1] : !f -> !v
  tile.launch @k grid [1, 1, 1] (%a) : !v
  // expected-error@+1 {{operand 0 is not memory of its own: each result is a tile.alloc}}
  return %s : !f
}

// -----

!f = tensor<?xf32, #ssm.dims<L>>
!v = !tile.global<f32, 1>
tile.kernel @k(%s: !v) attributes {threads = 128 : i64, smem = 0 : i64} {
}
func.func @forward(%s: !f {ssm.name = "s"}) -> (!f {ssm.name = "t"}) attributes {ssm.dims = [#ssm.dim<L>]} {
  // expected-error@+1 {{is a result, which is the caller's memory: it can be zero at each call, not once}}
  %t = tile.alloc init(zero_once) : !f
  %a = tile.global_view %t sizes [L] strides [1] : !f -> !v
  tile.launch @k grid [1, 1, 1] (%a) : !v
  return %t : !f
}

// -----

!f = tensor<?xf32, #ssm.dims<L>>
tile.kernel @k(%n: index) attributes {threads = 128 : i64, smem = 0 : i64} {
}
func.func @forward(%s: !f {ssm.name = "s"}) attributes {ssm.dims = [#ssm.dim<L>]} {
  %c0 = arith.constant 0 : index
  // expected-error@+1 {{cannot stand in an entry that launches kernels: nothing runs on the host but launches}}
  %n = tensor.dim %s, %c0 : !f
  tile.launch @k grid [1, 1, 1] (%n) : index
  return
}
