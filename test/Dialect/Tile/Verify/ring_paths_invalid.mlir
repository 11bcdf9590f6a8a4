// Slots that a path forgets, hands on twice or passes over.
// RUN: %ssm-opt %s --tile-verify-resources --split-input-file --verify-diagnostics

!R = !tile.ring<2, a: 64xf32>
!c = !tile.cursor<2>
tile.kernel @one_branch(%n: index) {
  %c0 = arith.constant 0 : index
  // expected-note @+1 {{the ring}}
  %R = tile.ring full(1 warp) empty(1 thread) : !R
  tile.role @make warp {
    %s = tile.cursor : !c
    %a = tile.acquire %R[%s] : !R
    tile.publish %R[%s] : !R
  }
  tile.role @use thread {
    %s = tile.cursor : !c
    %a = tile.await %R[%s] : !R
    %some = arith.cmpi ne, %n, %c0 : index
    // expected-error @+1 {{role @use has released other slots of this ring after one branch than after the other: on each path as many as its cursor moves on}}
    scf.if %some {
      tile.release %R[%s] : !R
    }
  }
}

// -----

!R = !tile.ring<2, a: 64xf32>
!c = !tile.cursor<2>
tile.kernel @twice() {
  // expected-note @+1 {{the ring}}
  %R = tile.ring full(1 warp) empty(1 thread) : !R
  tile.role @make warp {
    %s = tile.cursor : !c
    %a = tile.acquire %R[%s] : !R
    tile.publish %R[%s] : !R
  }
  tile.role @use thread {
    %s = tile.cursor : !c
    %a = tile.await %R[%s] : !R
    tile.release %R[%s] : !R
    // expected-error @+1 {{role @use releases a slot of this ring out of turn: on this path it is 1 slot back, so done before}}
    tile.release %R[%s] : !R
  }
}

// -----

!R = !tile.ring<2, a: 64xf32>
!c = !tile.cursor<2>
tile.kernel @passed_over(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-note @+1 {{the ring}}
  %R = tile.ring full(1 warp) empty(1 thread) : !R
  tile.role @make warp {
    %s = tile.cursor : !c
    // expected-error @+1 {{role @make does not fill in each round of this loop as many slots of this ring as the cursor moves on that it carries}}
    scf.for %i = %c0 to %n step %c1 iter_args(%c = %s) -> (!c) {
      %a = tile.acquire %R[%c] : !R
      tile.publish %R[%c] : !R
      %d = tile.next %c by 2 : !c
      scf.yield %d : !c
    }
  }
  tile.role @use thread {
    %s = tile.cursor : !c
    scf.for %i = %c0 to %n step %c1 iter_args(%c = %s) -> (!c) {
      %a = tile.await %R[%c] : !R
      tile.release %R[%c] : !R
      %d = tile.next %c : !c
      scf.yield %d : !c
    }
  }
}

// -----

// On the way out of the inner branch nothing is released, and the cursor moves on all the same.
!R = !tile.ring<2, a: 64xf32>
!c = !tile.cursor<2>
tile.kernel @forgotten(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-note @+1 {{the ring}}
  %R = tile.ring full(1 warp) empty(1 thread) : !R
  tile.role @make warp {
    %s = tile.cursor : !c
    scf.for %i = %c0 to %n step %c1 iter_args(%c = %s) -> (!c) {
      %a = tile.acquire %R[%c] : !R
      tile.publish %R[%c] : !R
      %d = tile.next %c : !c
      scf.yield %d : !c
    }
  }
  tile.role @use thread {
    %s = tile.cursor : !c
    scf.while (%c = %s, %i = %c0) : (!c, index) -> (!c) {
      %a = tile.await %R[%c] : !R
      %more = arith.cmpi slt, %i, %n : index
      scf.condition(%more) %c : !c
    } do {
    ^bb0(%c: !c):
      %even = arith.cmpi eq, %n, %c1 : index
      // expected-error @+1 {{role @use has released other slots of this ring after one branch than after the other}}
      %e = scf.if %even -> (!c) {
        tile.release %R[%c] : !R
        %d = tile.next %c : !c
        scf.yield %d : !c
      } else {
        %d = tile.next %c : !c
        scf.yield %d : !c
      }
      scf.yield %e, %n : !c, index
    }
  }
}
