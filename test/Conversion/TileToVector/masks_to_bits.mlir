// RUN: %ssm-opt %s --ssm-masks-to-bits | FileCheck %s

// CHECK-LABEL: func.func @first
// CHECK-SAME: %[[N:[a-z0-9]+]]: index
// CHECK: %[[I:.*]] = arith.index_cast %[[N]] : index to i64
// CHECK: %[[LOW:.*]] = arith.maxsi %[[I]], %{{.*}} : i64
// CHECK: %[[IN:.*]] = arith.minsi %[[LOW]], %{{.*}} : i64
// CHECK: %[[ONE:.*]] = arith.shli %{{.*}}, %[[IN]] : i64
// CHECK: %[[BITS:.*]] = arith.subi %[[ONE]], %{{.*}} : i64
// CHECK: %[[WORD:.*]] = arith.trunci %[[BITS]] : i64 to i16
// CHECK: %[[WORDS:.*]] = vector.broadcast %[[WORD]] : i16 to vector<1xi16>
// CHECK: vector.bitcast %[[WORDS]] : vector<1xi16> to vector<16xi1>
func.func @first(%n: index, %x: memref<?xf32>, %zero: vector<16xf32>) -> vector<16xf32> {
  %c0 = arith.constant 0 : index
  %mask = vector.create_mask %n : vector<16xi1>
  %y = vector.maskedload %x[%c0], %mask, %zero : memref<?xf32>, vector<16xi1>, vector<16xf32> into vector<16xf32>
  return %y : vector<16xf32>
}

// Few lanes have no word, several dimensions no order of bits.
// CHECK-LABEL: func.func @others
// CHECK: vector.create_mask %{{.*}} : vector<4xi1>
// CHECK: vector.create_mask %{{.*}}, %{{.*}} : vector<2x8xi1>
func.func @others(%n: index) -> (vector<4xi1>, vector<2x8xi1>) {
  %four = vector.create_mask %n : vector<4xi1>
  %rows = vector.create_mask %n, %n : vector<2x8xi1>
  return %four, %rows : vector<4xi1>, vector<2x8xi1>
}
