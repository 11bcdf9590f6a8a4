// REQUIRES: ptxas
// What ptxas found of a kernel is said beside what its roles' tiles take by estimate.
// RUN: ssm-opt %s --tile-to-ptx-pipeline -o /dev/null 2>&1 | FileCheck %s
// CHECK: remark: {{[1-9][0-9]*}} registers a thread at entry, no spills; tiles by estimate: @work 32 of 168
tile.kernel @k(%x: !tile.global<f32, 2, 4>) {
  %S = tile.buffer : !tile.smem<64x64xf32>
  tile.role @work group regs(168) {
    %c0 = arith.constant 0 : index
    %a = tile.load %x[%c0, 0][64, 64] : !tile.global<f32, 2, 4> -> tensor<64x64xf32, #tile.lanes<16, 4>>
    tile.store %a, %x[%c0, 64][64, 64] : tensor<64x64xf32, #tile.lanes<16, 4>>, !tile.global<f32, 2, 4>
  }
}
