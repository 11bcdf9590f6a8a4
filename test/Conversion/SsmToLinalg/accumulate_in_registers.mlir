// RUN: %ssm-opt %s --ssm-accumulate-in-registers | FileCheck %s

// A value that two loops accumulate goes up through both.
// CHECK-LABEL: func.func @nested
// CHECK: %[[SUM:.*]] = memref.alloc
// CHECK: memref.store %{{.*}}, %[[SUM]]
// CHECK: %[[START:.*]] = memref.load %[[SUM]][%c0]
// CHECK: %[[ALL:.*]] = scf.for {{.*}} iter_args(%[[OUTER:.*]] = %[[START]])
// CHECK:   %[[ROW:.*]] = scf.for {{.*}} iter_args(%[[INNER:.*]] = %[[OUTER]])
// CHECK:     memref.load %arg0
// CHECK:     %[[NEXT:.*]] = arith.addf %[[INNER]]
// CHECK:     scf.yield %[[NEXT]]
// CHECK:   scf.yield %[[ROW]]
// CHECK: memref.store %[[ALL]], %[[SUM]][%c0]
// CHECK-NEXT: return
func.func @nested(%x: memref<?x?xf32>, %m: index, %n: index) -> memref<1xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %sum = memref.alloc() : memref<1xf32>
  memref.store %zero, %sum[%c0] : memref<1xf32>
  scf.for %i = %c0 to %m step %c1 {
    scf.for %j = %c0 to %n step %c1 {
      %0 = memref.load %sum[%c0] : memref<1xf32>
      %1 = memref.load %x[%i, %j] : memref<?x?xf32>
      %2 = arith.addf %0, %1 : f32
      memref.store %2, %sum[%c0] : memref<1xf32>
    }
  }
  return %sum : memref<1xf32>
}

// The place moves with the loop.
// CHECK-LABEL: func.func @moves
// CHECK: scf.for
// CHECK-NOT: iter_args
// CHECK: memref.store
// CHECK-NEXT: }
func.func @moves(%n: index) -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %sum = memref.alloc(%n) : memref<?xf32>
  scf.for %i = %c0 to %n step %c1 {
    %0 = memref.load %sum[%i] : memref<?xf32>
    %1 = arith.addf %0, %0 : f32
    memref.store %1, %sum[%i] : memref<?xf32>
  }
  return %sum : memref<?xf32>
}

// Another place of the same buffer is read.
// CHECK-LABEL: func.func @elsewhere
// CHECK-NOT: iter_args
// CHECK: return
func.func @elsewhere(%n: index) -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %sum = memref.alloc(%n) : memref<?xf32>
  scf.for %i = %c0 to %n step %c1 {
    %0 = memref.load %sum[%c0] : memref<?xf32>
    %1 = memref.load %sum[%i] : memref<?xf32>
    %2 = arith.addf %0, %1 : f32
    memref.store %2, %sum[%c0] : memref<?xf32>
  }
  return %sum : memref<?xf32>
}

// A buffer that the caller gave may be the same as another.
// CHECK-LABEL: func.func @given
// CHECK-NOT: iter_args
// CHECK: return
func.func @given(%x: memref<?xf32>, %sum: memref<1xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %0 = memref.load %sum[%c0] : memref<1xf32>
    %1 = memref.load %x[%i] : memref<?xf32>
    %2 = arith.addf %0, %1 : f32
    memref.store %2, %sum[%c0] : memref<1xf32>
  }
  return
}

// A call may read it.
// CHECK-LABEL: func.func @called
// CHECK-NOT: iter_args
// CHECK: return
func.func private @report()
func.func @called(%n: index, %x: f32) -> memref<1xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %sum = memref.alloc() : memref<1xf32>
  scf.for %i = %c0 to %n step %c1 {
    %0 = memref.load %sum[%c0] : memref<1xf32>
    func.call @report() : () -> ()
    %1 = arith.addf %0, %x : f32
    memref.store %1, %sum[%c0] : memref<1xf32>
  }
  return %sum : memref<1xf32>
}

// What is read after the store is the new value.
// CHECK-LABEL: func.func @after
// CHECK-NOT: iter_args
// CHECK: return
func.func @after(%n: index, %x: f32) -> memref<1xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %sum = memref.alloc() : memref<1xf32>
  scf.for %i = %c0 to %n step %c1 {
    memref.store %x, %sum[%c0] : memref<1xf32>
    %0 = memref.load %sum[%c0] : memref<1xf32>
  }
  return %sum : memref<1xf32>
}
