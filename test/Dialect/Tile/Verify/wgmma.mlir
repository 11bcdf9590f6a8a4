// RUN: %ssm-opt %s --tile-verify-resources | FileCheck %s

// What is allowed of products in flight; the pass changes nothing.
!A = !tile.smem<64x64xbf16, sw128>
!B = !tile.smem<64x64xbf16, sw128>
!R = !tile.ring<4, a: 64x64xbf16 sw128, b: 64x64xbf16 sw128>
!O = tensor<64x64xf32, #tile.acc>
!F = !tile.flight<!O>
!h = tensor<64x64xbf16, #tile.acc>
!map = !tile.map<bf16, 64x64, sw128>

// A chain over a loop: one product stays in flight, the slot of the one before is released.
// CHECK-LABEL: tile.kernel @chain
tile.kernel @chain(%m: !map, %y: !tile.global<f32, 2>, %n: index) {
  %R = tile.ring full(1 thread) empty(1 group) : !R
  tile.role @copy thread {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %s = tile.cursor : !tile.cursor<4>
    %e = scf.for %i = %c0 to %n step %c1 iter_args(%c = %s) -> !tile.cursor<4> {
      tile.fetch %R[%c] a = %m[0, %i], b = %m[0, 0] : !R, !map, !map
      %x = tile.next %c : !tile.cursor<4>
      scf.yield %x : !tile.cursor<4>
    }
  }
  tile.role @math group {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %s = tile.cursor : !tile.cursor<4>
    %none = ub.poison : !F
    %e:3 = scf.for %i = %c0 to %n step %c1 iter_args(%c = %s, %before = %s, %f = %none) -> (!tile.cursor<4>, !tile.cursor<4>, !F) {
      %a, %b = tile.await %R[%c] : !R
      %first = arith.cmpi eq, %i, %c0 : index
      %late = arith.cmpi ne, %i, %c0 : index
      // CHECK: tile.mma
      %g = tile.mma %a, %b tb acc(%f : !F) unless(%first) : !A, !B -> !F
      tile.retire 1
      tile.release %R[%before] if(%late) : !R
      %x = tile.next %c : !tile.cursor<4>
      scf.yield %x, %c, %g : !tile.cursor<4>, !tile.cursor<4>, !F
    }
    %o = tile.land 0 (%e#2) : !F
    tile.store %o, %y[0, 0] : !O, !tile.global<f32, 2>
  }
}

// Two in flight, landed one after the other; the choice of a branch; A in registers within an iteration.
// CHECK-LABEL: tile.kernel @overlap
tile.kernel @overlap(%m: !map, %y: !tile.global<f32, 2>, %n: index) {
  %R = tile.ring full(1 thread) empty(1 group) : !R
  tile.role @copy thread {
    %s = tile.cursor : !tile.cursor<4>
    tile.fetch %R[%s] a = %m[0, 0], b = %m[0, 0] : !R, !map, !map
  }
  tile.role @math group {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %s = tile.cursor : !tile.cursor<4>
    %z = arith.constant dense<0.0> : !h
    %p = arith.cmpi eq, %n, %c0 : index
    scf.for %i = %c0 to %n step %c1 iter_args(%c = %s) -> (!tile.cursor<4>) {
      %a, %b = tile.await %R[%c] : !R
      %f = tile.mma %a, %b tb : !A, !B -> !F
      %g = tile.mma %z, %b tb : !h, !B -> !F
      %x = tile.land 1 (%f) : !F
      %o = scf.if %p -> !O {
        %w = tile.land 0 (%g) : !F
        scf.yield %w : !O
      } else {
        %h = tile.mma %a, %b tb acc(%g : !F) : !A, !B -> !F
        %w = tile.land 0 (%h) : !F
        scf.yield %w : !O
      }
      tile.release %R[%c] : !R
      tile.store %x, %y[0, 0] : !O, !tile.global<f32, 2>
      tile.store %o, %y[%i, 0] : !O, !tile.global<f32, 2>
      %d = tile.next %c : !tile.cursor<4>
      scf.yield %d : !tile.cursor<4>
    }
  }
}
