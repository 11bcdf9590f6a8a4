// RUN: %ssm-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: func.func @transposed_twice(
// CHECK-SAME: %[[W:.*]]: !ssm.matrix<O x I, f32>
func.func @transposed_twice(%W: !ssm.matrix<O x I, f32>) -> !ssm.matrix<O x I, f32> {
  // CHECK-NEXT: return %[[W]]
  %0 = ssm.matrix_transpose %W : !ssm.matrix<O x I, f32> -> !ssm.matrix<I x O, f32>
  %1 = ssm.matrix_transpose %0 : !ssm.matrix<I x O, f32> -> !ssm.matrix<O x I, f32>
  return %1 : !ssm.matrix<O x I, f32>
}
