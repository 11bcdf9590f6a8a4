// RUN: %ssm-opt %s --ssm-copies-to-loops | FileCheck %s

// A slice on either side is copied element by element.
// CHECK-LABEL: func.func @slice
// CHECK-NOT: memref.copy
// CHECK: linalg.copy ins(%arg0 : memref<?xf32, strided<[?], offset: ?>>) outs(%arg1 : memref<?xf32>)
// CHECK: linalg.copy ins(%arg1 : memref<?xf32>) outs(%arg0 : memref<?xf32, strided<[?], offset: ?>>)
func.func @slice(%a: memref<?xf32, strided<[?], offset: ?>>, %b: memref<?xf32>) {
  memref.copy %a, %b : memref<?xf32, strided<[?], offset: ?>> to memref<?xf32>
  memref.copy %b, %a : memref<?xf32> to memref<?xf32, strided<[?], offset: ?>>
  return
}

// One between dense buffers stays: a memcpy.
// CHECK-LABEL: func.func @dense
// CHECK: memref.copy
// CHECK-NOT: linalg.copy
func.func @dense(%a: memref<?x4xf32>, %b: memref<?x4xf32>) {
  memref.copy %a, %b : memref<?x4xf32> to memref<?x4xf32>
  return
}
