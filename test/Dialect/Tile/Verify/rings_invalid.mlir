// RUN: %ssm-opt %s --tile-verify-resources --split-input-file --verify-diagnostics

!R = !tile.ring<2, a: 64xf32>
!c = !tile.cursor<2>
tile.kernel @counts() {
  // expected-error @+2 {{a phase of `full` needs 1 arrivals, the roles make 4}}
  // expected-error @+1 {{a phase of `empty` needs 3 arrivals, the roles make 2}}
  %R = tile.ring full(1 warp) empty(3 group) : !R
  tile.role @make group {
    %s = tile.cursor : !c
    %a = tile.acquire %R[%s] : !R
    tile.publish %R[%s] : !R
  }
  tile.role @use group x 2 {
    %s = tile.cursor : !c
    %a = tile.await %R[%s] : !R
    tile.release %R[%s] : !R
  }
}

// -----

!R = !tile.ring<2, a: 64xf32>
!c = !tile.cursor<2>
tile.kernel @units() {
  // expected-note @+1 {{the ring}}
  %R = tile.ring full(1 group) empty(1 thread) : !R
  tile.role @make warp {
    %s = tile.cursor : !c
    %a = tile.acquire %R[%s] : !R
    // expected-error @+1 {{role @make, a warp, arrives at a barrier whose unit is group}}
    tile.publish %R[%s] : !R
  }
  tile.role @use thread {
    %s = tile.cursor : !c
    %a = tile.await %R[%s] : !R
    tile.release %R[%s] : !R
  }
}

// -----

!R = !tile.ring<2, a: 64xf32>
!c = !tile.cursor<2>
tile.kernel @never() {
  // expected-note @+1 {{the ring}}
  %R = tile.ring full(1 warp) empty(1 thread) : !R
  tile.role @make warp {
    %s = tile.cursor : !c
    // expected-error @+1 {{role @make acquires slots of this ring and never publishes one}}
    %a = tile.acquire %R[%s] : !R
  }
  tile.role @use thread {
    %s = tile.cursor : !c
    // expected-error @+1 {{role @use waits for slots of this ring and never releases one (`observe` says that it need not)}}
    %a = tile.await %R[%s] : !R
  }
}

// -----

!R = !tile.ring<2, a: 64xf32>
!c = !tile.cursor<2>
tile.kernel @nobody_fills() {
  // expected-error @+1 {{no role fills this ring: who waits for it waits for ever}}
  %R = tile.ring full(1 warp) empty(1 thread) : !R
  tile.role @use thread {
    %s = tile.cursor : !c
    %a = tile.await %R[%s] : !R
    tile.release %R[%s] : !R
  }
}

// -----

// An array of rings, one an instance: each ring's barriers see one instance. No error.
!R = !tile.ring<2 x 2, a: 64xf32>
!c = !tile.cursor<2>
tile.kernel @array(%n: index) {
  %R = tile.ring full(4 warp) empty(1 thread) : !R
  tile.role @make group x 2 {
  ^bb0(%w: index):
    %s = tile.cursor : !c
    %a = tile.acquire %R[%w][%s] : !R
    tile.publish %R[%w][%s] : !R
  }
  tile.role @use thread {
    %s = tile.cursor : !c
    %a = tile.await %R[%n][%s] : !R
    tile.release %R[%n][%s] : !R
  }
}

// -----

tile.kernel @turn_not_passed() {
  %T = tile.turns : !tile.turns<2>
  tile.role @a group x 2 {
  ^bb0(%w: index):
    // expected-error @+1 {{takes a turn that this block does not pass on: the next instance waits for ever}}
    tile.take %T[%w] : !tile.turns<2>
  }
}

// -----

tile.kernel @turn_not_taken(%p: index) {
  %T = tile.turns : !tile.turns<2>
  tile.role @a group x 2 {
  ^bb0(%w: index):
    %c = arith.cmpi eq, %p, %w : index
    scf.if %c {
      // expected-error @+1 {{passes on a turn that this block has not taken: take and pass stand in pairs in one block}}
      tile.pass %T[%w] : !tile.turns<2>
    }
  }
}

// -----

// What CTAs of a cluster fill together, each of them must know to be empty.
!R = !tile.ring<2, a: 64x64xbf16 sw128>
!map = !tile.map<bf16, 64x32, sw128>
tile.kernel @not_across(%m: !map) cluster(2, 1, 1) {
  // expected-note @+1 {{the ring}}
  %R = tile.ring full(1 thread) empty(1 thread) : !R
  tile.role @copy thread {
    %c = tile.cursor : !tile.cursor<2>
    tile.fetch %R[%c] a = %m[0, 0] across 0 : !R, !map
  }
  tile.role @use thread {
    %c = tile.cursor : !tile.cursor<2>
    %a = tile.await %R[%c] : !R
    // expected-error @+1 {{CTAs along dimension 0 of the cluster fill this ring's slots together: all of them must know that a slot is empty (tile.release .. across 0)}}
    tile.release %R[%c] : !R
  }
}

// -----

!R = !tile.ring<2, a: 64x32xbf16 sw64>
!map = !tile.map<bf16, 32x64, sw64>
tile.kernel @across_for_nothing(%m: !map) cluster(2, 1, 1) {
  // expected-note @+1 {{the ring}}
  %R = tile.ring full(1 thread) empty(2 thread) : !R
  tile.role @copy thread {
    %c = tile.cursor : !tile.cursor<2>
    tile.fetch %R[%c] a = %m[0, 0] : !R, !map
  }
  tile.role @use thread {
    %c = tile.cursor : !tile.cursor<2>
    %a = tile.await %R[%c] : !R
    // expected-error @+1 {{releases across dimension 0 of the cluster a slot that no fetch fills across it}}
    tile.release %R[%c] across 0 : !R
  }
}

// -----

// Each of the cluster's two CTAs makes an arrival.
!R = !tile.ring<2, a: 64x64xbf16 sw128>
!map = !tile.map<bf16, 64x32, sw128>
tile.kernel @across_count(%m: !map) cluster(2, 1, 1) {
  // expected-error @+1 {{a phase of `empty` needs 1 arrivals, the roles make 2}}
  %R = tile.ring full(1 thread) empty(1 thread) : !R
  tile.role @copy thread {
    %c = tile.cursor : !tile.cursor<2>
    tile.fetch %R[%c] a = %m[0, 0] across 0 : !R, !map
  }
  tile.role @use thread {
    %c = tile.cursor : !tile.cursor<2>
    %a = tile.await %R[%c] : !R
    tile.release %R[%c] across 0 : !R
  }
}
