// RUN: %ssm-opt %s --convert-tile-to-vector --canonicalize --cse | FileCheck %s

// The weights, whose last dimension is another than the product's, are turned before the loop over L, tile beside tile,
// in rows that do not meet in the first cache; the product of many rows reads them there.
!u = !tile.view<?x?xf32, #ssm.dims<L, H>>
!w = !tile.view<128x?xf32, #ssm.dims<P, H>>
!y = !tile.view<?x128xf32, #ssm.dims<L, P>>
!ut = tensor<32x64xf32, #ssm.dims<L, H>>
!wt = tensor<128x64xf32, #ssm.dims<P, H>>
!yt = tensor<32x128xf32, #ssm.dims<L, P>>
// CHECK-LABEL: func.func @turned
// CHECK: %[[TILES:.*]] = arith.ceildivsi %{{.*}}, %c64
// CHECK: %[[OWN:.*]] = memref.alloc(%[[TILES]]) {{.*}} : memref<?x64x144xf32>
// CHECK: scf.for %[[H:.*]] = %c0 to %[[SIZE:.*]] step %c64
// CHECK:   arith.divui %[[H]], %c64
// CHECK:   vector.shuffle
// CHECK:   vector.maskedstore %[[OWN]]
// CHECK: scf.for %{{.*}} = %c0 to %{{.*}} step %c32
// CHECK:   scf.for %{{.*}} = %c0 to %[[SIZE]] step %c64
// CHECK-NOT: vector.shuffle
// CHECK:     vector.maskedload %[[OWN]]
// CHECK:     math.fma
// CHECK: memref.dealloc %[[OWN]]
func.func @turned(%u: memref<?x?xf32>, %w: memref<128x?xf32>, %y: memref<?x128xf32>, %L: index, %H: index) {
  %U = tile.view %u : memref<?x?xf32> to !u
  %W = tile.view %w : memref<128x?xf32> to !w
  %Y = tile.view %y : memref<?x128xf32> to !y
  %zero = arith.constant dense<0.0> : !yt
  %c0 = arith.constant 0 : index
  tile.program owns() {
    tile.loop L = %l : 32 from %c0 to %L order up {
      %sum = tile.loop H = %h : 64 from %c0 to %H order any carry(%acc = %zero : !yt) {
        %a = tile.read %U[L = %l, H = %h] : !u -> !ut
        %b = tile.read %W[H = %h] : !w -> !wt
        %next = tile.product %a, %b over ["H"] acc(%acc) : (!ut, !wt, !yt) -> !yt
        tile.yield %next : !yt
      }
      tile.write %sum to %Y[L = %l] : !yt to !y
    }
  }
  return
}

// What does not depend on the inner loop at all is made before it, and only there.
!k = !tile.view<?x64xf32, #ssm.dims<L, K>>
!v = !tile.view<64x?xf32, #ssm.dims<K, H>>
!z = !tile.view<?x?xf32, #ssm.dims<L, H>>
!kt = tensor<32x64xf32, #ssm.dims<L, K>>
!vt = tensor<64x32xf32, #ssm.dims<K, H>>
!zt = tensor<32x32xf32, #ssm.dims<L, H>>
// CHECK-LABEL: func.func @negated
// CHECK: scf.for %{{.*}} = %c0 to %{{.*}} step %c32
// CHECK:   arith.negf
// CHECK:   scf.for %{{.*}} = %c0 to %{{.*}} step %c32
// CHECK-NOT: arith.negf
// CHECK:     math.fma
func.func @negated(%x: memref<?x64xf32>, %w: memref<64x?xf32>, %y: memref<?x?xf32>, %L: index, %H: index) {
  %X = tile.view %x : memref<?x64xf32> to !k
  %W = tile.view %w : memref<64x?xf32> to !v
  %Y = tile.view %y : memref<?x?xf32> to !z
  %c0 = arith.constant 0 : index
  tile.program owns() {
    tile.loop L = %l : 32 from %c0 to %L order up {
      %a = tile.read %X[L = %l] : !k -> !kt
      tile.loop H = %h : 32 from %c0 to %H order any {
        %n = arith.negf %a : !kt
        %b = tile.read %W[H = %h] : !v -> !vt
        %r = tile.product %n, %b over ["K"] : (!kt, !vt) -> !zt
        tile.write %r to %Y[L = %l, H = %h] : !zt to !z
      }
    }
  }
  return
}

