// RUN: %ssm-opt %s --split-input-file --verify-diagnostics

!R = !tile.ring<2, a: 64x64xbf16 sw128, v: 2xi32>
!map = !tile.map<bf16, 64x32, sw128>
func.func @box(%r: !R, %c: !tile.cursor<2>, %m: !map) {
  // expected-error @+1 {{the boxes bring 4096 bytes to 'a', which has 8192}}
  tile.fetch %r[%c] a = %m[0, 0] : !R, !map
  return
}

// -----

!R = !tile.ring<2, a: 64x64xbf16 sw128>
!map = !tile.map<bf16, 64x64>
func.func @swizzle(%r: !R, %c: !tile.cursor<2>, %m: !map) {
  // expected-error @+1 {{copies with a swizzle of 0 bytes to 'a' of 128}}
  tile.fetch %r[%c] a = %m[0, 0] : !R, !map
  return
}

// -----

!R = !tile.ring<2, a: 64x64xbf16 sw128>
!map = !tile.map<f16, 64x64, sw128>
func.func @element(%r: !R, %c: !tile.cursor<2>, %m: !map) {
  // expected-error @+1 {{copies 'f16' to 'a' of 'bf16'}}
  tile.fetch %r[%c] a = %m[0, 0] : !R, !map
  return
}

// -----

!R = !tile.ring<2, a: 64x64xbf16 sw128>
!map = !tile.map<bf16, 32x64, sw128>
func.func @panel(%r: !R, %c: !tile.cursor<2>, %m: !map) {
  // expected-error @+1 {{a box of 32 columns for 'a', whose panels have 64}}
  tile.fetch %r[%c] a = %m[0, 0], a = %m[32, 0] : !R, !map, !map
  return
}

// -----

!R = !tile.ring<2, a: 64x64xbf16 sw128>
!map = !tile.map<bf16, 64x64, sw128>
func.func @coordinates(%r: !R, %c: !tile.cursor<2>, %m: !map) {
  // expected-error @+1 {{gives 1 values for 'a', which takes 2}}
  tile.fetch %r[%c] a = %m[0] : !R, !map
  return
}

// -----

!R = !tile.ring<2, a: 64x64xbf16 sw128>
func.func @name(%r: !R, %c: !tile.cursor<2>) {
  // expected-error @+1 {{the ring has no part 'b'}}
  tile.fetch %r[%c] b = (0) : !R
  return
}

// -----

!R = !tile.ring<2, v: 4xi32>
func.func @twice(%r: !R, %c: !tile.cursor<2>) {
  // expected-error @+1 {{writes 'v' twice}}
  tile.fetch %r[%c] v = (0, 1, 2, 3), v = (0, 1, 2, 3) : !R
  return
}

// -----

!R = !tile.ring<2, v: 6xf32>
func.func @alignment(%r: !R, %c: !tile.cursor<2>, %g: !tile.global<f32, 1, 4>) {
  // expected-error @+1 {{copies contiguous bytes to 'v': a multiple of 16 bytes, from a view that promises vectors of 16 bytes}}
  tile.fetch %r[%c] v = %g[0] : !R, !tile.global<f32, 1, 4>
  return
}

// -----

!R = !tile.ring<2, v: 2xi32>
tile.kernel @kind() {
  %r = tile.ring full(1 thread) empty(1 group) : !R
  tile.role @a group {
    %c = tile.cursor : !tile.cursor<2>
    // expected-error @+1 {{is for a role of kind thread; role @a is a group}}
    tile.fetch %r[%c] v = (0, 1) : !R
  }
}

// -----

!s = !tile.smem<64x64xbf16, sw128>
!map = !tile.map<bf16, 64x32, sw128>
func.func @send(%s: !s, %m: !map) {
  // expected-error @+1 {{the box has 4096 bytes, the view 8192}}
  tile.send %s -> %m[0, 0] : !s, !map
  return
}

// -----

!s = !tile.smem<64x128xbf16, sw128, rows = 128>
!map = !tile.map<bf16, 64x64x2, sw128>
func.func @send_part(%s: !s, %m: !map) {
  // expected-error @+1 {{the view has 64 of 128 rows of several panels, which are not contiguous}}
  tile.send %s -> %m[0, 0, 0] : !s, !map
  return
}

// -----

func.func @copy(%x: !tile.global<bf16, 2>, %s: !tile.smem<16x64xbf16, sw128>) {
  // expected-error @+1 {{copies vectors of 8 from a view that promises vectors of 1}}
  tile.copy %x[0, 0] -> %s by lanes<8, 8> : !tile.global<bf16, 2>, !tile.smem<16x64xbf16, sw128>
  return
}

// -----

func.func @copy_bytes(%x: !tile.global<bf16, 2, 8>, %s: !tile.smem<16x64xbf16, sw128>) {
  // expected-error @+1 {{copies 4, 8 or 16 bytes a thread at once, not 2}}
  tile.copy %x[0, 0] -> %s by lanes<8, 1> : !tile.global<bf16, 2, 8>, !tile.smem<16x64xbf16, sw128>
  return
}

// -----

!R = !tile.ring<2, a: 64x64xbf16 sw128>
!map = !tile.map<bf16, 64x32, sw128>
tile.kernel @across_nothing(%m: !map) cluster(2, 1, 1) {
  %R = tile.ring full(1 thread) empty(1 group) : !R
  tile.role @copy thread {
    %c = tile.cursor : !tile.cursor<2>
    // expected-error @+1 {{goes across dimension 1 of the cluster, along which there is one CTA}}
    tile.fetch %R[%c] a = %m[0, 0] across 1 : !R, !map
  }
}

// -----

// Four CTAs bring four boxes.
!R = !tile.ring<2, a: 64x64xbf16 sw128>
!map = !tile.map<bf16, 64x32, sw128>
tile.kernel @across_too_many(%m: !map) cluster(4, 1, 1) {
  %R = tile.ring full(1 thread) empty(1 group) : !R
  tile.role @copy thread {
    %c = tile.cursor : !tile.cursor<2>
    // expected-error @+1 {{the boxes bring 16384 bytes to 'a', which has 8192}}
    tile.fetch %R[%c] a = %m[0, 0] across 0 : !R, !map
  }
}

// -----

!R = !tile.ring<2, v: 64xf32>
tile.kernel @across_without_map(%v: !tile.global<f32, 1, 4>) cluster(2, 1, 1) {
  %R = tile.ring full(1 thread) empty(1 group) : !R
  tile.role @copy thread {
    %c = tile.cursor : !tile.cursor<2>
    // expected-error @+1 {{copies 'v' across CTAs by boxes of a tensor map, not from a view}}
    tile.fetch %R[%c] v = %v[0] across 0 : !R, !tile.global<f32, 1, 4>
  }
}
