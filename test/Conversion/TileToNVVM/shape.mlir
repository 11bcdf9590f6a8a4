// Broadcasts, slices and insertions choose registers; gathers ask other lanes; a vote is one instruction.
// RUN: ssm-opt %s --tile-place --convert-tile-to-nvvm | FileCheck %s
!v = tensor<128xf32, #tile.lanes<32, 4>>
!s = tensor<16x16xf32, #tile.acc>
!p = tensor<16x8xf32, #tile.acc>

// CHECK-LABEL: llvm.func @renaming
tile.kernel @renaming(%g: !tile.global<f32, 2, 2>) {
  tile.role @r warp {
    %c0 = arith.constant 0 : index
    %x = tile.load %g[%c0, 0] : !tile.global<f32, 2, 2> -> !s
    // CHECK: "", "=f,=f,=f,=f,=f,=f,=f,=f,0,1,2,3,4,5,6,7" %[[A:.*]], %[[B:.*]], %[[C:.*]], %[[D:.*]], %[[E:.*]], %[[F:.*]], %[[G:.*]], %[[H:.*]] :
    %y = tile.pin %x for llvm : !s
    // CHECK-COUNT-8: llvm.extractvalue
    // CHECK-NOT: llvm.extractvalue
    // The right half over the left one: no instruction.
    // CHECK: "", "=f,=f,=f,=f,=f,=f,=f,=f,0,1,2,3,4,5,6,7" %[[R4:.*]], %[[R5:.*]], %[[R6:.*]], %[[R7:.*]], %[[R4]], %[[R5]], %[[R6]], %[[R7]] :
    %right = tile.slice %y[0, 8] : !s to !p
    %z = tile.insert %right, %y[0, 0] : !p into !s
    %w = tile.pin %z for llvm : !s
  }
}

// CHECK-LABEL: llvm.func @lanes
tile.kernel @lanes(%g: !tile.global<f32, 1, 4>) {
  tile.role @r warp {
    %c0 = arith.constant 0 : index
    %x = tile.load %g[%c0] : !tile.global<f32, 1, 4> -> !v
    // The last of each 64: one register of lane 15 or 31 for all.
    // CHECK-COUNT-4: "llvm.nvvm.shfl.sync.idx.f32"
    %l = tile.gather %x by affine_map<(i) -> (i floordiv 64 * 64 + 63)> : !v
    tile.pin %l for llvm : !v
    %n = arith.cmpf ogt, %x, %l : !v
    // CHECK-COUNT-3: arith.ori
    // CHECK: "llvm.nvvm.vote.any.sync"
    %a = tile.any %n : tensor<128xi1, #tile.lanes<32, 4>>
    // CHECK: arith.addi
    %i = tile.iota 0 : tensor<128xi32, #tile.lanes<32, 4>>
    tile.pin %i for llvm : tensor<128xi32, #tile.lanes<32, 4>>
  }
}
