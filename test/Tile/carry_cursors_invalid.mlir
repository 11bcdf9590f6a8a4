// Paths that meet with other slots held, hand on what they have not, or cannot be counted.
// RUN: %ssm-opt %s --tile-carry-cursors --split-input-file --verify-diagnostics

!K = !tile.ring<2, k: 64xf32>
tile.kernel @one_branch(%n: index) {
  %c0 = arith.constant 0 : index
  // expected-note @+1 {{the ring}}
  %K = tile.ring full(1 thread) empty(1 warp) : !K
  %some = arith.cmpi ne, %n, %c0 : index
  tile.role @use warp {
    tile.await %K : !K
    // expected-error @+1 {{role @use holds 0 slots of this ring after one branch and 1 after the other: each path hands on what it has waited for}}
    scf.if %some {
      tile.release %K : !K
    }
  }
}

// -----

!K = !tile.ring<2, k: 64xf32>
tile.kernel @forgotten_in_a_round(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-note @+1 {{the ring}}
  %K = tile.ring full(1 thread) empty(1 warp) : !K
  tile.role @use warp {
    // expected-error @+1 {{role @use holds 0 slots of this ring before this loop and 1 after a round of it}}
    scf.for %i = %c0 to %n step %c1 {
      tile.await %K : !K
    }
  }
}

// -----

!K = !tile.ring<2, k: 64xf32>
tile.kernel @twice() {
  // expected-note @+1 {{the ring}}
  %K = tile.ring full(1 thread) empty(1 warp) : !K
  tile.role @use warp {
    tile.await %K : !K
    tile.release %K : !K
    // expected-error @+1 {{role @use releases a slot of this ring that it has not waited for on this path}}
    tile.release %K : !K
  }
}

// -----

!K = !tile.ring<2, k: 64xf32>
tile.kernel @at_the_end() {
  // expected-note @+1 {{the ring}}
  %K = tile.ring full(1 warp) empty(1 warp) : !K
  // expected-error @+1 {{role @make ends with 1 slot of this ring that it has waited for and not published}}
  tile.role @make warp {
    tile.acquire %K : !K
  }
}

// -----

!K = !tile.ring<2, k: 64xf32>
tile.kernel @all_held() {
  // expected-note @+1 {{the ring}}
  %K = tile.ring full(1 thread) empty(1 warp) : !K
  tile.role @use warp {
    tile.await %K : !K
    tile.await %K : !K
    // expected-error @+1 {{role @use waits for a slot of this ring while it holds all of them: for ever}}
    tile.await %K : !K
  }
}

// -----

!K = !tile.ring<2, k: 64xf32>
tile.kernel @named_and_counted() {
  // expected-note @+1 {{the ring}}
  %K = tile.ring full(1 thread) empty(1 warp) : !K
  tile.role @use warp {
    %s = tile.cursor : !tile.cursor<2>
    // expected-note @+1 {{counted}}
    tile.await %K : !K
    // expected-error @+1 {{role @use names a slot of this ring by a cursor here and counts them elsewhere}}
    tile.release %K[%s] : !K
  }
}

// -----

!K = !tile.ring<2, k: 64xf32>
tile.kernel @observed() {
  // expected-note @+1 {{the ring}}
  %K = tile.ring full(1 thread) empty(1 warp) : !K
  tile.role @use warp {
    tile.await %K observe : !K
    // expected-error @+1 {{role @use observes slots of this ring and releases them: an observed slot is not its own}}
    tile.release %K : !K
  }
}

// -----

!Y = !tile.ring<2 x 3, y: 64xf32>
tile.kernel @which(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %Y = tile.ring full(1 thread) empty(1 warp) : !Y
  tile.role @use warp {
    scf.for %i = %c0 to %n step %c1 {
      // expected-error @+1 {{which ring of the array it is changes here, so its slots cannot be counted}}
      tile.await %Y[%i][] : !Y
      tile.release %Y[%i][] : !Y
    }
  }
}

// -----

!K = !tile.ring<2, k: 64xf32>
tile.kernel @conditional(%n: index) {
  %c0 = arith.constant 0 : index
  %K = tile.ring full(1 thread) empty(1 warp) : !K
  %some = arith.cmpi ne, %n, %c0 : index
  tile.role @use warp {
    tile.await %K : !K
    // expected-error @+1 {{is made under a condition, so it names the slot: the role's own count does not}}
    tile.release %K if(%some) : !K
  }
}
