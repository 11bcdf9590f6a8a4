// Where bf16 is only moved, widened and narrowed it is whole numbers; where something computes with it, it stays.
// RUN: %ssm-opt %s --ssm-bf16-to-bits -split-input-file | FileCheck %s

// CHECK-LABEL: llvm.func @doubled(
// CHECK: %[[X:.*]] = llvm.load %{{.*}} : !llvm.ptr -> vector<8xi16>
// CHECK: %[[WIDE:.*]] = llvm.zext %{{.*}} : vector<8xi16> to vector<8xi32>
// CHECK: llvm.shl %[[WIDE]]
// CHECK: llvm.fadd
// CHECK: llvm.fcmp "uno"
// CHECK: llvm.select {{.*}} : vector<8xi1>, vector<8xi32>
// CHECK: llvm.trunc {{.*}} : vector<8xi32> to vector<8xi16>
// CHECK: llvm.store {{.*}} : vector<8xi16>, !llvm.ptr
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
