// What the lowering cannot do is said with its place.
// RUN: not ssm-opt %s --split-input-file --tile-place --convert-tile-to-nvvm 2>&1 | FileCheck %s
// RUN: not ssm-opt %s --split-input-file --convert-tile-to-nvvm 2>&1 | FileCheck %s --check-prefix=PLACE
// PLACE: error: 'tile.kernel' op has no places for its roles and buffers yet: run tile-place first

tile.kernel @halves(%g: !tile.global<bf16, 2, 2>) {
  tile.role @r group {
    %c0 = arith.constant 0 : index
    %x = tile.load %g[%c0, 0] : !tile.global<bf16, 2, 2> -> tensor<64x8xbf16, #tile.acc>
    // CHECK: error: 'arith.addf' op computes on tiles of 16-bit elements; extend them to f32 first
    %y = arith.addf %x, %x : tensor<64x8xbf16, #tile.acc>
    tile.pin %y for llvm : tensor<64x8xbf16, #tile.acc>
  }
}

// -----
tile.kernel @cut(%g: !tile.global<f32, 2, 2>, %n: index) {
  tile.role @r group {
    %c0 = arith.constant 0 : index
    %x = tile.load %g[%c0, 0] : !tile.global<f32, 2, 2> -> tensor<64x16xf32, #tile.acc>
    // CHECK: error: 'tile.slice' op cuts at an offset that is no constant; unroll the loop that it counts
    %y = tile.slice %x[0, %n] : tensor<64x16xf32, #tile.acc> to tensor<64x8xf32, #tile.acc>
    tile.pin %y for llvm : tensor<64x8xf32, #tile.acc>
  }
}
