// RUN: %ssm-opt %s --split-input-file --verify-diagnostics

!A = !tile.smem<64x64xbf16, sw128>
!F = !tile.flight<tensor<64x64xf32, #tile.acc>>
func.func @depth(%a: !A, %b: !tile.smem<32x64xbf16, sw128>) {
  // expected-error @+1 {{A has depth 64, B has 32}}
  %f = tile.mma %a, %b : !A, !tile.smem<32x64xbf16, sw128> -> !F
  return
}

// -----

!F = !tile.flight<tensor<32x64xf32, #tile.acc>>
func.func @rows(%a: !tile.smem<32x64xbf16, sw128>, %b: !tile.smem<64x64xbf16, sw128>) {
  // expected-error @+1 {{A has a multiple of 64 rows, not 32 (mma_sync is for fewer)}}
  %f = tile.mma %a, %b tb : !tile.smem<32x64xbf16, sw128>, !tile.smem<64x64xbf16, sw128> -> !F
  return
}

// -----

!F = !tile.flight<tensor<64x512xf32, #tile.acc>>
func.func @columns(%a: !tile.smem<64x64xbf16, sw128>, %b: !tile.smem<512x64xbf16, sw128>) {
  // expected-error @+1 {{B has a multiple of 8 columns up to 256, not 512}}
  %f = tile.mma %a, %b tb : !tile.smem<64x64xbf16, sw128>, !tile.smem<512x64xbf16, sw128> -> !F
  return
}

// -----

!A = !tile.smem<64x64xbf16>
!F = !tile.flight<tensor<64x64xf32, #tile.acc>>
func.func @swizzle(%a: !A) {
  // expected-error @+1 {{reads swizzled buffers; '!tile.smem<64x64xbf16>' has no swizzle}}
  %f = tile.mma %a, %a tb : !A, !A -> !F
  return
}

// -----

!A = !tile.smem<64x32xf32, sw128>
!F = !tile.flight<tensor<64x64xf32, #tile.acc>>
func.func @tf32(%a: !A) {
  // expected-error @+1 {{multiplies f32 as tf32 only, and says so}}
  %f = tile.mma %a, %a tb : !A, !A -> !F
  return
}

// -----

!A = !tile.smem<64x32xf32, sw128>
!B = !tile.smem<32x64xf32, sw128>
!F = !tile.flight<tensor<64x64xf32, #tile.acc>>
func.func @tf32_way(%a: !A, %b: !B) {
  // expected-error @+1 {{tf32 operands are contiguous along the depth: A is M x K, B is N x K (tb)}}
  %f = tile.mma %a, %b tf32 : !A, !B -> !F
  return
}

// -----

!B = !tile.smem<64x32xf32, sw128>
!F = !tile.flight<tensor<64x64xf32, #tile.acc>>
func.func @tf32_registers(%a: tensor<64x32xf32, #tile.acc>, %b: !B) {
  // expected-error @+1 {{takes A from shared memory or as a 16-bit #tile.acc tile of two dimensions, not 'tensor<64x32xf32, #tile.acc>': tf32 takes A from shared memory}}
  %f = tile.mma %a, %b tb tf32 : tensor<64x32xf32, #tile.acc>, !B -> !F
  return
}

// -----

!A = !tile.smem<64x64xbf16, sw128>
!F = !tile.flight<tensor<64x64xf32, #tile.acc>>
func.func @transposed_registers(%a: tensor<64x64xbf16, #tile.acc>, %b: !A) {
  // expected-error @+1 {{takes a transposed A from shared memory only}}
  %f = tile.mma %a, %b ta : tensor<64x64xbf16, #tile.acc>, !A -> !F
  return
}

// -----

!A = !tile.smem<64x64xbf16, sw128>
!F = !tile.flight<tensor<64x64xf32, #tile.acc>>
func.func @no_accumulator(%a: !A, %p: i1) {
  // expected-error @+1 {{has no accumulator to leave out}}
  %f = tile.mma %a, %a tb unless(%p) : !A, !A -> !F
  return
}

// -----

!A = !tile.smem<64x64xbf16, sw128>
!F = !tile.flight<tensor<64x128xf32, #tile.acc>>
func.func @result(%a: !A) {
  // expected-error @+1 {{gives 64 x 64, not 'tensor<64x128xf32, #tile.acc>'}}
  %f = tile.mma %a, %a tb : !A, !A -> !F
  return
}

// -----

!A = !tile.smem<2x64x64xbf16, sw128>
!F = !tile.flight<tensor<64x64xf32, #tile.acc>>
func.func @matrices(%a: !A) {
  // expected-error @+1 {{multiplies matrices: take one with tile.sub}}
  %f = tile.mma %a, %a tb : !A, !A -> !F
  return
}

// -----

!A = !tile.smem<64x64xbf16, sw128>
!F = !tile.flight<tensor<64x64xf32, #tile.acc>>
tile.kernel @kind() {
  %a = tile.buffer : !A
  tile.role @a warp {
    // expected-error @+1 {{is a warpgroup's product; role @a is a warp}}
    %f = tile.mma %a, %a tb : !A, !A -> !F
  }
}

// -----

func.func @nothing() {
  // expected-error @+1 {{lands nothing: tile.retire only waits}}
  "tile.land"() <{groups = 0 : i64}> : () -> ()
  return
}

// -----

// A product in flight is no tile: it cannot be read.
!A = !tile.smem<64x64xbf16, sw128>
!F = !tile.flight<tensor<64x64xf32, #tile.acc>>
func.func @read(%a: !A) {
  %f = tile.mma %a, %a tb : !A, !A -> !F
  // expected-error @+1 {{'arith.negf' op operand #0 must be floating-point-like}}
  %g = arith.negf %f : !F
  return
}

// -----

func.func @mma_sync(%a: tensor<16x16xbf16, #tile.acc>, %c: tensor<16x8xf32, #tile.acc>) {
  // expected-error @+1 {{takes A and C with layout #tile.acc, B with #tile.opb}}
  %d = tile.mma_sync %a, %a, %c : tensor<16x16xbf16, #tile.acc>, tensor<16x16xbf16, #tile.acc>, tensor<16x8xf32, #tile.acc>
  return
}

// -----

func.func @mma_sync_sizes(%a: tensor<16x32xbf16, #tile.acc>, %b: tensor<16x8xbf16, #tile.opb>, %c: tensor<16x8xf32, #tile.acc>) {
  // expected-error @+1 {{the sizes 16 x 32, 16 x 8 and 16 x 8 do not fit}}
  %d = tile.mma_sync %a, %b, %c : tensor<16x32xbf16, #tile.acc>, tensor<16x8xbf16, #tile.opb>, tensor<16x8xf32, #tile.acc>
  return
}
