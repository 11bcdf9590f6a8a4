// RUN: %ssm-opt %s --ssm-pipeline --ssm-to-linalg-pipeline | FileCheck %s

// What does not depend on the step is computed once, before the scan.
// CHECK: math.exp
// CHECK: scf.for
// CHECK-NOT: math.exp
// CHECK: scf.yield
module attributes {ssm.layer = "decay"} {
  func.func @forward(%u: tensor<?xf32, #ssm.dims<L>> {ssm.name = "u", ssm.role = #ssm.role<input>},
                     %a: tensor<f32> {ssm.name = "a", ssm.role = #ssm.role<param>},
                     %h0: tensor<f32> {ssm.name = "h", ssm.role = #ssm.role<state>})
      -> (tensor<f32> {ssm.name = "h", ssm.role = #ssm.role<state>}) attributes {ssm.dims = [#ssm.dim<L>]} {
    %last = ssm.scan "L" init(%h0 : tensor<f32>) over(%u : tensor<?xf32, #ssm.dims<L>>) final(tensor<f32>) {
    ^bb0(%l: tensor<i64>, %h: tensor<f32>, %ul: tensor<f32>):
      %0 = ssm.map exp(%a) : (tensor<f32>) -> tensor<f32>
      %1 = ssm.map mul(%0, %h) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      %2 = ssm.map add(%1, %ul) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      ssm.yield %2 : tensor<f32>
    }
    return %last : tensor<f32>
  }
}