// What the loop changes stays in it: weights at its position, and what it writes.
!s = !tile.view<?x64x128xf32, #ssm.dims<L, K, P>>
!st = tensor<64x128xf32, #ssm.dims<K, P>>
!o = !tile.view<128x64xf32, #ssm.dims<P, K>>
!ot = tensor<128x64xf32, #ssm.dims<P, K>>
!qt = tensor<32x64xf32, #ssm.dims<M, K>>
!rt = tensor<32x128xf32, #ssm.dims<M, P>>
// CHECK-LABEL: func.func @changed
// CHECK-NOT: memref.alloc(
// CHECK-NOT: vector.shuffle
// CHECK: scf.for %{{.*}} = %c0 to %{{.*}} step %c1 {
// CHECK: vector.shuffle
func.func @changed(%q: memref<32x64xf32>, %w: memref<?x64x128xf32>, %o: memref<128x64xf32>, %y: memref<32x128xf32>, %L: index) {
  %Q = tile.view %q : memref<32x64xf32> to !tile.view<32x64xf32, #ssm.dims<M, K>>
  %W = tile.view %w : memref<?x64x128xf32> to !s
  %O = tile.view %o : memref<128x64xf32> to !o
  %Y = tile.view %y : memref<32x128xf32> to !tile.view<32x128xf32, #ssm.dims<M, P>>
  %c0 = arith.constant 0 : index
  tile.program owns() {
    tile.loop L = %l : 1 from %c0 to %L order up {
      %a = tile.read %Q : !tile.view<32x64xf32, #ssm.dims<M, K>> -> !qt
      %b = tile.read %W[L = %l] : !s -> !st
      %r = tile.product %a, %b over ["K"] : (!qt, !st) -> !rt
      %c = tile.read %O : !o -> !ot
      %t = tile.product %a, %c over ["K"] acc(%r) : (!qt, !ot, !rt) -> !rt
      tile.write %t to %Y : !rt to !tile.view<32x128xf32, #ssm.dims<M, P>>
      %d = tile.spread %b : !st -> !ot
      tile.write %d to %O : !ot to !o
    }
  }
  return
}

// Nor is a sequence laid out for a loop in no order around it: it may be as long as it likes.
!kl = !tile.view<?x64xf32, #ssm.dims<L, K>>
!klt = tensor<32x64xf32, #ssm.dims<L, K>>
!vl = !tile.view<?x?xf32, #ssm.dims<L, P>>
!vlt = tensor<32x32xf32, #ssm.dims<L, P>>
!kp = tensor<64x32xf32, #ssm.dims<K, P>>
// CHECK-LABEL: func.func @sequence
// CHECK-NOT: memref.alloc(
// CHECK: scf.for %{{.*}} = %c0 to %{{.*}} step %c32
// CHECK: scf.for %{{.*}} = %c0 to %{{.*}} step %c32
// CHECK: math.exp
// CHECK: math.fma
func.func @sequence(%k: memref<?x64xf32>, %v: memref<?x?xf32>, %y: memref<64x?xf32>, %L: index, %P: index) {
  %K = tile.view %k : memref<?x64xf32> to !kl
  %V = tile.view %v : memref<?x?xf32> to !vl
  %Y = tile.view %y : memref<64x?xf32> to !tile.view<64x?xf32, #ssm.dims<K, P>>
  %c0 = arith.constant 0 : index
  %zero = arith.constant dense<0.0> : !kp
  tile.program owns() {
    tile.loop P = %p : 32 from %c0 to %P order any {
      %s = tile.loop L = %l : 32 from %c0 to %L order up carry(%acc = %zero : !kp) {
        %a = tile.read %K[L = %l] : !kl -> !klt
        %e = math.exp %a : !klt
        %b = tile.read %V[L = %l, P = %p] : !vl -> !vlt
        %next = tile.product %e, %b over ["L"] acc(%acc) : (!klt, !vlt, !kp) -> !kp
        tile.yield %next : !kp
      }
      tile.write %s to %Y[P = %p] : !kp to !tile.view<64x?xf32, #ssm.dims<K, P>>
    }
  }
  return
}
