// RUN: %ssm-opt %s --tile-verify-resources --split-input-file --verify-diagnostics

// 32 + 3 x 160 is what 4 warpgroups of 128 registers have: no error.
tile.kernel @fits() {
  tile.role @copy thread regs(32) {
  }
  tile.role @rows group x 3 regs(160) {
  }
}

// -----

// expected-error @+1 {{its roles want 544 registers over 4 warpgroups (a thread of each); at entry 128 each are there, 512 together}}
tile.kernel @sum() {
  tile.role @copy thread regs(40) {
  }
  tile.role @rows group x 3 regs(168) {
  }
}

// -----

tile.kernel @one_group() {
  // expected-note @+1 {{that role has 40}}
  tile.role @copy thread regs(40) {
  }
  // expected-error @+1 {{has 48 registers a thread; setmaxnreg is for a whole warpgroup, which it shares with role @copy}}
  tile.role @decay warp regs(48) {
  }
}

// -----

// expected-error @+1 {{its roles take 1152 threads; a CTA has at most 1024}}
tile.kernel @threads() {
  tile.role @copy thread {
  }
  tile.role @rows group x 8 {
  }
}

// -----

// expected-error @+1 {{takes 262272 bytes of shared memory; a CTA has 232448}}
tile.kernel @shared() {
  // expected-note @+1 {{8 slots of 32768 bytes}}
  %R = tile.ring full(1 thread) empty(1 group) : !tile.ring<8, a: 128x128xbf16 sw128>
}

// -----

// expected-error @+1 {{takes 17 named barriers (the CTA's, one an instance that meets, one a turn); a CTA has 16}}
tile.kernel @barriers() {
  %S = tile.turns : !tile.turns<7>
  %T = tile.turns : !tile.turns<7>
  tile.role @a group x 2 {
    tile.sync
  }
}

// -----

!S = tensor<64x256xf32, #tile.acc>
tile.kernel @tiles(%x: !tile.global<f32, 2>) {
  // expected-error @+1 {{its tiles take 256 registers a thread, it has 128}}
  tile.role @a group x 4 {
    %a = tile.load %x[0, 0] : !tile.global<f32, 2> -> !S
    // expected-note @+1 {{here}}
    %b = tile.load %x[64, 0] : !tile.global<f32, 2> -> !S
    tile.store %a, %x[64, 0] : !S, !tile.global<f32, 2>
    tile.store %b, %x[0, 0] : !S, !tile.global<f32, 2>
  }
}
