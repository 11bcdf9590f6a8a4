// Where bf16 is only moved, widened and narrowed it is whole numbers; where something computes with it, it stays. So is
// f16 where the processor does not convert it.
// RUN: %ssm-opt %s --ssm-halves-to-bits -split-input-file | FileCheck %s
// RUN: %ssm-opt %s --ssm-halves-to-bits=f16=true -split-input-file | FileCheck %s --check-prefixes=CHECK,HALF

// CHECK-LABEL: llvm.func @doubled(
// CHECK: %[[X:.*]] = llvm.load %{{.*}} : !llvm.ptr -> vector<8xi16>
// CHECK: %[[WIDE:.*]] = arith.extui %[[X]] : vector<8xi16> to vector<8xi32>
// CHECK: arith.shli %[[WIDE]]
// CHECK: llvm.fadd
// CHECK: arith.cmpi ugt
// CHECK: arith.select {{.*}} : vector<8xi1>, vector<8xi32>
// CHECK: %[[NARROW:.*]] = arith.trunci {{.*}} : vector<8xi32> to vector<8xi16>
// CHECK: llvm.store %[[NARROW]], {{.*}} : vector<8xi16>, !llvm.ptr
// CHECK-NOT: bf16
llvm.func @doubled(%p: !llvm.ptr) {
  %x = llvm.load %p : !llvm.ptr -> vector<8xbf16>
  %y = llvm.fpext %x : vector<8xbf16> to vector<8xf32>
  %z = llvm.fadd %y, %y : vector<8xf32>
  %w = llvm.fptrunc %z : vector<8xf32> to vector<8xbf16>
  llvm.store %w, %p : vector<8xbf16>, !llvm.ptr
  llvm.return
}

// -----

// CHECK-LABEL: llvm.func @filled(
// CHECK: llvm.mlir.constant(dense<16256> : vector<4xi16>) : vector<4xi16>
llvm.func @filled(%p: !llvm.ptr) {
  %one = llvm.mlir.constant(dense<1.0> : vector<4xbf16>) : vector<4xbf16>
  llvm.store %one, %p : vector<4xbf16>, !llvm.ptr
  llvm.return
}

// -----

// CHECK-LABEL: llvm.func @dot(
// CHECK: llvm.fadd {{.*}} : vector<8xbf16>
llvm.func @dot(%p: !llvm.ptr) {
  %x = llvm.load %p : !llvm.ptr -> vector<8xbf16>
  %z = llvm.fadd %x, %x : vector<8xbf16>
  llvm.store %z, %p : vector<8xbf16>, !llvm.ptr
  llvm.return
}

// -----

// CHECK-LABEL: llvm.func @half(
// HALF: %[[X:.*]] = llvm.load %{{.*}} : !llvm.ptr -> i16
// HALF: arith.extui %[[X]] : i16 to i32
// HALF: llvm.fadd
// HALF: llvm.store %{{.*}}, {{.*}} : i16, !llvm.ptr
// HALF-NOT: f16
llvm.func @half(%p: !llvm.ptr) {
  %x = llvm.load %p : !llvm.ptr -> f16
  %y = llvm.fpext %x : f16 to f32
  %z = llvm.fadd %y, %y : f32
  %w = llvm.fptrunc %z : f32 to f16
  llvm.store %w, %p : f16, !llvm.ptr
  llvm.return
}

// -----

// From f64 it is rounded once.
// CHECK-LABEL: llvm.func @double(
// CHECK: arith.truncf {{.*}} : f64 to f32
// CHECK: arith.cmpf one
// CHECK: llvm.store %{{.*}}, {{.*}} : i16, !llvm.ptr
llvm.func @double(%p: !llvm.ptr, %x: f64) {
  %y = llvm.fptrunc %x : f64 to bf16
  llvm.store %y, %p : bf16, !llvm.ptr
  llvm.return
}

// -----

// f16 that something computes with stays.
// CHECK-LABEL: llvm.func @sum(
// CHECK: llvm.fadd {{.*}} : f16
llvm.func @sum(%p: !llvm.ptr) {
  %x = llvm.load %p : !llvm.ptr -> f16
  %z = llvm.fadd %x, %x : f16
  llvm.store %z, %p : f16, !llvm.ptr
  llvm.return
}
