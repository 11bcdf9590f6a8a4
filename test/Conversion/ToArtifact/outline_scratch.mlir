// RUN: %ssm-opt %s --ssm-outline-parallel | FileCheck %s

// Scratch of an iteration is taken once, where the outlined function begins: on the
// stack while that is small, else allocated and freed at the function's end.
// CHECK-LABEL: llvm.func internal @work_parallel
// CHECK-DAG: memref.alloca() : memref<64xf32>
// CHECK-DAG: %[[LARGE:.*]] = memref.alloc() : memref<1024x1024xf32>
// CHECK: scf.for
// CHECK-NOT: memref.alloc
// CHECK: memref.dealloc %[[LARGE]]
// CHECK: llvm.return
func.func @work(%m: memref<?xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %small = memref.alloca() : memref<64xf32>
    %large = memref.alloca() : memref<1024x1024xf32>
    %0 = memref.load %m[%i] : memref<?xf32>
    memref.store %0, %small[%c0] : memref<64xf32>
    memref.store %0, %large[%c0, %c1] : memref<1024x1024xf32>
    scf.reduce
  }
  return
}

// The same of a function whose loop stayed in it.
// CHECK-LABEL: func.func @alone
// CHECK: %[[ALL:.*]] = memref.alloc() : memref<1024x1024xf32>
// CHECK: memref.dealloc %[[ALL]]
// CHECK-NEXT: return
func.func @alone(%m: memref<?xf32>, %i: index) {
  %large = memref.alloca() : memref<1024x1024xf32>
  %0 = memref.load %m[%i] : memref<?xf32>
  memref.store %0, %large[%i, %i] : memref<1024x1024xf32>
  return
}
