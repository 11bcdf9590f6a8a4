// RUN: %ssm-opt %s --convert-tile-to-vector --canonicalize --cse | FileCheck %s

!x = tensor<4x32xf32, #ssm.dims<M, L>>
!r = tensor<32xf32, #ssm.dims<L>>
!v = !tile.view<4x32xf32, #ssm.dims<M, L>>

// Three tiles are kept between passes, two at a time: the third has the first one's
// scratch.
// CHECK-LABEL: func.func @reuse
// CHECK-COUNT-2: memref.alloca() {{.*}} : memref<4x32xf32>
// CHECK-NOT: memref.alloca() {{.*}} : memref<4x32xf32>
// CHECK: return
func.func @reuse(%x: memref<4x32xf32>, %y: memref<4x32xf32>) {
  %c1 = arith.constant 1 : index
  %X = tile.view %x : memref<4x32xf32> to !v
  %Y = tile.view %y : memref<4x32xf32> to !v
  tile.program owns(Z = %z : 1 of %c1) {
    %0 = tile.read %X : !v -> !x
    %a = math.exp %0 : !x
    %am = tile.combine max(%a) over ["M"] : !x -> !r
    %as = tile.spread %am : !r -> !x
    %b = arith.subf %a, %as : !x
    %bm = tile.combine max(%b) over ["M"] : !x -> !r
    %bs = tile.spread %bm : !r -> !x
    %c = arith.subf %b, %bs : !x
    %cm = tile.combine max(%c) over ["M"] : !x -> !r
    %cs = tile.spread %cm : !r -> !x
    %d = arith.divf %c, %cs : !x
    tile.write %d to %Y : !x to !v
  }
  return
}

// What a fold carries is made in its place where nothing reads the old value later,
// else it is copied there at the end of a step.
// CHECK-LABEL: func.func @carried
// CHECK: %[[SWAPPED:.*]] = memref.alloca() {{.*}} : memref<32xf32>
// CHECK: scf.for
// CHECK: arith.addf
// CHECK: vector.store
// CHECK: return
func.func @carried(%x: memref<?x32xf32>, %n: index, %y: memref<32xf32>, %z: memref<32xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %X = tile.view %x : memref<?x32xf32> to !tile.view<?x32xf32, #ssm.dims<M, L>>
  %Y = tile.view %y : memref<32xf32> to !tile.view<32xf32, #ssm.dims<L>>
  %Z = tile.view %z : memref<32xf32> to !tile.view<32xf32, #ssm.dims<L>>
  tile.program owns(B = %b : 1 of %c1) {
    %zero = arith.constant dense<0.0> : !r
    %s, %t = tile.loop M = %m : 1 from %c0 to %n order up carry(%p = %zero : !r, %q = %zero : !r) {
      %0 = tile.read %X[M = %m] : !tile.view<?x32xf32, #ssm.dims<M, L>> -> !r
      %1 = arith.addf %p, %0 : !r
      tile.yield %1, %p : !r, !r
    }
    tile.write %s to %Y : !r to !tile.view<32xf32, #ssm.dims<L>>
    tile.write %t to %Z : !r to !tile.view<32xf32, #ssm.dims<L>>
  }
  return
}

// Scratch of open size is allocated, and freed where the item ends.
// CHECK-LABEL: func.func @open
// CHECK: scf.parallel
// CHECK: %[[OWN:.*]] = memref.alloc(%{{.*}}) {{.*}} : memref<?xf32>
// CHECK: scf.for
// CHECK: }
// CHECK: memref.dealloc %[[OWN]]
// CHECK-NEXT: scf.reduce
func.func @open(%y: memref<4xf32>, %n: index) {
  %c4 = arith.constant 4 : index
  %c0 = arith.constant 0 : index
  %zero = arith.constant dense<0.0> : tensor<16xf32, #ssm.dims<L>>
  tile.program owns(Z = %z : 1 of %c4) {
    %own = tile.scratch(%n) : !tile.view<?xf32, #ssm.dims<L>>
    tile.loop L = %l : 16 from %c0 to %n order up {
      tile.write %zero to %own[L = %l] : tensor<16xf32, #ssm.dims<L>> to !tile.view<?xf32, #ssm.dims<L>>
    }
  }
  return
}
