// Expressions become operations on operands that are spread to where they meet.
// RUN: ssm-opt %s --tile-expand-compute | FileCheck %s
!S = tensor<64x128xf32, #tile.acc>
!P = tensor<64x128xbf16, #tile.acc>
!r = tensor<64xf32, #tile.row>
!c = tensor<128xf32, #tile.col>

// The product of the row is a row; what is spread is the difference's operand.
// CHECK-LABEL: @exponentials
// CHECK-SAME: %[[S:.*]]: tensor<64x128xf32, #tile.acc>, %[[M:.*]]: tensor<64xf32, #tile.row>, %[[F:.*]]: f32
// CHECK: %[[FS:.*]] = tile.broadcast %[[F]] : f32 to tensor<64x128xf32, #tile.acc>
// CHECK: %[[A:.*]] = arith.mulf %[[S]], %[[FS]]
// CHECK: %[[FR:.*]] = tile.broadcast %[[F]] : f32 to tensor<64xf32, #tile.row>
// CHECK: %[[B:.*]] = arith.mulf %[[M]], %[[FR]] : tensor<64xf32, #tile.row>
// CHECK: %[[BS:.*]] = tile.broadcast %[[B]] : tensor<64xf32, #tile.row> to
// CHECK: %[[D:.*]] = arith.subf %[[A]], %[[BS]]
// CHECK: %[[E:.*]] = math.exp2 %[[D]] fastmath<afn>
// CHECK: arith.truncf %[[E]]
func.func @exponentials(%s: !S, %m: !r, %f: f32) -> !P {
  %p = tile.compute bf16(exp2(%s * %f - %m * %f)) approx : (!S, f32, !r) -> !P
  return %p : !P
}

// A row and a col meet in the result's shape; numbers take the type of what they meet.
// CHECK-LABEL: @meet
// CHECK: %[[ONE:.*]] = arith.constant dense<1.000000e+00> : tensor<64xf32, #tile.row>
// CHECK: arith.divf %[[ONE]], %{{.*}} fastmath<arcp,afn> : tensor<64xf32, #tile.row>
// CHECK: arith.addf %{{.*}}, %{{.*}} : tensor<64x128xf32, #tile.acc>
func.func @meet(%a: !r, %b: !c) -> !S {
  %x = tile.compute 1 / %a + %b approx : (!r, !c) -> !S
  return %x : !S
}

// Integers by shifts and masks, as affine expressions are.
// CHECK-LABEL: @integers
// CHECK: arith.shrsi
// CHECK: arith.cmpi slt
// CHECK: arith.andi
// CHECK: arith.cmpi eq
// CHECK: %[[P:.*]] = arith.andi {{.*}} : i1
// CHECK: arith.select %[[P]]
func.func @integers(%i: index, %n: index) -> index {
  %x = tile.compute select(%i floordiv 64 < %n and %i mod 64 == 0, %i, 0) : index
  return %x : index
}
