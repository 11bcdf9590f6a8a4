// RUN: %ssm-opt %s --ssm-pipeline --ssm-to-linalg-pipeline | FileCheck %s

// One loop for a chain of elementwise operations; the entry keeps its symbol.
// CHECK: func.func @forward(%{{.*}}: memref<?xf32> {ssm.shape = ["L"]}, %{{.*}}: memref<?xf32> {ssm.shape = ["L"]}, %{{.*}}: index)
// CHECK-SAME: ssm.symbol = "chain_forward_entry"
// CHECK: linalg.generic
// CHECK: math.exp
// CHECK: arith.mulf
// CHECK-NOT: linalg.generic
// CHECK: bufferization.materialize_in_destination
module attributes {ssm.layer = "chain"} {
  func.func @forward(%u: tensor<?xf32, #ssm.dims<L>> {ssm.name = "u", ssm.role = #ssm.role<input>})
      -> (tensor<?xf32, #ssm.dims<L>> {ssm.name = "out", ssm.role = #ssm.role<output>})
      attributes {ssm.dims = [#ssm.dim<L>]} {
    %0 = ssm.map exp(%u) : (tensor<?xf32, #ssm.dims<L>>) -> tensor<?xf32, #ssm.dims<L>>
    %1 = ssm.map mul(%0, %u) : (tensor<?xf32, #ssm.dims<L>>, tensor<?xf32, #ssm.dims<L>>) -> tensor<?xf32, #ssm.dims<L>>
    return %1 : tensor<?xf32, #ssm.dims<L>>
  }
}
