// Register by register; instructions where fast-math allows them; pairs of 16 bits by one conversion.
// RUN: ssm-opt %s --tile-place --convert-tile-to-nvvm | FileCheck %s
!f = tensor<64x8xf32, #tile.acc>
!h = tensor<64x8xbf16, #tile.acc>

// CHECK-LABEL: llvm.func @k
tile.kernel @k(%g: !tile.global<bf16, 2, 2>) {
  tile.role @r group {
    %c0 = arith.constant 0 : index
    // CHECK-COUNT-2: ld.global.b32
    %x = tile.load %g[%c0, 0] : !tile.global<bf16, 2, 2> -> !h
    // The lower half by a shift, the upper by a mask.
    // CHECK: llvm.shl
    // CHECK: llvm.and
    %f = arith.extf %x : !h to !f
    // CHECK-COUNT-4: "llvm.nvvm.ex2.approx.ftz.f32"
    %e = math.exp2 %f fastmath<afn> : !f
    // CHECK-COUNT-4: math.exp %{{.*}} : f32
    %d = math.exp %e : !f
    // CHECK-COUNT-4: "llvm.nvvm.rcp.approx.ftz.f"
    %q = arith.divf %d, %f fastmath<arcp> : !f
    // CHECK-COUNT-4: arith.maxnumf %{{.*}} : f32
    %m = arith.maxnumf %q, %f : !f
    // CHECK-COUNT-2: "llvm.nvvm.ff2bf16x2.rn"
    %b = arith.truncf %m : !f to !h
    // CHECK-COUNT-2: st.global.b32
    tile.store %b, %g[%c0, 0] : !h, !tile.global<bf16, 2, 2>
  }
}
