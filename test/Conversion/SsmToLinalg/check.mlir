// RUN: %ssm-opt %s --convert-ssm-to-linalg | FileCheck %s

// The message is led by the place in the source; a value that is lacking is 0. One
// string stands for both.
// CHECK: llvm.mlir.global private constant @[[TEXT:.*]]("layer.ssm:3:5: only %a\00")
// CHECK-NOT: llvm.mlir.global
// CHECK: func.func private @ssm_rt_fail(!llvm.ptr, i64, i64)
// CHECK-LABEL: func.func @forward
// CHECK: %[[A:.*]] = tensor.extract
// CHECK: %[[HOLDS:.*]] = tensor.extract
// CHECK: %[[FAILS:.*]] = arith.xori %[[HOLDS]]
// CHECK: scf.if %[[FAILS]]
// CHECK:   %[[ADDRESS:.*]] = llvm.mlir.addressof @[[TEXT]]
// CHECK:   func.call @ssm_rt_fail(%[[ADDRESS]], %[[A]], %c0_i64{{.*}})
// CHECK: llvm.mlir.addressof @[[TEXT]]
func.func @forward(%c: tensor<i1>, %d: tensor<i1>, %a: tensor<i64>) -> tensor<i64> {
  ssm.check %c, "only %a" (%a) loc("dir/layer.ssm":3:5)
  ssm.check %d, "only %a" (%a) loc("dir/layer.ssm":3:5)
  return %a : tensor<i64>
}
