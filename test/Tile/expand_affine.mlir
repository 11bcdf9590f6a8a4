// Division and remainder by a power of two are a shift and a mask; others round down.
// RUN: ssm-opt %s --tile-expand-affine --canonicalize | FileCheck %s

// CHECK-LABEL: @apply
// CHECK-SAME: %[[I:.*]]: index
// CHECK: %[[Q:.*]] = arith.shrsi %[[I]], %c6
// CHECK: %[[R:.*]] = arith.shli %[[Q]], %c6
// CHECK: %[[S:.*]] = arith.addi %[[R]], %c63
// CHECK: return %[[S]]
func.func @apply(%i: index) -> index {
  %r = affine.apply affine_map<()[i] -> (i floordiv 64 * 64 + 63)>()[%i]
  return %r : index
}

// CHECK-LABEL: @rest
// CHECK: arith.divsi
// CHECK: arith.select
// CHECK: arith.subi
func.func @rest(%i: index, %n: index) -> index {
  %r = affine.apply affine_map<()[i, n] -> (i mod n)>()[%i, %n]
  return %r : index
}

// CHECK-LABEL: @least
// CHECK: %[[A:.*]] = arith.andi %{{.*}}, %c7
// CHECK: arith.minsi %[[A]], %{{.*}}
func.func @least(%i: index, %n: index) -> index {
  %r = affine.min affine_map<()[i, n] -> (i mod 8, n)>()[%i, %n]
  return %r : index
}
