// What is known of a scan's carries stands with it.
// RUN: %ssm-opt %s | %ssm-opt | FileCheck %s

// CHECK: carries([#ssm.carry<nonlinear, "'tanh' of the carry">])
func.func @f(%h: tensor<4xf32, #ssm.dims<D>>) -> tensor<4xf32, #ssm.dims<D>> {
  %last = ssm.scan "L" init(%h : tensor<4xf32, #ssm.dims<D>>) over() final(tensor<4xf32, #ssm.dims<D>>)
    carries([#ssm.carry<nonlinear, "'tanh' of the carry">]) {
  ^bb0(%l: tensor<i64>, %c: tensor<4xf32, #ssm.dims<D>>):
    %0 = ssm.map tanh(%c) : (tensor<4xf32, #ssm.dims<D>>) -> tensor<4xf32, #ssm.dims<D>>
    ssm.yield %0 : tensor<4xf32, #ssm.dims<D>>
  }
  return %last : tensor<4xf32, #ssm.dims<D>>
}
