// C[M, N] = A[M, K] B[N, K]^T, bf16, sums in f32. Persistent: a cluster of two CTAs takes tiles of 256 x 256 in an order that keeps
// 8 rows of tiles and one column in L2. Each CTA has 128 rows; B's 256 rows come half by each, to both, so L2 is read a third
// less: where rows are not 32-byte aligned (K 1000) that decides. One thread copies, two warpgroups multiply 64 rows each,
// two threads store; the stores of a tile go on while the next one is multiplied. Tails: copies fill with zeros and clip.
!a = !tile.smem<128x64xbf16, sw128>
!half = !tile.smem<64x64xbf16, sw128, rows = 128>
!b = !tile.smem<256x64xbf16, sw128>
!cs = !tile.smem<64x64xbf16, sw128>
!am = !tile.map<bf16, 64x128, sw128>
!cm = !tile.map<bf16, 64x64, sw128>
!acc = tensor<64x256xf32, #tile.acc>
!flight = !tile.flight<!acc>
!piece = tensor<64x64xf32, #tile.acc>
!piece16 = tensor<64x64xbf16, #tile.acc>
!ab = !tile.ring<4, a: 128x64xbf16 sw128, b: 256x64xbf16 sw128>
!out = !tile.ring<2 x 2, c: 64x64xbf16 sw128>
!c2 = !tile.cursor<2>

// Number of a pair's tile to its row and column of tiles.
func.func private @place(%id: index, %rows: index, %cols: index) -> (index, index) {
  %first = tile.compute 8 * divui(%id, 8 * %cols) : index
  %in = tile.compute remui(%id, 8 * %cols) : index
  %height = tile.compute min(%rows - %first, 8) : index
  %row = tile.compute %first + remui(%in, %height) : index
  %col = tile.compute divui(%in, %height) : index
  return %row, %col : index, index
}

tile.kernel @gemm(%am: !am, %bm: !am, %cm: !cm, %rows: index, %cols: index, %steps: index) cluster(2, 1, 1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %cta = tile.cta 0
  %ctas = tile.cta_count 0
  %half = tile.compute %cta mod 2 : index
  %pair = tile.compute %cta floordiv 2 : index
  %pairs = tile.compute %ctas floordiv 2 : index
  %total = tile.compute %rows * %cols : index
  %AB = tile.ring full(1 thread) empty(4 group) : !ab
  %OUT = tile.ring full(4 warp) empty(1 thread) : !out
  tile.role @copy thread regs(40) {
    scf.for %t = %pair to %total step %pairs {
      %row, %col = func.call @place(%t, %rows, %cols) : (index, index, index) -> (index, index)
      %m = tile.compute 256 * %row + 128 * %half : index
      %n = tile.compute 256 * %col + 128 * %half : index
      scf.for %k = %c0 to %steps step %c1 {
        %kk = tile.compute 64 * %k : index
        tile.fetch %AB a = %am[%kk, %m], b = %bm[%kk, %n] across 0 : !ab, !am, !am
      }
    }
  }
  tile.role @store thread x 2 regs(40) {
  ^bb0(%w: index):
    %s0 = tile.cursor : !c2
    %e:2 = scf.for %t = %pair to %total step %pairs iter_args(%c = %s0, %n = %c0) -> (!c2, index) {
      %row, %col = func.call @place(%t, %rows, %cols) : (index, index, index) -> (index, index)
      %m = tile.compute 256 * %row + 128 * %half + 64 * %w : index
      %d:2 = scf.for %j = %c0 to %c4 step %c1 iter_args(%cc = %c, %nn = %n) -> (!c2, index) {
        %x = tile.compute 256 * %col + 64 * %j : index
        %s = tile.await %OUT[%w][%cc] : !out
        tile.fence
        tile.send %s -> %cm[%x, %m] : !cs, !cm
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
    %w64 = tile.compute 64 * %w : index
    scf.for %t = %pair to %total step %pairs {
      %a0, %b0 = tile.await %AB : !ab
      %x0 = tile.sub %a0[%w64, 0][64, 64] : !a
      %f0 = tile.mma %x0, %b0 tb : !half, !b -> !flight
      %sum = scf.for %k = %c1 to %steps step %c1 iter_args(%f = %f0) -> (!flight) {
        %a, %b = tile.await %AB : !ab
        %x = tile.sub %a[%w64, 0][64, 64] : !a
        %g = tile.mma %x, %b tb acc(%f : !flight) : !half, !b -> !flight
        tile.retire 1
        tile.release %AB across 0 : !ab // the slot before this one
        scf.yield %g : !flight
      }
      %acc = tile.land 0 (%sum) : !flight
      tile.release %AB across 0 : !ab
      scf.for %j = %c0 to %c4 step %c1 {
        %x = tile.compute 64 * %j : index
        %p = tile.slice %acc[0, %x] : !acc to !piece
        %p16 = tile.compute bf16(%p) : !piece -> !piece16
        %s = tile.acquire %OUT[%w][] : !out
        tile.store %p16, %s[0, 0] : !piece16, !cs
        tile.publish %OUT[%w][] : !out
      } {tile.unroll}
    }
  }
}

func.func @forward(%a: tensor<?x?xbf16, #ssm.dims<M, K>> {ssm.name = "a", ssm.role = #ssm.role<input>},
                   %b: tensor<?x?xbf16, #ssm.dims<N, K>> {ssm.name = "b", ssm.role = #ssm.role<input>})
    -> (tensor<?x?xbf16, #ssm.dims<M, N>> {ssm.name = "out", ssm.role = #ssm.role<output>})
    attributes {ssm.dims = [#ssm.dim<M>, #ssm.dim<K>, #ssm.dim<N>]} {
  %c = tile.alloc : tensor<?x?xbf16, #ssm.dims<M, N>>
  %am = tile.tensor_map %a dims [K, M] strides [K] : tensor<?x?xbf16, #ssm.dims<M, K>> -> !am
  %bm = tile.tensor_map %b dims [K, N] strides [K] : tensor<?x?xbf16, #ssm.dims<N, K>> -> !am
  %cm = tile.tensor_map %c dims [N, M] strides [N] : tensor<?x?xbf16, #ssm.dims<M, N>> -> !cm
  %rows = tile.size ceildiv(M, 256)
  %cols = tile.size ceildiv(N, 256)
  %steps = tile.size ceildiv(K, 64)
  tile.launch @gemm grid [mul(2, min(div("%sms", 2), mul(ceildiv(M, 256), ceildiv(N, 256)))), 1, 1] (%am, %bm, %cm, %rows, %cols, %steps)
    : !am, !am, !cm, index, index, index
  return %c : tensor<?x?xbf16, #ssm.dims<M, N>>
}
