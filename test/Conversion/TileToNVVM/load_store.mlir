// Vectors as wide as layout and view allow, inside the view's sizes; constants go into the instruction.
// RUN: ssm-opt %s --tile-place --convert-tile-to-nvvm | FileCheck %s
!v = tensor<2x1024xbf16, #tile.lanes<64, 8>>
!q = tensor<64x32xbf16, #tile.quad>

// CHECK-LABEL: llvm.func @lanes
tile.kernel @lanes(%x: !tile.global<bf16, 2, 8>, %y: !tile.global<bf16, 2>, %r: index) {
  tile.role @a group {
    // CHECK: "mov.b32 $0, 0; mov.b32 $1, 0; mov.b32 $2, 0; mov.b32 $3, 0; @$5 ld.global.v4.b32 {$0, $1, $2, $3}, [$4+0];", "=r,=r,=r,=r,l,b,~{memory}"
    // CHECK: ld.global.v4.b32 {$0, $1, $2, $3}, [$4+1024];
    %a = tile.load %x[%r, 0][2, 1024] : !tile.global<bf16, 2, 8> -> !v
    // Without a promise of vectors: element by element.
    // CHECK-COUNT-16: st.global.b16
    tile.store %a, %y[%r, 0][2, 1024] : !v, !tile.global<bf16, 2>
  }
}

// CHECK-LABEL: llvm.func @quad
tile.kernel @quad(%x: !tile.global<bf16, 2, 8>, %r: index) {
  tile.role @a group {
    %a = tile.load %x[%r, 0] : !tile.global<bf16, 2, 8> -> tensor<64x32xbf16, #tile.acc>
    // Four registers change places in a quad by four exchanges.
    // CHECK-COUNT-8: "llvm.nvvm.shfl.sync.bfly.i32"
    // CHECK-NOT: shfl
    %q = tile.convert %a : tensor<64x32xbf16, #tile.acc> to !q
    // CHECK-COUNT-2: st.global.v4.b32
    tile.store %q, %x[%r, 0] : !q, !tile.global<bf16, 2, 8>
  }
}

// CHECK-LABEL: llvm.func @shared
tile.kernel @shared(%r: index) {
  %s = tile.buffer : !tile.smem<2x3x64xf32>
  tile.role @a group {
    // Columns: eight bytes each eight, replicated over rows of lanes.
    // CHECK: ld.shared.v2.b32 {$0, $1}, [$2+256];
    // CHECK: ld.shared.v2.b32 {$0, $1}, [$2+288];
    %c = tile.load %s[%r, 1, 0][1, 1, 64] : !tile.smem<2x3x64xf32> -> tensor<64xf32, #tile.col>
    // CHECK: ld.shared.b32 $0, [$1+764];
    %last = tile.load %s[%r, 2, 63] : !tile.smem<2x3x64xf32> -> f32
    // One of the lanes that have it stores it.
    // CHECK: "@$3 st.shared.v2.b32 [$0+0], {$1, $2};", "r,f,f,b,~{memory}"
    tile.store %c, %s[%r, 0, 0][1, 1, 64] : tensor<64xf32, #tile.col>, !tile.smem<2x3x64xf32>
    // CHECK: "@$2 st.shared.b32 [$0+0], $1;", "r,f,b,~{memory}"
    tile.store %last, %s[0, 0, 0] : f32, !tile.smem<2x3x64xf32>
  }
}
