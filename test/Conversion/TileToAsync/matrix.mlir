// RUN: ssm-opt %s --convert-tile-to-async --split-input-file | FileCheck %s
// Rows of 16-bit operands that lie on 16 bytes come by the copy engine, into a ring behind which two warpgroups multiply 64
// rows each, a CTA one item after the other; a bias is a column of the accumulator, results of 16 bits leave by a ring that a
// thread a warpgroup sends. Few rows have smaller tiles.
// CHECK-LABEL: tile.kernel @ring_128x64
// CHECK-SAME: !tile.map<bf16, 64x64, sw128>, %{{.*}}: !tile.map<bf16, 64x128, sw128>, %{{.*}}: !tile.map<bf16, 64x64, sw128>
// CHECK: %[[OUT:.*]] = tile.ring full(4 warp) empty(1 thread) : <2 x 2, c: 64x64xbf16 sw128>
// CHECK: tile.ring full(1 thread) empty(2 group) : <8, a: 128x64xbf16 sw128, b: 64x64xbf16 sw128>
// CHECK: tile.role @copy thread regs(40)
// CHECK: scf.for %{{.*}} = %{{.*}} to %{{.*}} step %{{.*}} iter_args
// CHECK: tile.fetch
// CHECK: tile.role @store thread x 2 regs(40)
// CHECK: %[[SLOT:.*]] = tile.await %[[OUT]]
// CHECK: tile.send %[[SLOT]]
// CHECK: tile.role @product group x 2 regs(232)
// CHECK: tile.await
// CHECK: tile.mma {{.*}} tb acc({{.*}}) unless
// CHECK: tile.retire 1
// CHECK: tile.land 0
// CHECK: tile.load {{.*}} -> tensor<64xf32, #tile.col>
// CHECK: tile.broadcast
// CHECK: tile.acquire %[[OUT]]
// CHECK: tile.publish %[[OUT]]
// CHECK-LABEL: tile.kernel @ring_64x64
// CHECK-SAME: ctas_per_sm(2)
func.func private @ring(%x: memref<?x512xbf16>, %w: memref<256x512xbf16>, %b: memref<256xf32>, %y: memref<?x256xbf16>, %n: index) {
  %c0 = arith.constant 0 : index
  %c256 = arith.constant 256 : index
  %c512 = arith.constant 512 : index
  %zero = arith.constant dense<0.0> : tensor<128x64xf32, #ssm.dims<L, O>>
  %X = tile.view %x : memref<?x512xbf16> to !tile.view<?x512xbf16, #ssm.dims<L, I>>
  %W = tile.view %w : memref<256x512xbf16> to !tile.view<256x512xbf16, #ssm.dims<O, I>>
  %B = tile.view %b : memref<256xf32> to !tile.view<256xf32, #ssm.dims<O>>
  %Y = tile.view %y : memref<?x256xbf16> to !tile.view<?x256xbf16, #ssm.dims<L, O>>
  tile.program owns(L = %l : 128 of %n, O = %o : 64 of %c256) {
    %s = tile.loop I = %i : 64 from %c0 to %c512 order any carry(%acc = %zero : tensor<128x64xf32, #ssm.dims<L, O>>) {
      %a = tile.read %X[L = %l, I = %i] : !tile.view<?x512xbf16, #ssm.dims<L, I>> -> tensor<128x64xbf16, #ssm.dims<L, I>>
      %c = tile.read %W[O = %o, I = %i] : !tile.view<256x512xbf16, #ssm.dims<O, I>> -> tensor<64x64xbf16, #ssm.dims<O, I>>
      %p = tile.product %a, %c over ["I"] acc(%acc) : (tensor<128x64xbf16, #ssm.dims<L, I>>, tensor<64x64xbf16, #ssm.dims<O, I>>, tensor<128x64xf32, #ssm.dims<L, O>>) -> tensor<128x64xf32, #ssm.dims<L, O>>
      tile.yield %p : tensor<128x64xf32, #ssm.dims<L, O>>
    }
    %v = tile.read %B[O = %o] : !tile.view<256xf32, #ssm.dims<O>> -> tensor<64xf32, #ssm.dims<O>>
    %u = tile.spread %v : tensor<64xf32, #ssm.dims<O>> -> tensor<128x64xf32, #ssm.dims<L, O>>
    %t = arith.addf %s, %u : tensor<128x64xf32, #ssm.dims<L, O>>
    %h = arith.truncf %t : tensor<128x64xf32, #ssm.dims<L, O>> to tensor<128x64xbf16, #ssm.dims<L, O>>
    tile.write %h to %Y[L = %l, O = %o] : tensor<128x64xbf16, #ssm.dims<L, O>> to !tile.view<?x256xbf16, #ssm.dims<L, O>>
  }
  return
}

// -----

// Operands of f32 go through registers, each as three parts of bf16, and six products of parts make one as exact as f32's.
// CHECK-LABEL: tile.kernel @parts_any
// CHECK-COUNT-6: tile.buffer : <64x64xbf16, sw128>
// CHECK: tile.role @product group {
// CHECK: tile.load {{.*}} -> tensor<64x64xf32, #tile.lanes<8, 8>>
// CHECK: tile.sync
// CHECK: tile.fence
// CHECK-COUNT-6: tile.mma
// CHECK: tile.land 0
// CHECK: arith.addf
func.func private @parts(%x: memref<?x?xf32>, %w: memref<?x?xf32>, %y: memref<?x?xf32>, %n: index, %m: index, %k: index) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant dense<0.0> : tensor<64x64xf32, #ssm.dims<L, O>>
  %X = tile.view %x : memref<?x?xf32> to !tile.view<?x?xf32, #ssm.dims<L, I>>
  %W = tile.view %w : memref<?x?xf32> to !tile.view<?x?xf32, #ssm.dims<O, I>>
  %Y = tile.view %y : memref<?x?xf32> to !tile.view<?x?xf32, #ssm.dims<L, O>>
  tile.program owns(L = %l : 64 of %n, O = %o : 64 of %m) {
    %s = tile.loop I = %i : 64 from %c0 to %k order any carry(%acc = %zero : tensor<64x64xf32, #ssm.dims<L, O>>) {
      %a = tile.read %X[L = %l, I = %i] : !tile.view<?x?xf32, #ssm.dims<L, I>> -> tensor<64x64xf32, #ssm.dims<L, I>>
      %c = tile.read %W[O = %o, I = %i] : !tile.view<?x?xf32, #ssm.dims<O, I>> -> tensor<64x64xf32, #ssm.dims<O, I>>
      %p = tile.product %a, %c over ["I"] acc(%acc) : (tensor<64x64xf32, #ssm.dims<L, I>>, tensor<64x64xf32, #ssm.dims<O, I>>, tensor<64x64xf32, #ssm.dims<L, O>>) -> tensor<64x64xf32, #ssm.dims<L, O>>
      tile.yield %p : tensor<64x64xf32, #ssm.dims<L, O>>
    }
    tile.write %s to %Y[L = %l, O = %o] : tensor<64x64xf32, #ssm.dims<L, O>> to !tile.view<?x?xf32, #ssm.dims<L, O>>
  }
  return
}
