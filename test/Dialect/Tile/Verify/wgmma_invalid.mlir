// RUN: %ssm-opt %s --tile-verify-resources --split-input-file --verify-diagnostics

!A = !tile.smem<64x64xbf16, sw128>
!F = !tile.flight<tensor<64x64xf32, #tile.acc>>
!O = tensor<64x64xf32, #tile.acc>
tile.kernel @landed_too_early(%y: !tile.global<f32, 2>) {
  %a = tile.buffer : !A
  tile.role @math group {
    // expected-note @+1 {{the product}}
    %f = tile.mma %a, %a tb : !A, !A -> !F
    // expected-error @+1 {{lands a product that may still be among the last 1 in flight}}
    %o = tile.land 1 (%f) : !F
    tile.store %o, %y[0, 0] : !O, !tile.global<f32, 2>
  }
}

// -----

// One path starts a second product: on the other, `land 1` does not wait for the first.
!A = !tile.smem<64x64xbf16, sw128>
!F = !tile.flight<tensor<64x64xf32, #tile.acc>>
!O = tensor<64x64xf32, #tile.acc>
tile.kernel @one_path(%y: !tile.global<f32, 2>, %n: index) {
  %a = tile.buffer : !A
  tile.role @math group {
    %c0 = arith.constant 0 : index
    %p = arith.cmpi eq, %n, %c0 : index
    // expected-note @+1 {{the product}}
    %f = tile.mma %a, %a tb : !A, !A -> !F
    %none = ub.poison : !F
    %g = scf.if %p -> !F {
      %g1 = tile.mma %a, %a tb : !A, !A -> !F
      scf.yield %g1 : !F
    } else {
      scf.yield %none : !F
    }
    // expected-error @+1 {{lands a product that may still be among the last 1 in flight}}
    %o = tile.land 1 (%f) : !F
    %q = tile.land 0 (%g) : !F
    tile.store %o, %y[0, 0] : !O, !tile.global<f32, 2>
    tile.store %q, %y[0, 0] : !O, !tile.global<f32, 2>
  }
}

// -----

!R = !tile.ring<2, a: 64x64xbf16 sw128>
!A = !tile.smem<64x64xbf16, sw128>
!F = !tile.flight<tensor<64x64xf32, #tile.acc>>
!map = !tile.map<bf16, 64x64, sw128>
tile.kernel @released_too_early(%m: !map) {
  %R = tile.ring full(1 thread) empty(1 group) : !R
  tile.role @copy thread {
    %s = tile.cursor : !tile.cursor<2>
    tile.fetch %R[%s] a = %m[0, 0] : !R, !map
  }
  tile.role @math group {
    %s = tile.cursor : !tile.cursor<2>
    %a = tile.await %R[%s] : !R
    // expected-note @+1 {{the product: land or retire it before}}
    %f = tile.mma %a, %a tb : !A, !A -> !F
    // expected-error @+1 {{releases a slot that a product in flight still reads}}
    tile.release %R[%s] : !R
    %o = tile.land 0 (%f) : !F
  }
}

// -----

!A = !tile.smem<64x64xbf16, sw128>
!h = tensor<64x64xbf16, #tile.acc>
!F = !tile.flight<tensor<64x64xf32, #tile.acc>>
tile.kernel @registers_over_the_back_edge(%n: index) {
  %a = tile.buffer : !A
  tile.role @math group {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %z = tile.load %a[0, 0] : !A -> !h
    %none = ub.poison : !F
    // expected-note @+1 {{the loop: land or retire the product before its end}}
    %e = scf.for %i = %c0 to %n step %c1 iter_args(%f = %none) -> !F {
      // expected-error @+1 {{takes A from registers and is still in flight where the loop turns}}
      %g = tile.mma %z, %a tb acc(%f : !F) : !h, !A -> !F
      scf.yield %g : !F
    }
    %o = tile.land 0 (%e) : !F
  }
}

// -----

!A = !tile.smem<64x64xbf16, sw128>
!F = !tile.flight<tensor<64x64xf32, #tile.acc>>
tile.kernel @used_twice() {
  %a = tile.buffer : !A
  tile.role @math group {
    %f = tile.mma %a, %a tb : !A, !A -> !F
    // expected-note @+1 {{the other use}}
    %g = tile.mma %a, %a tb acc(%f : !F) : !A, !A -> !F
    // expected-error @+1 {{uses a product in flight that is used a second time: its registers would have to be copied}}
    %o:2 = tile.land 0 (%f, %g) : !F, !F
  }
}

// -----

!A = !tile.smem<64x64xbf16, sw128>
!F = !tile.flight<tensor<64x64xf32, #tile.acc>>
tile.kernel @not_carried(%n: index) {
  %a = tile.buffer : !A
  tile.role @math group {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    // expected-error @+1 {{is still in flight when role @math ends}}
    %f = tile.mma %a, %a tb : !A, !A -> !F
    // expected-note @+1 {{the loop}}
    scf.for %i = %c0 to %n step %c1 {
      // expected-error @+1 {{uses a product in flight in every iteration of a loop that does not carry it}}
      %o = tile.land 0 (%f) : !F
    }
  }
}

// -----

!A = !tile.smem<64x64xbf16, sw128>
!F = !tile.flight<tensor<64x64xf32, #tile.acc>>
tile.kernel @left_in_flight() {
  %a = tile.buffer : !A
  tile.role @math group {
    // expected-error @+1 {{is still in flight when role @math ends}}
    %f = tile.mma %a, %a tb : !A, !A -> !F
  }
}
