// RUN: %ssm-opt %s --split-input-file --verify-diagnostics

func.func @f(%r: !tile.ring<2 x 3, a: 4xi32>, %c: !tile.cursor<2>) {
  // expected-error @+1 {{does not say which ring of the array}}
  tile.publish %r[%c] : !tile.ring<2 x 3, a: 4xi32>
  return
}

// -----

func.func @f(%r: !tile.ring<2, a: 4xi32>, %c: !tile.cursor<2>, %i: index) {
  // expected-error @+1 {{indexes a ring that is no array}}
  %a = tile.await %r[%i][%c] : !tile.ring<2, a: 4xi32>
  return
}

// -----

func.func @f(%r: !tile.ring<2 x 3, a: 4xi32>, %c: !tile.cursor<2>) {
  %c3 = arith.constant 3 : index
  // expected-error @+1 {{ring 3 of an array of 3}}
  tile.release %r[%c3][%c] : !tile.ring<2 x 3, a: 4xi32>
  return
}

// -----

// expected-note @+1 {{prior use here}}
func.func @f(%r: !tile.ring<2, a: 4xi32>, %c: !tile.cursor<3>) {
  // expected-error @+1 {{use of value '%c' expects different type than prior uses: '!tile.cursor<2>' vs '!tile.cursor<3>'}}
  %a = tile.acquire %r[%c] : !tile.ring<2, a: 4xi32>
  return
}

// -----

tile.kernel @k() {
  // expected-error @+1 {{a phase needs at least one arrival}}
  %r = tile.ring full(0 thread) empty(1 group) : !tile.ring<2, a: 4xi32>
}

// -----

func.func @f(%s: !tile.smem<64x64xbf16, sw128>) {
  // expected-error @+1 {{takes rows in eights, as the swizzle asks}}
  %v = tile.sub %s[4, 0][8, 64] : !tile.smem<64x64xbf16, sw128>
  return
}

// -----

func.func @f(%s: !tile.smem<64x64xbf16, sw128>) {
  // expected-error @+1 {{leaves its source along dimension 0 of 64}}
  %v = tile.sub %s[32, 0][64, 64] : !tile.smem<64x64xbf16, sw128>
  return
}

// -----

func.func @f(%s: !tile.smem<2x4x64xf32>) {
  // expected-error @+1 {{takes a part of dimension 1, so dimension 0 may have one element only: the view has no strides}}
  %v = tile.sub %s[0, 0, 0][2, 2, 64] : !tile.smem<2x4x64xf32>
  return
}

// -----

func.func @f(%r: !tile.ring<2, a: 4xi32>, %c: !tile.cursor<2>, %i: index) {
  // expected-error @+1 {{is for one CTA (at) or for all along a dimension of the cluster (across), not both}}
  tile.release %r[%c] at(%i) across 0 : !tile.ring<2, a: 4xi32>
  return
}

// -----

func.func @f(%r: !tile.ring<2, a: 4xi32>, %c: !tile.cursor<2>) {
  // expected-error @+1 {{a cluster has dimensions 0 to 2, not 3}}
  tile.release %r[%c] across 3 : !tile.ring<2, a: 4xi32>
  return
}
