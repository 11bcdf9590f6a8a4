// Inside a thread in two chains, across lanes by shuffles, across warps through the scratch buffer.
// RUN: ssm-opt %s --tile-place --convert-tile-to-nvvm | FileCheck %s
#l = #tile.lanes<128, 4>
!f = tensor<512xf32, #l>
!m = tensor<1x512xf32, #l>
!v = tensor<1xf32, #tile.row<#l>>
!acc = tensor<64x8xf32, #tile.acc>

// CHECK-LABEL: llvm.func @rows
tile.kernel @rows(%g: !tile.global<f32, 2, 4>) {
  %u = tile.buffer : !tile.smem<1x4xf32>
  tile.role @r group {
    %c0 = arith.constant 0 : index
    // CHECK: ld.global.v4.b32
    %x = tile.load %g[%c0, 0] : !tile.global<f32, 2, 4> -> !m
    // CHECK-COUNT-3: arith.maxnumf
    // CHECK-COUNT-5: "llvm.nvvm.shfl.sync.bfly.f32"
    // CHECK: "@$2 st.shared.b32 [$0+0], $1;", "r,f,b,~{memory}"
    // CHECK: "bar.sync $0, 128;"
    // CHECK: "ld.shared.v4.b32 {$0, $1, $2, $3}, [$4+0];"
    // CHECK-COUNT-3: arith.maxnumf
    // CHECK-NOT: arith.maxnumf
    %r = tile.reduce maxnumf %x via(%u : !tile.smem<1x4xf32>) : !m -> !v
    tile.pin %r for llvm : !v
  }
}

// CHECK-LABEL: llvm.func @quad
tile.kernel @quad(%g: !tile.global<f32, 2, 4>) {
  tile.role @r group {
    %c0 = arith.constant 0 : index
    %x = tile.load %g[%c0, 0] : !tile.global<f32, 2, 4> -> !acc
    // Two rows of two columns a thread: no exchange.
    // CHECK-COUNT-2: arith.addf
    // CHECK-NOT: shfl
    %p = tile.fold addf %x : !acc -> tensor<64x4xf32, #tile.part>
    // CHECK-COUNT-4: "llvm.nvvm.shfl.sync.bfly.f32"
    %r = tile.reduce addf %p : tensor<64x4xf32, #tile.part> -> tensor<64xf32, #tile.row>
    tile.pin %r for llvm : tensor<64xf32, #tile.row>
  }
}
