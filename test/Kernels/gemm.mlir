// C[M, N] = A[M, K] B[N, K]^T, bf16, sums in f32. Persistent: a cluster of two CTAs takes tiles of 256 x 256 in an order that keeps
// 8 rows of tiles and one column in L2. Each CTA has 128 rows; B's 256 rows come half by each, to both, so L2 is read a third
// less: where rows are not 32-byte aligned (K 1000) that decides. One thread copies, two warpgroups multiply 64 rows each,
// two threads store; the stores of a tile go on while the next one is multiplied. Tails: copies fill with zeros and clip.
!a = !tile.smem<128x64xbf16, sw128>
!acc = tensor<64x256xf32, #tile.acc>
!piece = tensor<64x64xf32, #tile.acc>
!piece16 = tensor<64x64xbf16, #tile.acc>
!ab = !tile.ring<4, a: 128x64xbf16 sw128, b: 256x64xbf16 sw128>
!out = !tile.ring<2 x 2, c: 64x64xbf16 sw128>
!c4 = !tile.cursor<4>
!c2 = !tile.cursor<2>

// Number of a pair's tile to its row and column of tiles.
func.func private @place(%id: index, %rows: index, %cols: index) -> (index, index) {
  %c8 = arith.constant 8 : index
  %per = arith.muli %cols, %c8 : index
  %band = arith.divui %id, %per : index
  %first = arith.muli %band, %c8 : index
  %left = arith.subi %rows, %first : index
  %height = arith.minui %left, %c8 : index
  %in = arith.remui %id, %per : index
  %col = arith.divui %in, %height : index
  %r = arith.remui %in, %height : index
  %row = arith.addi %first, %r : index
  return %row, %col : index, index
}

