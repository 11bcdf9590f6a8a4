// Every thread stores equally often, without a loop that depends on it; what is left over goes by a predicate.
// RUN: ssm-opt %s --tile-place --convert-tile-to-nvvm | FileCheck %s

// CHECK-LABEL: llvm.func @k
tile.kernel @k() {
  %a = tile.buffer : !tile.smem<1100xf32>
  tile.role @r group {
    // 4400 bytes: two rounds of 128 threads, then 19 of them.
    // CHECK: "st.shared.v4.b32 [$0+0], {$1, $2, $3, $4};", "r,r,r,r,r,~{memory}"
    // CHECK: "st.shared.v4.b32 [$0+2048], {$1, $2, $3, $4};", "r,r,r,r,r,~{memory}"
    // CHECK: "@$5 st.shared.v4.b32 [$0+4096], {$1, $2, $3, $4};", "r,r,r,r,r,b,~{memory}"
    // CHECK-NOT: scf.for
    tile.fill %a, 0.0 : f32 in !tile.smem<1100xf32>
  }
}
