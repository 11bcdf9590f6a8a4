// What may hand slots on in any order of text, and is followed on every path. No error.
// RUN: %ssm-opt %s --tile-verify-resources --verify-diagnostics

!R = !tile.ring<2, a: 64xf32>
!c = !tile.cursor<2>

// A release that trails its wait by one slot: peeled, and under a condition.
tile.kernel @trailing(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %R = tile.ring full(1 warp) empty(2 thread) : !R
  tile.role @make warp {
    %s = tile.cursor : !c
    scf.for %i = %c0 to %n step %c1 iter_args(%c = %s) -> (!c) {
      %a = tile.acquire %R[%c] : !R
      tile.publish %R[%c] : !R
      %d = tile.next %c : !c
      scf.yield %d : !c
    }
  }
  tile.role @peeled thread {
    %s = tile.cursor : !c
    %a = tile.await %R[%s] : !R
    %t = tile.next %s : !c
    %e = scf.for %i = %c1 to %n step %c1 iter_args(%c = %t) -> (!c) {
      %b = tile.await %R[%c] : !R
      %before = tile.next %c by -1 : !c
      tile.release %R[%before] : !R
      %d = tile.next %c : !c
      scf.yield %d : !c
    }
    %last = tile.next %e by -1 : !c
    tile.release %R[%last] : !R
  }
  tile.role @late thread {
    %s = tile.cursor : !c
    scf.for %i = %c0 to %n step %c1 iter_args(%c = %s) -> (!c) {
      %b = tile.await %R[%c] : !R
      %some = arith.cmpi ne, %i, %c0 : index
      %before = tile.next %c by -1 : !c
      tile.release %R[%before] if(%some) : !R
      %d = tile.next %c : !c
      scf.yield %d : !c
    }
  }
}

// Branches that move on by different numbers of slots, a wait made twice, a loop left in its middle.
tile.kernel @branches(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %R = tile.ring full(1 warp) empty(1 thread) : !R
  tile.role @make warp {
    %s = tile.cursor : !c
    scf.while (%c = %s, %i = %c0) : (!c, index) -> (!c, index) {
      %a = tile.acquire %R[%c] : !R
      tile.publish %R[%c] : !R
      %d = tile.next %c : !c
      %more = arith.cmpi slt, %i, %n : index
      scf.condition(%more) %d, %i : !c, index
    } do {
    ^bb0(%c: !c, %i: index):
      %j = arith.addi %i, %c1 : index
      scf.yield %c, %j : !c, index
    }
  }
  tile.role @use thread {
    %s = tile.cursor : !c
    scf.for %i = %c0 to %n step %c1 iter_args(%c = %s) -> (!c) {
      %a = tile.await %R[%c] : !R
      %some = arith.cmpi ne, %i, %c0 : index
      %d = scf.if %some -> (!c) {
        tile.release %R[%c] : !R
        %t = tile.next %c : !c
        %b = tile.await %R[%t] : !R
        tile.release %R[%t] : !R
        %u = tile.next %t : !c
        %ahead = tile.await %R[%u] : !R
        scf.yield %u : !c
      } else {
        scf.yield %c : !c
      }
      scf.yield %d : !c
    }
  }
}

// A cursor made of a counter says by itself which slot it means.
tile.kernel @counted(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %R = tile.ring full(1 warp) empty(1 thread) : !R
  tile.role @make warp {
    scf.for %i = %c0 to %n step %c1 {
      %odd = arith.cmpi ne, %i, %c1 : index
      %c = tile.cursor %i : !c
      scf.if %odd {
        %a = tile.acquire %R[%c] : !R
        tile.publish %R[%c] : !R
      }
    }
  }
  tile.role @use thread {
    scf.for %i = %c0 to %n step %c1 {
      %c = tile.cursor %i : !c
      %a = tile.await %R[%c] : !R
      tile.release %R[%c] : !R
    }
  }
}
