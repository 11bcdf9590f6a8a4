// RUN: %ssm-opt %s --canonicalize --cse --split-input-file | FileCheck %s

// CHECK-LABEL: func.func @cursors
func.func @cursors(%c: !tile.cursor<3>) -> (!tile.cursor<3>, !tile.cursor<3>, !tile.cursor<3>) {
  // CHECK-DAG: %[[START:.*]] = tile.cursor : <3>
  // CHECK-DAG: %[[NEXT:.*]] = tile.next %{{.*}} by 3 : <3>
  // CHECK: return %{{.*}}, %[[NEXT]], %[[START]]
  %a = tile.next %c : !tile.cursor<3>
  %b = tile.next %a by -1 : !tile.cursor<3>
  %d = tile.next %a by 2 : !tile.cursor<3>
  %c0 = arith.constant 0 : index
  %e = tile.cursor %c0 : !tile.cursor<3>
  return %b, %d, %e : !tile.cursor<3>, !tile.cursor<3>, !tile.cursor<3>
}

// -----

// One slot a cursor.
// CHECK-LABEL: func.func @slots
// CHECK-COUNT-1: tile.slot
// CHECK-NOT: tile.slot
func.func @slots(%r: !tile.ring<2, a: 4xi32>, %c: !tile.cursor<2>) -> (!tile.smem<4xi32>, !tile.smem<4xi32>) {
  %a = tile.slot %r[%c] : !tile.ring<2, a: 4xi32>
  %b = tile.slot %r[%c] : !tile.ring<2, a: 4xi32>
  return %a, %b : !tile.smem<4xi32>, !tile.smem<4xi32>
}

// -----

// CHECK-LABEL: func.func @subs
func.func @subs(%s: !tile.smem<4x64x64xbf16, sw128>, %i: index) -> (!tile.smem<64x64xbf16, sw128>, !tile.smem<32x64xbf16, sw128, rows = 64>, !tile.smem<4x64x64xbf16, sw128>) {
  %c1 = arith.constant 1 : index
  // CHECK: tile.sub %[[S:.*]][1, 0, 0][1, 64, 64]
  %a = tile.sub %s[%c1, 0, 0][1, 64, 64] : !tile.smem<4x64x64xbf16, sw128>
  // Of a part of a part.
  // CHECK: %[[B:.*]] = tile.sub %[[S]][%{{.*}}, 32, 0][1, 32, 64]
  %b0 = tile.sub %s[%i, 0, 0][1, 64, 64] : !tile.smem<4x64x64xbf16, sw128>
  %b = tile.sub %b0[32, 0][32, 64] : !tile.smem<64x64xbf16, sw128>
  // CHECK: return %{{.*}}, %[[B]], %[[S]]
  %all = tile.sub %s[0, 0, 0][4, 64, 64] : !tile.smem<4x64x64xbf16, sw128>
  return %a, %b, %all : !tile.smem<64x64xbf16, sw128>, !tile.smem<32x64xbf16, sw128, rows = 64>, !tile.smem<4x64x64xbf16, sw128>
}

// -----

// CHECK-LABEL: func.func @slices
!S = tensor<64x64xf32, #tile.acc>
!p = tensor<64x16xf32, #tile.acc>
// CHECK-SAME: (%[[S:.*]]: tensor<64x64xf32, #tile.acc>, %[[P:.*]]: tensor<64x16xf32, #tile.acc>)
func.func @slices(%s: !S, %p: !p) -> (!p, !p, !p) {
  %c16 = arith.constant 16 : index
  %t = tile.insert %p, %s[0, %c16] : !p into !S
  // What was inserted, what it left alone, and what of a constant.
  %a = tile.slice %t[0, 16] : !S to !p
  // CHECK-DAG: %[[B:.*]] = tile.slice %[[S]][0, 32]
  %b = tile.slice %t[0, 32] : !S to !p
  %z = arith.constant dense<1.0> : !S
  // CHECK-DAG: %[[ONE:.*]] = arith.constant dense<1.000000e+00> : tensor<64x16xf32, #tile.acc>
  %c = tile.slice %z[0, 0] : !S to !p
  // CHECK: return %[[P]], %[[B]], %[[ONE]]
  return %a, %b, %c : !p, !p, !p
}

