// RUN: %ssm-opt %s | %ssm-opt | FileCheck %s

// Expressions: precedence, functions, numbers, and how their types are written.
!S = tensor<64x128xf32, #tile.acc>
!r = tensor<64xf32, #tile.row>
// CHECK-LABEL: func.func @expressions
func.func @expressions(%i: index, %n: index, %s: !S, %m: !r, %f: f32, %p: i1) {
  // CHECK: tile.compute 64 * (%[[I:.*]] - 1) + %{{.*}} mod 3 : index
  %a = tile.compute (64 * (%i - 1)) + (%n mod 3) : index
  // CHECK: tile.compute %[[I]] - (%{{.*}} - 1) : index
  %b = tile.compute %i - (%n - 1) : index
  // CHECK: tile.compute not(%{{.*}} >= 0 and %{{.*}} < 128 or %{{.*}} == 5) : index -> i1
  %c = tile.compute not(%i >= 0 and %n < 128 or %i == 5) : index -> i1
  // CHECK: tile.compute exp2(fma(%{{.*}}, %{{.*}}, -(select(%{{.*}} == -inf, 0, %{{.*}}) * %{{.*}}))) approx : (tensor<64x128xf32, #tile.acc>, f32, tensor<64xf32, #tile.row>) -> tensor<64x128xf32, #tile.acc>
  %d = tile.compute exp2(fma(%s, %f, -(select(%m == -inf, 0, %m) * %f))) approx : (!S, f32, !r) -> !S
  // CHECK: tile.compute max(%{{.*}} * -6.93{{.*}}E-1, 1.5E+0) / 2 : f32
  %e = tile.compute max(%f * -0.6931471805599453, 1.5) / 2 : f32
  // CHECK: tile.compute select(%{{.*}}, f32(%{{.*}}), 0) : (i1, index) -> f32
  %g = tile.compute select(%p, f32(%i), 0) : (i1, index) -> f32
  return
}
