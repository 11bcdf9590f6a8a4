// RUN: %ssm-opt %s --ssm-expm1-to-libm --convert-math-to-llvm | FileCheck %s

// Near 0, exp(x) - 1 would have no digit left; other functions stay intrinsics.
// CHECK-LABEL: func.func @both
// CHECK: call @expm1f
// CHECK: call @expm1(
// CHECK: llvm.intr.exp
// CHECK-NOT: llvm.fsub
func.func @both(%x: f32, %y: f64) -> (f32, f64, f64) {
  %0 = math.expm1 %x : f32
  %1 = math.expm1 %y : f64
  %2 = math.exp %y : f64
  return %0, %1, %2 : f32, f64, f64
}
