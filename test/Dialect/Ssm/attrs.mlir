// RUN: %ssm-opt %s | %ssm-opt | FileCheck %s

// Names in a tensor's type; those that are no identifiers are quoted.
// CHECK-LABEL: func.func @names
// CHECK-SAME: tensor<?x4x?xf32, #ssm.dims<B, "4", s4d.N>>
func.func @names(%x: tensor<?x4x?xf32, #ssm.dims<B, "4", s4d.N>>) { return }

// The table of dimensions: open, constant, computed.
// CHECK-LABEL: func.func @table
// CHECK-SAME: ssm.dims = [#ssm.dim<B>, #ssm.dim<"4" = 4>, #ssm.dim<L>, #ssm.dim<K = add(floordiv(L, 2), 1)>,
// CHECK-SAME: #ssm.dim<M = min(L, mul(B, 4), 7)>, #ssm.dim<P = pow2part(gcd(div(L, "4"), ceildiv(B, 2)))>,
// CHECK-SAME: #ssm.dim<Q = max(log2(L), pow2(3), sub(L, mod(B, 2)))>]
func.func @table() attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<"4" = 4>, #ssm.dim<L>,
    #ssm.dim<K = add(floordiv(L, 2), 1)>, #ssm.dim<M = min(L, mul(B, 4), 7)>,
    #ssm.dim<P = pow2part(gcd(div(L, "4"), ceildiv(B, 2)))>,
    #ssm.dim<Q = max(log2(L), pow2(3), sub(L, mod(B, 2)))>]} { return }

// Names, roles and initialisers of arguments and results.
// CHECK-LABEL: func.func @roles
// CHECK-SAME: {ssm.name = "u", ssm.role = #ssm.role<input>}
// CHECK-SAME: {ssm.init = "init.w", ssm.name = "w", ssm.role = #ssm.role<param>}
// CHECK-SAME: {ssm.name = "h", ssm.role = #ssm.role<state>}
// CHECK-SAME: {ssm.name = "seed", ssm.role = #ssm.role<seed>}
// CHECK-SAME: -> (tensor<f32> {ssm.name = "out", ssm.role = #ssm.role<output>})
func.func @roles(%u: tensor<f32> {ssm.name = "u", ssm.role = #ssm.role<input>},
                 %w: tensor<f32> {ssm.init = "init.w", ssm.name = "w", ssm.role = #ssm.role<param>},
                 %h: tensor<f32> {ssm.name = "h", ssm.role = #ssm.role<state>},
                 %s: tensor<i64> {ssm.name = "seed", ssm.role = #ssm.role<seed>})
    -> (tensor<f32> {ssm.name = "out", ssm.role = #ssm.role<output>}) {
  return %u : tensor<f32>
}
