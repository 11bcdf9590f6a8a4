// RUN: not ssm-opt %s --split-input-file --tile-place 2>&1 | FileCheck %s

// CHECK: error: takes 262144 bytes of shared memory; a CTA has at most 232448
// CHECK: note: 262144 bytes here
tile.kernel @shared() {
  %b = tile.buffer : !tile.smem<16x128x64xbf16, sw128>
  tile.role @a thread {
  }
}

// -----
// CHECK: error: needs 17 named barriers, a turn and a meeting role one each beside the CTA's; there are 16
tile.kernel @barriers() {
  %t = tile.turns : !tile.turns<8>
  %u = tile.turns : !tile.turns<8>
  tile.role @a thread {
  }
}

// -----
// CHECK: error: has roles for 1056 threads; a CTA has at most 1024
tile.kernel @threads() {
  tile.role @a warp x 33 {
  }
}