// -----

// CHECK-LABEL: func.func @broadcast
func.func @broadcast() -> tensor<64x64xf32, #tile.acc> {
  // CHECK: arith.constant dense<2.000000e+00> : tensor<64x64xf32, #tile.acc>
  %f = arith.constant 2.0 : f32
  %r = tile.broadcast %f : f32 to tensor<64xf32, #tile.row>
  %b = tile.broadcast %r : tensor<64xf32, #tile.row> to tensor<64x64xf32, #tile.acc>
  return %b : tensor<64x64xf32, #tile.acc>
}

// -----

// A mask that keeps everything is its source, one that keeps nothing the filler; one that cuts stays.
// CHECK-LABEL: func.func @masks
!S = tensor<64x64xf32, #tile.acc>
#causal = affine_set<(r, c)[row, j] : (r + row - c - 64 * j >= 0)>
// CHECK-SAME: (%[[S:.*]]: tensor<64x64xf32, #tile.acc>, %[[F:.*]]: f32, %[[P:.*]]: i1)
func.func @masks(%s: !S, %f: f32, %p: i1) -> (!S, !S, !S, !S, !S) {
  %c0 = arith.constant 0 : index
  %c128 = arith.constant 128 : index
  %c4 = arith.constant 4 : index
  %true = arith.constant true
  %false = arith.constant false
  // CHECK-DAG: %[[NOTHING:.*]] = tile.broadcast %[[F]] : f32 to
  // CHECK-DAG: %[[CUT:.*]] = tile.mask %[[S]] in #{{.*}}[%{{.*}}, %{{.*}}] else %[[F]] : tensor
  // CHECK-DAG: %[[MAYBE:.*]] = tile.mask %[[S]] in #{{.*}}[%{{.*}}, %{{.*}}] else %[[F]] if(%[[P]]) : tensor
  %a = tile.mask %s in #causal[%c128, %c0] else %f : !S
  %b = tile.mask %s in #causal[%c0, %c4] else %f : !S
  %c = tile.mask %s in #causal[%c0, %c0] else %f if(%true) : !S
  %d = tile.mask %s in #causal[%c0, %c4] else %f if(%p) : !S
  %e = tile.mask %s in #causal[%c0, %c0] else %f if(%false) : !S
  // CHECK: return %[[S]], %[[NOTHING]], %[[CUT]], %[[MAYBE]], %[[S]]
  return %a, %b, %c, %d, %e : !S, !S, !S, !S, !S
}

// -----

// There and back.
// CHECK-LABEL: func.func @convert(
// CHECK-NEXT: return %arg0
func.func @convert(%s: tensor<64x64xbf16, #tile.acc>) -> tensor<64x64xbf16, #tile.acc> {
  %q = tile.convert %s : tensor<64x64xbf16, #tile.acc> to tensor<64x64xbf16, #tile.quad>
  %a = tile.convert %q : tensor<64x64xbf16, #tile.quad> to tensor<64x64xbf16, #tile.acc>
  return %a : tensor<64x64xbf16, #tile.acc>
}

// -----

// Loads meet across nothing, and never across a wait.
// CHECK-LABEL: func.func @loads
// CHECK-COUNT-2: tile.load
// CHECK-NOT: tile.load
func.func @loads(%s: !tile.smem<4xi32>, %r: !tile.ring<2, a: 4xi32>, %c: !tile.cursor<2>) -> (index, index, index) {
  %a = tile.load %s[0] : !tile.smem<4xi32> -> index
  %b = tile.load %s[0] : !tile.smem<4xi32> -> index
  tile.await %r[%c] : !tile.ring<2, a: 4xi32>
  %d = tile.load %s[0] : !tile.smem<4xi32> -> index
  return %a, %b, %d : index, index, index
}
