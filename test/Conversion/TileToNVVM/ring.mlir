// Slots, phases and arrivals. Four slots: one count. Three: the slot and the phase.
// RUN: ssm-opt %s --tile-place --convert-tile-to-nvvm --cse | FileCheck %s
!four = !tile.ring<4, x: 64x64xbf16 sw128>
!three = !tile.ring<3>

// CHECK-LABEL: llvm.func @k
tile.kernel @k(%n: index) {
  %F = tile.ring full(1 thread) empty(4 warp) : !four
  %T = tile.ring full(1 group) empty(1 thread) : !three
  // Barriers lie behind the slots: 4 full, 4 empty, 3 full, 3 empty.
  // CHECK: "mbarrier.init.shared::cta.b64 [$0+32768], 1;"
  // CHECK: "mbarrier.init.shared::cta.b64 [$0+32800], 4;"
  // CHECK: "mbarrier.init.shared::cta.b64 [$0+32832], 1;"
  // CHECK: "fence.mbarrier_init.release.cluster;"
  tile.role @a group {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %s4 = tile.cursor : !tile.cursor<4>
    %s3 = tile.cursor : !tile.cursor<3>
    // CHECK: scf.for {{.*}} iter_args(%[[C:.*]] = %{{.*}}, %[[SLOT:.*]] = %{{.*}}, %[[PARITY:.*]] = %{{.*}}) -> (i32, i32, i32)
    scf.for %i = %c0 to %n step %c1 iter_args(%c = %s4, %d = %s3) -> (!tile.cursor<4>, !tile.cursor<3>) {
      // CHECK: %[[ROUND:.*]] = arith.shrui %[[C]]
      // CHECK: %[[P:.*]] = arith.andi %[[ROUND]]
      // CHECK: mbarrier.try_wait.parity.shared::cta.b64 p, [$0+32768], $1;{{.*}}(i32, i32)
      %x = tile.await %F[%c] : !four
      // Each warp meets and its first lane arrives.
      // CHECK: "bar.warp.sync -1; @$1 mbarrier.arrive.shared::cta.b64 _, [$0+32800];", "r,b,~{memory}"
      tile.release %F[%c] : !four
      // Empty at first: the phase before.
      // CHECK: %[[E:.*]] = arith.xori %[[PARITY]]
      // CHECK: mbarrier.try_wait.parity.shared::cta.b64 p, [$0+32856], $1;
      tile.acquire %T[%d] : !three
      // The warpgroup's first thread arrives.
      // CHECK: "@$1 mbarrier.arrive.shared::cta.b64 _, [$0+32832];", "r,b,~{memory}"
      tile.publish %T[%d] : !three
      // CHECK: arith.addi %[[C]]
      // CHECK: arith.cmpi eq
      // CHECK: arith.select {{.*}}, %{{.*}}, %{{.*}} : i32
      // CHECK: arith.select {{.*}}, %[[E]], %[[PARITY]] : i32
      %c2 = tile.next %c : !tile.cursor<4>
      %d2 = tile.next %d : !tile.cursor<3>
      scf.yield %c2, %d2 : !tile.cursor<4>, !tile.cursor<3>
    }
  }
}
