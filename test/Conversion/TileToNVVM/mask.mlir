// The set is solved for a limit; elements compare it with an immediate, those of a diagonal together.
// What holds for all threads or for none is no comparison.
// RUN: ssm-opt %s --tile-place --convert-tile-to-nvvm --canonicalize --cse | FileCheck %s
#causal = affine_set<(r, c)[row] : (r + row - c >= 0)>
!s = tensor<64x16xf32, #tile.acc>

// CHECK-LABEL: llvm.func @k
tile.kernel @k(%g: !tile.global<f32, 2>, %row: index) {
  tile.role @r group {
    %c0 = arith.constant 0 : index
    %ninf = arith.constant 0xFF800000 : f32
    %x = tile.load %g[%c0, 0] : !tile.global<f32, 2> -> !s
    // CHECK: %[[TOP:.*]] = arith.subi
    // CHECK-COUNT-6: arith.cmpi sge
    // CHECK-NOT: arith.cmpi sge
    // CHECK: llvm.inline_asm {{.*}}"=f,=f,=f,=f,=f,=f,=f,=f,0,1,2,3,4,5,6,7"
    %y = tile.mask %x in #causal[%row] else %ninf : !s
    tile.pin %y for llvm : !s
  }
}

// The 8 x 8 blocks of a diagonal 16 x 16 one: two share comparisons, one is whole, one empty.
// CHECK-LABEL: llvm.func @diagonal
tile.kernel @diagonal(%g: !tile.global<f32, 2>) {
  tile.role @r warp {
    %c0 = arith.constant 0 : index
    %z = arith.constant 0.0 : f32
    %x = tile.load %g[%c0, 0] : !tile.global<f32, 2> -> tensor<16x16xf32, #tile.acc>
    // CHECK: ld.global
    // CHECK-COUNT-2: arith.cmpi sge
    // CHECK-NOT: arith.cmpi
    // CHECK: llvm.inline_asm {{.*}} "",
    %y = tile.mask %x in affine_set<(r, c) : (r - c >= 0)>[] else %z : tensor<16x16xf32, #tile.acc>
    tile.pin %y for llvm : tensor<16x16xf32, #tile.acc>
  }
}
