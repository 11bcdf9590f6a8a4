// RUN: %ssm-opt %s | %ssm-opt | FileCheck %s

// Loads and stores of tiles and scalars, bulk stores, copies by every thread, counters.
!h = tensor<64x64xbf16, #tile.acc>
!row = tensor<2x512xbf16, #tile.lanes<64, 8>>
!smem = !tile.smem<64x64xbf16, sw128>
!R = !tile.ring<2, x: 16x64xbf16 sw128>
// CHECK-LABEL: tile.kernel @memory
tile.kernel @memory(%x: !tile.global<bf16, 2, 8>, %f: !tile.global<f32, 3>, %m: !tile.map<bf16, 64x64, sw128>, %ctr: !tile.global<i32, 0>, %n: index) {
  %s = tile.buffer : !smem
  %v = tile.buffer : !tile.smem<2x5x64xf32>
  %flags = tile.buffer : !tile.smem<4xi32>
  %R = tile.ring full(128 each) empty(1 group) : !R
  // CHECK: tile.present %{{.*}} : <f32, 3>
  %has = tile.present %f : !tile.global<f32, 3>
  // CHECK: tile.global %{{.*}}[%{{.*}}, 0, 0] sizes [%{{.*}}, 64] strides [%{{.*}}, 1] : <f32, 3> to <f32, 2>
  %g = tile.global %f[%n, 0, 0] sizes [%n, 64] strides [%n, 1] : !tile.global<f32, 3> to !tile.global<f32, 2>
  tile.role @ship thread {
    %c1 = arith.constant 1 : index
    // CHECK: tile.send %{{.*}} -> %{{.*}}[0, %{{.*}}] add : <64x64xbf16, sw128>, <bf16, 64x64, sw128>
    tile.send %s -> %m[0, %n] add : !smem, !tile.map<bf16, 64x64, sw128>
    // CHECK: tile.send_wait 1 read
    tile.send_wait 1 read
    // CHECK: tile.send_wait 0
    tile.send_wait 0
    // CHECK: tile.atomic_add %{{.*}}[], %{{.*}} : <i32, 0>
    %old = tile.atomic_add %ctr[], %c1 : !tile.global<i32, 0>
    // CHECK: tile.load %{{.*}}[2] relaxed : !tile.smem<4xi32> -> index
    %flag = tile.load %flags[2] relaxed : !tile.smem<4xi32> -> index
    // CHECK: tile.store %{{.*}}, %{{.*}}[3] : index, !tile.smem<4xi32>
    tile.store %old, %flags[3] : index, !tile.smem<4xi32>
  }
  tile.role @work group {
    // CHECK: tile.load %{{.*}}[%{{.*}}, 0][2, 512] : !tile.global<bf16, 2, 8> -> tensor<2x512xbf16, #tile.lanes<64, 8>>
    %a = tile.load %x[%n, 0][2, 512] : !tile.global<bf16, 2, 8> -> !row
    // CHECK: tile.load %{{.*}}[0, 0] transpose : !tile.smem<64x64xbf16, sw128> -> tensor<64x64xbf16, #tile.acc>
    %t = tile.load %s[0, 0] transpose : !smem -> !h
    // CHECK: tile.load %{{.*}}[1, 2, 0][1, 1, 64] : !tile.smem<2x5x64xf32> -> tensor<64xf32, #tile.col>
    %c = tile.load %v[1, 2, 0][1, 1, 64] : !tile.smem<2x5x64xf32> -> tensor<64xf32, #tile.col>
    // CHECK: tile.store %{{.*}}, %{{.*}}[0, 0] transpose : tensor<64x64xbf16, #tile.acc>, !tile.smem<64x64xbf16, sw128>
    tile.store %t, %s[0, 0] transpose : !h, !smem
    // CHECK: tile.store %{{.*}}, %{{.*}}[0, 0] image : tensor<64x64xbf16, #tile.acc>, !tile.smem<64x64xbf16, sw128>
    tile.store %t, %s[0, 0] image : !h, !smem
    %cc = tile.cursor : !tile.cursor<2>
    %r = tile.acquire %R[%cc] : !R
    // CHECK: tile.copy %{{.*}}[%{{.*}}, 0][16, 64] -> %{{.*}} by lanes<8, 8> arrive %{{.*}}[%{{.*}}] : !tile.global<bf16, 2, 8>, !tile.smem<16x64xbf16, sw128>, !tile.ring<2, x: 16x64xbf16 sw128>
    tile.copy %x[%n, 0][16, 64] -> %r by lanes<8, 8> arrive %R[%cc] : !tile.global<bf16, 2, 8>, !tile.smem<16x64xbf16, sw128>, !R
  }
}
