// RUN: %ssm-opt %s --tile-verify-resources --split-input-file --verify-diagnostics

!R = !tile.ring<2, a: 128xf32>
!c = !tile.cursor<2>
!v = tensor<128xf32, #tile.lanes<128, 1>>
tile.kernel @arrivals(%y: !tile.global<f32, 1>) {
  %R = tile.ring full(1 group) empty(1 group) : !R
  tile.role @make group {
    %s = tile.cursor : !c
    %a = tile.acquire %R[%s] : !R
    %z = arith.constant dense<0.0> : !v
    // expected-note @+1 {{the store}}
    tile.store %z, %a[0] : !v, !tile.smem<128xf32>
    // expected-error @+1 {{one thread arrives for the warpgroup while its other warps may still store to the slot: put tile.sync between, or let each warp arrive (unit warp)}}
    tile.publish %R[%s] : !R
  }
  tile.role @use group {
    %s = tile.cursor : !c
    %a = tile.await %R[%s] : !R
    // expected-note @+1 {{the load}}
    %t = tile.load %a[0] : !tile.smem<128xf32> -> !v
    // expected-error @+1 {{one thread arrives for the warpgroup while its other warps may still load from the slot}}
    tile.release %R[%s] : !R
    tile.store %t, %y[0] : !v, !tile.global<f32, 1>
  }
}

// -----

// The same with a sync between is right.
!R = !tile.ring<2, a: 128xf32>
!c = !tile.cursor<2>
!v = tensor<128xf32, #tile.lanes<128, 1>>
tile.kernel @met(%y: !tile.global<f32, 1>) {
  %R = tile.ring full(1 group) empty(4 warp) : !R
  tile.role @make group {
    %s = tile.cursor : !c
    %a = tile.acquire %R[%s] : !R
    %z = arith.constant dense<0.0> : !v
    tile.store %z, %a[0] : !v, !tile.smem<128xf32>
    tile.sync
    tile.publish %R[%s] : !R
  }
  tile.role @use group {
    %s = tile.cursor : !c
    %a = tile.await %R[%s] : !R
    %t = tile.load %a[0] : !tile.smem<128xf32> -> !v
    tile.release %R[%s] : !R
    tile.store %t, %y[0] : !v, !tile.global<f32, 1>
  }
}

// -----

!R = !tile.ring<2, a: 64x64xbf16 sw128>
!A = !tile.smem<64x64xbf16, sw128>
!h = tensor<64x64xbf16, #tile.acc>
!c = !tile.cursor<2>
!map = !tile.map<bf16, 64x64, sw128>
tile.kernel @proxy(%m: !map) {
  %R = tile.ring full(4 warp) empty(1 thread) : !R
  tile.role @make group {
    %s = tile.cursor : !c
    %a = tile.acquire %R[%s] : !R
    %z = arith.constant dense<0.0> : !h
    // expected-note @+1 {{a store}}
    tile.store %z, %a[0, 0] : !h, !A
    tile.publish %R[%s] : !R
  }
  tile.role @ship thread {
    %s = tile.cursor : !c
    %a = tile.await %R[%s] : !R
    // expected-error @+1 {{reads what ordinary stores wrote, with no tile.fence in either role: it may see what was there before}}
    tile.send %a -> %m[0, 0] : !A, !map
    tile.send_wait 0 read
    tile.release %R[%s] : !R
    tile.send_wait 0
  }
}

// -----

!R = !tile.ring<2, a: 64x64xbf16 sw128>
!A = !tile.smem<64x64xbf16, sw128>
!c = !tile.cursor<2>
!map = !tile.map<bf16, 64x64, sw128>
tile.kernel @unread(%m: !map) {
  %R = tile.ring full(1 thread) empty(1 thread) : !R
  tile.role @in thread {
    %s = tile.cursor : !c
    tile.fetch %R[%s] a = %m[0, 0] : !R, !map
  }
  tile.role @ship thread {
    %s = tile.cursor : !c
    %a = tile.await %R[%s] : !R
    // expected-note @+1 {{the bulk store}}
    tile.send %a -> %m[0, 0] : !A, !map
    // expected-error @+1 {{releases a slot that a bulk store may still read: put tile.send_wait .. read between}}
    tile.release %R[%s] : !R
    tile.send_wait 0
  }
}

// -----

!A = !tile.smem<64x64xbf16, sw128>
!map = !tile.map<bf16, 64x64, sw128>
tile.kernel @unfinished(%m: !map) {
  %a = tile.buffer : !A
  tile.role @ship thread {
    // expected-error @+1 {{is never waited for: the CTA may end, and its shared memory with it, before it is done (tile.send_wait 0)}}
    tile.send %a -> %m[0, 0] : !A, !map
  }
}

// -----

!A = !tile.smem<64x64xbf16, sw128>
!S = tensor<64x64xf32, #tile.acc>
!h = tensor<64x64xbf16, #tile.acc>
!F = !tile.flight<!S>
tile.kernel @sinks(%x: !tile.global<f32, 2>, %n: index) {
  %a = tile.buffer : !A
  tile.role @math group {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %t = tile.load %x[0, 0] : !tile.global<f32, 2> -> !S
    %p = arith.truncf %t : !S to !h
    // expected-note @+1 {{the branch}}
    scf.for %i = %c0 to %n step %c1 {
      tile.sync
    }
    // expected-warning @+1 {{takes a tile that is packed before a branch: the packing will move behind it; tile.pin it for llvm}}
    %f = tile.mma %p, %a : !h, !A -> !F
    %o = tile.land 0 (%f) : !F
  }
}
