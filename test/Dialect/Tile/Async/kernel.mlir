// RUN: %ssm-opt %s | %ssm-opt | FileCheck %s

// A kernel, its prologue, roles of the three kinds, and warps apart.
!tile = tensor<64x64xf32, #tile.acc>
!row = tensor<64xf32, #tile.row>
// CHECK-LABEL: tile.kernel @roles(%{{.*}}: !tile.global<f32, 2>, %{{.*}}: index) ctas_per_sm(2) cluster(2, 1, 1) {
tile.kernel @roles(%x: !tile.global<f32, 2>, %n: index) ctas_per_sm(2) cluster(2, 1, 1) {
  // CHECK: tile.turns : <2>
  %T = tile.turns : !tile.turns<2>
  // CHECK: tile.cta 0
  %cta = tile.cta 0
  // CHECK: tile.cta_count 2
  %count = tile.cta_count 2
  // CHECK: tile.role @copy thread regs(40) {
  tile.role @copy thread regs(40) {
  }
  // CHECK: tile.role @decay warp x 3 regs(40) {
  // CHECK-NEXT: tile.sync
  tile.role @decay warp x 3 regs(40) {
    tile.sync
  }
  // CHECK: tile.role @rows group x 2 regs(160) {
  // CHECK-NEXT: ^bb0(%[[W:.*]]: index):
  tile.role @rows group x 2 regs(160) {
  ^bb0(%w: index):
    // CHECK: tile.take %{{.*}}[%[[W]]] : <2>
    tile.take %T[%w] : !tile.turns<2>
    // CHECK: tile.pass %{{.*}}[%[[W]]] : <2>
    tile.pass %T[%w] : !tile.turns<2>
    %t = tile.load %x[%n, 0] : !tile.global<f32, 2> -> !tile
    %r = tile.reduce addf %t : !tile -> !row
    // CHECK: tile.per_warp(%{{.*}}, %{{.*}}) : (tensor<64x64xf32, #tile.acc>, tensor<64xf32, #tile.row>) -> (tensor<64x64xf32, #tile.acc>, !tile.warps<i1>)
    // CHECK-NEXT: ^bb0(%{{.*}}: index, %{{.*}}: tensor<16x64xf32, #tile.acc>, %{{.*}}: tensor<16xf32, #tile.row>):
    %o, %votes = tile.per_warp(%t, %r) : (!tile, !row) -> (!tile, !tile.warps<i1>) {
    ^bb0(%warp: index, %a: tensor<16x64xf32, #tile.acc>, %b: tensor<16xf32, #tile.row>):
      %bb = tile.broadcast %b : tensor<16xf32, #tile.row> to tensor<16x64xf32, #tile.acc>
      %g = arith.cmpf ogt, %a, %bb : tensor<16x64xf32, #tile.acc>
      %any = tile.any %g : tensor<16x64xi1, #tile.acc>
      tile.yield %a, %any : tensor<16x64xf32, #tile.acc>, i1
    }
    // CHECK: tile.per_warp(%{{.*}}) : (!tile.warps<i1>) -> () {
    tile.per_warp(%votes) : (!tile.warps<i1>) -> () {
    ^bb0(%warp: index, %vote: i1):
      tile.yield
    }
  }
}
