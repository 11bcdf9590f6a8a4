// Boxes: wait for the slot, store the scalars, announce the bytes, copy. Stores are a bulk group each.
// RUN: ssm-opt %s --tile-place --convert-tile-to-nvvm | FileCheck %s
!ring = !tile.ring<2, x: 64x128xbf16 sw128, at: 2xi32>
!map = !tile.map<bf16, 64x64x1, sw128>

// CHECK-LABEL: llvm.func @k
tile.kernel @k(%m: !map, %r: index) {
  %R = tile.ring full(1 thread) empty(1 thread) : !ring
  tile.role @in thread {
    %c = tile.cursor : !tile.cursor<2>
    // CHECK: mbarrier.try_wait.parity
    // CHECK: "st.shared.b32 [$0+16384], $1;"
    // CHECK: "st.shared.b32 [$0+16388], $1;"
    // CHECK: "mbarrier.arrive.expect_tx.shared::cta.b64 _, [$0+{{[0-9]+}}], 16384;"
    // CHECK: "cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes [$0+0], [$1, {$3, $4, $5}], [$2+{{[0-9]+}}];", "r,l,r,r,r,r,~{memory}"
    // CHECK: "cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes [$0+8192],
    tile.fetch %R[%c] x = %m[0, %r, 0], x = %m[64, %r, 0], at = (%r, -1) : !ring, !map, !map
  }
  tile.role @out thread {
    %c = tile.cursor : !tile.cursor<2>
    %x, %at = tile.await %R[%c] : !ring
    %b = tile.sub %x[0, 64][64, 64] : !tile.smem<64x128xbf16, sw128>
    // CHECK: "fence.proxy.async.shared::cta;"
    tile.fence
    // CHECK: "cp.reduce.async.bulk.tensor.3d.global.shared::cta.add.bulk_group [$0, {$2, $3, $4}], [$1+0];"
    // CHECK: "cp.async.bulk.commit_group;"
    tile.send %b -> %m[0, %r, 0] add : !tile.smem<64x64xbf16, sw128>, !map
    // CHECK: "cp.async.bulk.wait_group.read 0;"
    tile.send_wait 0 read
  }
}
