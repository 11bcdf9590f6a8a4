// RUN: %ssm-opt %s --ssm-vector-math | FileCheck %s
// RUN: %ssm-opt %s --ssm-vector-math="vector-bits=256" | FileCheck %s --check-prefix=NARROW

// CHECK-LABEL: func.func @exp
// CHECK-NOT: math.exp
// CHECK: math.fma
// CHECK: x86vector.avx512.mask.scalef
// NARROW-LABEL: func.func @exp
// NARROW-NOT: x86vector
// NARROW: arith.bitcast %{{.*}} : vector<16xi32> to vector<16xf32>
func.func @exp(%x: vector<16xf32>) -> vector<16xf32> {
  %0 = math.exp %x : vector<16xf32>
  return %0 : vector<16xf32>
}

// Large arguments go to the scalar function, a lane at a time.
// CHECK-LABEL: func.func @sin
// CHECK: scf.if
// CHECK-COUNT-16: math.sin %{{.*}} : f32
func.func @sin(%x: vector<16xf32>) -> vector<16xf32> {
  %0 = math.sin %x : vector<16xf32>
  return %0 : vector<16xf32>
}

// What is rounded to f32 afterwards needs no more digits; what stays f64 is libm's.
// CHECK-LABEL: func.func @erfc
// CHECK: math.fma %{{.*}} : vector<8xf64>
// CHECK: math.erfc %{{.*}} : vector<8xf64>
// CHECK: math.exp %{{.*}} : f32
func.func @erfc(%x: vector<8xf64>, %s: f32) -> (vector<8xf32>, vector<8xf64>, f32) {
  %0 = math.erfc %x : vector<8xf64>
  %1 = arith.mulf %x, %0 : vector<8xf64>
  %2 = arith.truncf %1 : vector<8xf64> to vector<8xf32>
  %3 = math.erfc %x : vector<8xf64>
  %4 = math.exp %s : f32
  return %2, %3, %4 : vector<8xf32>, vector<8xf64>, f32
}

// A function of whole numbers that is rounded to f32 runs in f32; one that is not stays.
// CHECK-LABEL: func.func @whole
// CHECK: arith.sitofp %{{.*}} : vector<16xi64> to vector<16xf32>
// CHECK-NOT: math.log1p %{{.*}} : vector<16xf64>
// CHECK: math.fma %{{.*}} : vector<16xf32>
// CHECK: math.log1p %{{.*}} : vector<8xf64>
func.func @whole(%x: vector<16xi64>, %y: vector<8xi64>) -> (vector<16xf32>, vector<8xf64>) {
  %0 = arith.sitofp %x : vector<16xi64> to vector<16xf64>
  %1 = math.log1p %0 : vector<16xf64>
  %2 = arith.truncf %1 : vector<16xf64> to vector<16xf32>
  %3 = arith.sitofp %y : vector<8xi64> to vector<8xf64>
  %4 = math.log1p %3 : vector<8xf64>
  return %2, %4 : vector<16xf32>, vector<8xf64>
}

// 1 plus a whole number is exact: nothing is put back, and of a distance there is no edge.
// CHECK-LABEL: func.func @distance
// CHECK-NOT: arith.divf
// CHECK-NOT: arith.cmpf
// CHECK: return
func.func @distance(%x: vector<16xi64>) -> vector<16xf32> {
  %zero = arith.constant dense<0> : vector<16xi64>
  %0 = arith.cmpi slt, %x, %zero : vector<16xi64>
  %1 = arith.subi %zero, %x : vector<16xi64>
  %2 = arith.select %0, %1, %x : vector<16xi1>, vector<16xi64>
  %3 = arith.sitofp %2 : vector<16xi64> to vector<16xf64>
  %4 = math.log1p %3 : vector<16xf64>
  %5 = arith.truncf %4 : vector<16xf64> to vector<16xf32>
  return %5 : vector<16xf32>
}

// A whole number may be -1 or less.
// CHECK-LABEL: func.func @signed
// CHECK: arith.cmpf ult
func.func @signed(%x: vector<16xi64>) -> vector<16xf32> {
  %0 = arith.sitofp %x : vector<16xi64> to vector<16xf32>
  %1 = math.log1p %0 : vector<16xf32>
  return %1 : vector<16xf32>
}

// One path and one division for all arguments.
// CHECK-LABEL: func.func @tanh
// CHECK: arith.divf
// CHECK-NOT: arith.divf
// CHECK: return
func.func @tanh(%x: vector<16xf32>) -> vector<16xf32> {
  %0 = math.tanh %x : vector<16xf32>
  return %0 : vector<16xf32>
}

// NaN passes from either side; a number alone has an instruction.
// CHECK-LABEL: func.func @largest
// CHECK-SAME: %[[X:.*]]: vector<16xf32>, %[[Y:.*]]: vector<16xf32>, %{{.*}}: f32
// CHECK: %[[ABOVE:.*]] = arith.cmpf ogt, %[[X]], %[[Y]]
// CHECK: %[[ONE:.*]] = arith.select %[[ABOVE]], %[[X]], %[[Y]]
// CHECK: %[[NAN:.*]] = arith.cmpf uno, %[[X]], %[[X]]
// CHECK: arith.select %[[NAN]], %[[X]], %[[ONE]]
// CHECK: arith.maximumf %{{.*}} : f32
func.func @largest(%x: vector<16xf32>, %y: vector<16xf32>, %s: f32) -> (vector<16xf32>, f32) {
  %0 = arith.maximumf %x, %y : vector<16xf32>
  %1 = arith.maximumf %s, %s : f32
  return %0, %1 : vector<16xf32>, f32
}
