// RUN: %ssm-opt %s --tile-print-layouts -o /dev/null 2>&1 | FileCheck %s

// CHECK: <8x64xbf16, sw128>: 1024 bytes, panels of 64 columns, 1024 bytes apart
// CHECK: 1 144 128 176 160 208 192 240 224
// CHECK: tensor<16x8xf32, #tile.acc>{{.*}}32 threads: 4 elements, 4 registers a thread
// CHECK: 0 0.0:0 0.0:1 0.1:0 0.1:1
// CHECK: 8 0.0:2 0.0:3 0.1:2 0.1:3
tile.kernel @k(%x: !tile.global<f32, 2>) {
  %b = tile.buffer : !tile.smem<8x64xbf16, sw128>
  tile.role @a warp {
    %t = tile.load %x[0, 0] : !tile.global<f32, 2> -> tensor<16x8xf32, #tile.acc>
  }
}
