// RUN: %ssm-opt %s --ssm-raise | FileCheck %s

// From the end, the other way along T, from nothing: the intake and the read-out change places.
// CHECK-LABEL: func.func @down
// CHECK-NOT: ssm.scan
// CHECK: %[[K:.*]] = ssm.conv {{ ?}}anticausal %arg1 along "T", %arg2 along "T"
// CHECK: %[[Y:.*]] = ssm.conv {{ ?}}anticausal %arg0 along "L", %[[K]] along "T"
// CHECK-NEXT: return
!k = tensor<?x?xf32, #ssm.dims<L, D>>
!t = tensor<?x8xf32, #ssm.dims<D, T>>
!all = tensor<?x?x8xf32, #ssm.dims<L, D, T>>
func.func @down(%k: !k, %b: !t, %c: !t) -> !k attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<D>, #ssm.dim<T = 8>]} {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %by = arith.constant dense<-1> : tensor<i64>
  %init = ssm.align %zero : tensor<f32> -> !t
  %last, %states = ssm.scan "L" reverse init(%init : !t) over(%k : !k) final(!t) stacked(!all) {
  ^bb0(%l: tensor<i64>, %s: !t, %x: tensor<?xf32, #ssm.dims<D>>):
    %moved = ssm.shift %s along "T" by %by : !t
    %in = ssm.map mul(%b, %x) : (!t, tensor<?xf32, #ssm.dims<D>>) -> !t
    %next = ssm.map add(%in, %moved) : (!t, !t) -> !t
    ssm.yield %next, %next : !t, !t
  }
  %y = ssm.contract(%c, %states) over ["T"] : (!t, !all) -> !k
  return %y : !k
}
