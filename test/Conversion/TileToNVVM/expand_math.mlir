// What a kernel may not approximate and GPUs have no instruction for is written out; the rest stays.
// RUN: ssm-opt %s --tile-expand-math | FileCheck %s

// CHECK-LABEL: llvm.func @k
// CHECK-NOT: math.exp
// CHECK-NOT: math.erf
// CHECK: math.fma
// CHECK: math.sqrt
llvm.func @k(%x: f32) -> f32 {
  %a = math.exp %x : f32
  %b = math.erf %a : f32
  %c = math.sqrt %b : f32
  llvm.return %c : f32
}

// Outside of lowered kernels nothing changes.
// CHECK-LABEL: func.func @host
// CHECK: math.exp
func.func @host(%x: f32) -> f32 {
  %a = math.exp %x : f32
  return %a : f32
}