tile.kernel @gemm(%am: !tile.map<bf16, 64x128, sw128>, %bm: !tile.map<bf16, 64x128, sw128>, %cm: !tile.map<bf16, 64x64, sw128>,
                  %rows: index, %cols: index, %steps: index) cluster(2, 1, 1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %cta = tile.cta 0
  %ctas = tile.cta_count 0
  %half = affine.apply affine_map<()[i] -> (i mod 2)>()[%cta]
  %pair = affine.apply affine_map<()[i] -> (i floordiv 2)>()[%cta]
  %pairs = affine.apply affine_map<()[i] -> (i floordiv 2)>()[%ctas]
  %total = arith.muli %rows, %cols : index
  %AB = tile.ring full(1 thread) empty(4 group) : !ab
  %OUT = tile.ring full(4 warp) empty(1 thread) : !out
  tile.role @copy thread regs(40) {
    %s0 = tile.cursor : !c4
    %e = scf.for %t = %pair to %total step %pairs iter_args(%c = %s0) -> (!c4) {
      %row, %col = func.call @place(%t, %rows, %cols) : (index, index, index) -> (index, index)
      %m = affine.apply affine_map<()[i, h] -> (256 * i + 128 * h)>()[%row, %half]
      %n = affine.apply affine_map<()[i, h] -> (256 * i + 128 * h)>()[%col, %half]
      %d = scf.for %k = %c0 to %steps step %c1 iter_args(%cc = %c) -> (!c4) {
        %kk = affine.apply affine_map<()[i] -> (64 * i)>()[%k]
        tile.fetch %AB[%cc] a = %am[%kk, %m], b = %bm[%kk, %n] across 0 : !ab, !tile.map<bf16, 64x128, sw128>, !tile.map<bf16, 64x128, sw128>
        %next = tile.next %cc : !c4
        scf.yield %next : !c4
      }
      scf.yield %d : !c4
    }
  }
  tile.role @store thread x 2 regs(40) {
  ^bb0(%w: index):
    %s0 = tile.cursor : !c2
    %e:2 = scf.for %t = %pair to %total step %pairs iter_args(%c = %s0, %n = %c0) -> (!c2, index) {
      %row, %col = func.call @place(%t, %rows, %cols) : (index, index, index) -> (index, index)
      %m = affine.apply affine_map<()[i, h, w] -> (256 * i + 128 * h + 64 * w)>()[%row, %half, %w]
      %d:2 = scf.for %j = %c0 to %c4 step %c1 iter_args(%cc = %c, %nn = %n) -> (!c2, index) {
        %x = affine.apply affine_map<()[i, j] -> (256 * i + 64 * j)>()[%col, %j]
        %s = tile.await %OUT[%w][%cc] : !out
        tile.fence
        tile.send %s -> %cm[%x, %m] : !tile.smem<64x64xbf16, sw128>, !tile.map<bf16, 64x64, sw128>
        tile.send_wait 1 read
        %late = arith.cmpi ne, %nn, %c0 : index
        %before = tile.next %cc by -1 : !c2
        tile.release %OUT[%w][%before] if(%late) : !out
        %next = tile.next %cc : !c2
        scf.yield %next, %c1 : !c2, index
      }
      scf.yield %d#0, %d#1 : !c2, index
    }
    tile.send_wait 0
  }
  tile.role @product group x 2 regs(232) {
  ^bb0(%w: index):
    %s4 = tile.cursor : !c4
    %s2 = tile.cursor : !c2
    %w64 = affine.apply affine_map<()[w] -> (64 * w)>()[%w]
    %e:2 = scf.for %t = %pair to %total step %pairs iter_args(%c = %s4, %oc = %s2) -> (!c4, !c2) {
      %a0, %b0 = tile.await %AB[%c] : !ab
      %x0 = tile.sub %a0[%w64, 0][64, 64] : !a
      %f0 = tile.mma %x0, %b0 tb : !tile.smem<64x64xbf16, sw128, rows = 128>, !tile.smem<256x64xbf16, sw128> -> !tile.flight<!acc>
      %n0 = tile.next %c : !c4
      %d:2 = scf.for %k = %c1 to %steps step %c1 iter_args(%cc = %n0, %f = %f0) -> (!c4, !tile.flight<!acc>) {
        %a, %b = tile.await %AB[%cc] : !ab
        %x = tile.sub %a[%w64, 0][64, 64] : !a
        %g = tile.mma %x, %b tb acc(%f : !tile.flight<!acc>) : !tile.smem<64x64xbf16, sw128, rows = 128>, !tile.smem<256x64xbf16, sw128> -> !tile.flight<!acc>
        tile.retire 1
        %before = tile.next %cc by -1 : !c4
        tile.release %AB[%before] across 0 : !ab
        %next = tile.next %cc : !c4
        scf.yield %next, %g : !c4, !tile.flight<!acc>
      }
      %acc = tile.land 0 (%d#1) : !tile.flight<!acc>
      %last = tile.next %d#0 by -1 : !c4
      tile.release %AB[%last] across 0 : !ab
      %o = scf.for %j = %c0 to %c4 step %c1 iter_args(%cc = %oc) -> (!c2) {
        %x = affine.apply affine_map<()[j] -> (64 * j)>()[%j]
        %p = tile.slice %acc[0, %x] : !acc to !piece
        %p16 = arith.truncf %p : !piece to !piece16
        %s = tile.acquire %OUT[%w][%cc] : !out
        tile.store %p16, %s[0, 0] : !piece16, !tile.smem<64x64xbf16, sw128>
        tile.publish %OUT[%w][%cc] : !out
        %next = tile.next %cc : !c2
        scf.yield %next : !c2
      } {tile.unroll}
      scf.yield %d#0, %o : !c4, !c2
    }
  }
}

func.func @forward(%a: tensor<?x?xbf16, #ssm.dims<M, K>> {ssm.name = "a", ssm.role = #ssm.role<input>},
                   %b: tensor<?x?xbf16, #ssm.dims<N, K>> {ssm.name = "b", ssm.role = #ssm.role<input>})
    -> (tensor<?x?xbf16, #ssm.dims<M, N>> {ssm.name = "out", ssm.role = #ssm.role<output>})
    attributes {ssm.dims = [#ssm.dim<M>, #ssm.dim<K>, #ssm.dim<N>]} {
  %c = tile.alloc : tensor<?x?xbf16, #ssm.dims<M, N>>
  %am = tile.tensor_map %a dims [K, M] strides [K] : tensor<?x?xbf16, #ssm.dims<M, K>> -> !tile.map<bf16, 64x128, sw128>
  %bm = tile.tensor_map %b dims [K, N] strides [K] : tensor<?x?xbf16, #ssm.dims<N, K>> -> !tile.map<bf16, 64x128, sw128>
  %cm = tile.tensor_map %c dims [N, M] strides [N] : tensor<?x?xbf16, #ssm.dims<M, N>> -> !tile.map<bf16, 64x64, sw128>
  %rows = tile.size ceildiv(M, 256)
  %cols = tile.size ceildiv(N, 256)
  %steps = tile.size ceildiv(K, 64)
  tile.launch @gemm grid [mul(2, min(div("%sms", 2), mul(ceildiv(M, 256), ceildiv(N, 256)))), 1, 1] (%am, %bm, %cm, %rows, %cols, %steps)
    : !tile.map<bf16, 64x128, sw128>, !tile.map<bf16, 64x128, sw128>, !tile.map<bf16, 64x64, sw128>, index, index, index
  return %c : tensor<?x?xbf16, #ssm.dims<M, N>>
}
