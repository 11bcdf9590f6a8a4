// REQUIRES: ptxas
// What the checks of the kernels look for is found where it is: a role with too few registers spills.
// RUN: ssm-opt %s --tile-place --convert-tile-to-nvvm --convert-scf-to-cf --convert-to-llvm --reconcile-unrealized-casts \
// RUN:   --ssm-emit-ptx --ssm-run-ptxas | FileCheck %s
// CHECK: tile.ptxas = {{.*}}spill_stores = {{[1-9][0-9]*}} : i64
!x = tensor<8192xf32, #tile.lanes<128, 4>>

tile.kernel @crowded(%x: !tile.global<f32, 1, 4>, %n: index) {
  tile.role @one group regs(24) {
    %c0 = arith.constant 0 : index
    %v = tile.load %x[%c0][8192] : !tile.global<f32, 1, 4> -> !x
    %p = tile.pin %v for llvm : !x
    tile.store %p, %x[%n][8192] : !x, !tile.global<f32, 1, 4>
  }
}
