// RUN: %ssm-opt %s --convert-tile-to-vector --canonicalize | FileCheck %s

// Few rows do not pay for a copy of the columns: they are loaded where they lie, to where they end, and the next ones
// are asked for.
!w = !tile.view<?x32xf32, #ssm.dims<K, J>>
!x = !tile.view<8x?xf32, #ssm.dims<I, K>>
!y = !tile.view<8x32xf32, #ssm.dims<I, J>>
!xt = tensor<8x64xf32, #ssm.dims<I, K>>
!wt = tensor<64x32xf32, #ssm.dims<K, J>>
!yt = tensor<8x32xf32, #ssm.dims<I, J>>
// CHECK-LABEL: func.func @few
// CHECK-SAME: %[[W:[a-z0-9]+]]: memref<?x32xf32>
// CHECK-NOT: memref<64x32xf32>
// CHECK: scf.for %{{.*}} = %c0 to %{{.*}} step %c1 iter_args
// CHECK-NEXT: memref.load
// CHECK: memref.prefetch %[[W]]
// CHECK: vector.load %[[W]]
// CHECK: math.fma
func.func @few(%w: memref<?x32xf32>, %x: memref<8x?xf32>, %y: memref<8x32xf32>, %n: index) {
  %W = tile.view %w : memref<?x32xf32> to !w
  %X = tile.view %x : memref<8x?xf32> to !x
  %Y = tile.view %y : memref<8x32xf32> to !y
  %zero = arith.constant dense<0.0> : !yt
  %c0 = arith.constant 0 : index
  tile.program owns() {
    %sum = tile.loop K = %k : 64 from %c0 to %n order any carry(%acc = %zero : !yt) {
      %a = tile.read %X[K = %k] : !x -> !xt
      %b = tile.read %W[K = %k] : !w -> !wt
      %next = tile.product %a, %b over ["K"] acc(%acc) : (!xt, !wt, !yt) -> !yt
      tile.yield %next : !yt
    }
    tile.write %sum to %Y : !yt to !y
  }
  return
}

// Vectors of an open dimension end in the view.
!v = !tile.view<16x?xf32, #ssm.dims<K, J>>
!u = !tile.view<8x?xf32, #ssm.dims<I, J>>
!k = !tile.view<8x16xf32, #ssm.dims<I, K>>
// CHECK-LABEL: func.func @columns
// CHECK-SAME: %[[W:[a-z0-9]+]]: memref<16x?xf32>
// CHECK: scf.for %{{.*}} = %c0 to %c16 step %c1 iter_args
// CHECK: %[[MASK:.*]] = vector.create_mask
// CHECK: vector.maskedload %[[W]]{{.*}}, %[[MASK]]
// CHECK: math.fma
func.func @columns(%w: memref<16x?xf32>, %x: memref<8x16xf32>, %y: memref<8x?xf32>, %n: index) {
  %W = tile.view %w : memref<16x?xf32> to !v
  %X = tile.view %x : memref<8x16xf32> to !k
  %Y = tile.view %y : memref<8x?xf32> to !u
  tile.program owns(J = %j : 32 of %n) {
    %a = tile.read %X : !k -> tensor<8x16xf32, #ssm.dims<I, K>>
    %b = tile.read %W[J = %j] : !v -> tensor<16x32xf32, #ssm.dims<K, J>>
    %r = tile.product %a, %b over ["K"] : (tensor<8x16xf32, #ssm.dims<I, K>>, tensor<16x32xf32, #ssm.dims<K, J>>) -> !yt
    tile.write %r to %Y[J = %j] : !yt to !u
  }
  return
}

// Many rows do: the columns are laid beside each other first.
!many = !tile.view<48x64xf32, #ssm.dims<I, K>>
!out = !tile.view<48x32xf32, #ssm.dims<I, J>>
!at = tensor<48x64xf32, #ssm.dims<I, K>>
!ct = tensor<48x32xf32, #ssm.dims<I, J>>
!whole = !tile.view<64x32xf32, #ssm.dims<K, J>>
// CHECK-LABEL: func.func @many
// CHECK: %[[OWN:.*]] = memref.alloca() {{.*}} : memref<64x32xf32>
// CHECK: vector.store %{{.*}}, %[[OWN]]
// CHECK: vector.load %[[OWN]]
// CHECK: math.fma
func.func @many(%w: memref<64x32xf32>, %x: memref<48x64xf32>, %y: memref<48x32xf32>) {
  %W = tile.view %w : memref<64x32xf32> to !whole
  %X = tile.view %x : memref<48x64xf32> to !many
  %Y = tile.view %y : memref<48x32xf32> to !out
  tile.program owns() {
    %a = tile.read %X : !many -> !at
    %b = tile.read %W : !whole -> !wt
    %r = tile.product %a, %b over ["K"] : (!at, !wt) -> !ct
    tile.write %r to %Y : !ct to !out
  }
  return
}

// What the item laid out itself is read there by many rows too: no copy in the loop.
// CHECK-LABEL: func.func @own
// CHECK: %[[OWN:.*]] = memref.alloca() {{.*}} : memref<64x32xf32>
// CHECK-NOT: memref<64x32xf32>
// CHECK: vector.store %{{.*}}, %[[OWN]]
// CHECK: scf.for %{{.*}} = %c0 to %{{.*}} step %c1 {
// CHECK-NOT: %[[OWN]]
// CHECK: iter_args
// CHECK: vector.load %[[OWN]]
// CHECK: math.fma
func.func @own(%x: memref<48x64xf32>, %y: memref<48x32xf32>, %n: index) {
  %X = tile.view %x : memref<48x64xf32> to !many
  %Y = tile.view %y : memref<48x32xf32> to !out
  %c0 = arith.constant 0 : index
  %zero = arith.constant dense<0.0> : !wt
  tile.program owns() {
    %own = tile.scratch : !whole
    tile.write %zero to %own : !wt to !whole
    tile.loop L = %l : 1 from %c0 to %n order up {
      %a = tile.read %X : !many -> !at
      %b = tile.read %own : !whole -> !wt
      %r = tile.product %a, %b over ["K"] : (!at, !wt) -> !ct
      tile.write %r to %Y : !ct to !out
    }
  }
  return
}

// What is written beside the product is not.
// CHECK-LABEL: func.func @written
// CHECK: %[[COPY:.*]] = memref.alloca() {{.*}} : memref<64x32xf32>
// CHECK: memref.alloca() {{.*}} : memref<64x32xf32>
// CHECK: iter_args
// CHECK: vector.load %[[COPY]]
// CHECK: math.fma
func.func @written(%x: memref<48x64xf32>, %y: memref<48x32xf32>, %n: index) {
  %X = tile.view %x : memref<48x64xf32> to !many
  %Y = tile.view %y : memref<48x32xf32> to !out
  %c0 = arith.constant 0 : index
  %zero = arith.constant dense<0.0> : !wt
  tile.program owns() {
    %own = tile.scratch : !whole
    tile.write %zero to %own : !wt to !whole
    tile.loop L = %l : 1 from %c0 to %n order up {
      %a = tile.read %X : !many -> !at
      %b = tile.read %own : !whole -> !wt
      %r = tile.product %a, %b over ["K"] : (!at, !wt) -> !ct
      tile.write %r to %Y : !ct to !out
      tile.write %zero to %own : !wt to !whole
    }
  }
  return
}
