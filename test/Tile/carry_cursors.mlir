// Operations that name no slot get their cursors; loops and branches carry them.
// RUN: ssm-opt %s --tile-carry-cursors --canonicalize --cse | FileCheck %s
!K = !tile.ring<2, k: 64xf32>
!V = !tile.ring<2, v: 64xf32>
!Y = !tile.ring<2 x 3, y: 64xf32>

// K and V go in step, so that one cursor serves both; the store's slot is the one waited for.
// CHECK-LABEL: tile.kernel @loop
// CHECK: tile.role @use
// CHECK: %[[S:.*]] = tile.cursor : <2>
// CHECK: scf.for {{.*}} iter_args(%[[C:.*]] = %[[S]]) -> (!tile.cursor<2>) {
// CHECK: tile.await %[[K:.*]][%[[C]]]
// CHECK: tile.await %[[V:.*]][%[[C]]]
// CHECK: tile.release %[[K]][%[[C]]]
// CHECK: tile.release %[[V]][%[[C]]]
// CHECK: %[[N:.*]] = tile.next %[[C]] : <2>
// CHECK: scf.yield %[[N]] : !tile.cursor<2>
tile.kernel @loop(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %K = tile.ring full(1 warp) empty(1 warp) : !K
  %V = tile.ring full(1 warp) empty(1 warp) : !V
  tile.role @use warp {
    scf.for %i = %c0 to %n step %c1 {
      tile.await %K : !K
      tile.await %V : !V
      tile.release %K : !K
      tile.release %V : !V
    }
  }
}

// A slot that is held where a loop's parts meet is one behind the next.
// CHECK-LABEL: tile.kernel @held
// CHECK: %[[S:.*]] = tile.cursor : <2>
// CHECK: scf.while (%[[C:.*]] = %[[S]]) : (!tile.cursor<2>) -> !tile.cursor<2> {
// CHECK: tile.await %[[K:.*]][%[[C]]]
// CHECK: %[[N:.*]] = tile.next %[[C]] : <2>
// CHECK: scf.condition(%{{.*}}) %[[N]] : !tile.cursor<2>
// CHECK: ^bb0(%[[D:.*]]: !tile.cursor<2>):
// CHECK: %[[B:.*]] = tile.next %[[D]] by -1
// CHECK: tile.release %[[K]][%[[B]]]
// CHECK: scf.yield %[[D]]
tile.kernel @held(%p: i32) {
  %K = tile.ring full(1 warp) empty(1 warp) : !K
  tile.role @use warp {
    scf.while : () -> () {
      %k = tile.await %K : !K
      %x = tile.load %k[0] : !tile.smem<64xf32> -> f32
      %z = arith.constant 0.0 : f32
      %go = arith.cmpf one, %x, %z : f32
      scf.condition(%go)
    } do {
      tile.release %K : !K
      scf.yield
    }
    tile.release %K : !K
  }
}

// A branch that waits yields where it stands; fetches wait and hand on at once; an array has its own place in each ring.
// CHECK-LABEL: tile.kernel @branch
// CHECK: %[[R:.*]] = scf.if %{{.*}} -> (!tile.cursor<2>) {
// CHECK: tile.acquire
// CHECK: tile.publish
// CHECK: } else {
// CHECK: tile.publish %{{.*}}[%[[R]]]
// CHECK: tile.role @send
// CHECK: tile.await %[[Y:.*]][%{{.*}}][%[[T:.*]]] :
// CHECK: tile.await %[[Y]][%{{.*}}][%[[T]]] :
tile.kernel @branch(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %K = tile.ring full(1 warp) empty(1 warp) : !K
  %Y = tile.ring full(1 warp) empty(1 thread) : !Y
  %some = arith.cmpi ne, %n, %c0 : index
  tile.role @make warp {
    scf.if %some {
      tile.acquire %K : !K
      tile.publish %K : !K
    }
    tile.acquire %K : !K
    tile.publish %K : !K
  }
  tile.role @send thread {
    tile.await %Y[%c0][] : !Y
    tile.await %Y[%c1][] : !Y
    tile.release %Y[%c0][] : !Y
    tile.release %Y[%c1][] : !Y
  }
}
