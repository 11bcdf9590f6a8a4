// C[M, N] = silu(A[M, K] B[N, K]^T + bias[N]) + R[M, N], bf16, bias f32, sums and epilogue in f32. The product is gemm.mlir's; what
// is done to a tile of sums stands between its landing and its store.
!a = !tile.smem<128x64xbf16, sw128>
!half = !tile.smem<64x64xbf16, sw128, rows = 128>
!b = !tile.smem<256x64xbf16, sw128>
!cs = !tile.smem<64x64xbf16, sw128>
!am = !tile.map<bf16, 64x128, sw128>
!bm = !tile.map<bf16, 64x256, sw128>
!cm = !tile.map<bf16, 64x64, sw128>
!acc = tensor<64x256xf32, #tile.acc>
!flight = !tile.flight<!acc>
!piece = tensor<64x64xf32, #tile.acc>
!piece16 = tensor<64x64xbf16, #tile.acc>
!ab = !tile.ring<4, a: 128x64xbf16 sw128, b: 256x64xbf16 sw128>
!pieceq = tensor<64x64xbf16, #tile.quad>
!col = tensor<64xf32, #tile.col>
!bv = !tile.global<f32, 1>
!rv = !tile.global<bf16, 2, 8>
!out = !tile.ring<2 x 2, c: 64x64xbf16 sw128>
!c2 = !tile.cursor<2>

// Tile number to its row and column of tiles.
func.func private @place(%id: index, %rows: index, %cols: index) -> (index, index) {
  %first = tile.compute 16 * divui(%id, 16 * %cols) : index
  %in = tile.compute remui(%id, 16 * %cols) : index
  %height = tile.compute min(%rows - %first, 16) : index
  %row = tile.compute %first + remui(%in, %height) : index
  %col = tile.compute divui(%in, %height) : index
  return %row, %col : index, index
}

tile.kernel @gemm(%am: !am, %bm: !bm, %cm: !cm,
                  %bias: !bv, %R: !rv, %rows: index, %cols: index, %steps: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %cta = tile.cta 0
  %ctas = tile.cta_count 0
  %total = tile.compute %rows * %cols : index
  %AB = tile.ring full(1 thread) empty(2 group) : !ab
  %OUT = tile.ring full(4 warp) empty(1 thread) : !out
  tile.role @copy thread regs(40) {
    scf.for %t = %cta to %total step %ctas {
      %row, %col = func.call @place(%t, %rows, %cols) : (index, index, index) -> (index, index)
      %m = tile.compute 128 * %row : index
      %n = tile.compute 256 * %col : index
      scf.for %k = %c0 to %steps step %c1 {
        %kk = tile.compute 64 * %k : index
        tile.fetch %AB a = %am[%kk, %m], b = %bm[%kk, %n] : !ab, !am, !bm
      }
    }
  }
  tile.role @store thread x 2 regs(40) {
  ^bb0(%w: index):
    %s0 = tile.cursor : !c2
    %e:2 = scf.for %t = %cta to %total step %ctas iter_args(%c = %s0, %n = %c0) -> (!c2, index) {
      %row, %col = func.call @place(%t, %rows, %cols) : (index, index, index) -> (index, index)
      %m = tile.compute 128 * %row + 64 * %w : index
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
    scf.for %t = %cta to %total step %ctas {
      %row, %tcol = func.call @place(%t, %rows, %cols) : (index, index, index) -> (index, index)
      %m = tile.compute 128 * %row + 64 * %w : index
      %a0, %b0 = tile.await %AB : !ab
      %x0 = tile.sub %a0[%w64, 0][64, 64] : !a
      %f0 = tile.mma %x0, %b0 tb : !half, !b -> !flight
      %sum = scf.for %k = %c1 to %steps step %c1 iter_args(%f = %f0) -> (!flight) {
        %a, %b = tile.await %AB : !ab
        %x = tile.sub %a[%w64, 0][64, 64] : !a
        %g = tile.mma %x, %b tb acc(%f : !flight) : !half, !b -> !flight
        tile.retire 1
        tile.release %AB : !ab // the slot before this one
        scf.yield %g : !flight
      }
      %acc = tile.land 0 (%sum) : !flight
      tile.release %AB : !ab
      scf.for %j = %c0 to %c4 step %c1 {
        %x = tile.compute 64 * %j : index
        %p = tile.slice %acc[0, %x] : !acc to !piece
        %n = tile.compute 256 * %tcol + 64 * %j : index
        %rq = tile.load %R[%m, %n][64, 64] : !rv -> !pieceq
        %bc = tile.load %bias[%n][64] : !bv -> !col
        %u = tile.compute %p + %bc : (!piece, !col) -> !piece
        %su = tile.compute %u * (1 / (exp2(%u * -1.44269504) + 1)) approx : !piece // silu(u) = u / (1 + 2^(-u log2 e))
        %ra = tile.convert %rq : !pieceq to !piece16
        %p16 = tile.compute bf16(%su + f32(%ra)) : (!piece, !piece16) -> !piece16
        %s = tile.acquire %OUT[%w][] : !out
        tile.store %p16, %s[0, 0] : !piece16, !cs
        tile.publish %OUT[%w][] : !out
      } {tile.unroll}
    }
  }
}

func.func @forward(%a: tensor<?x?xbf16, #ssm.dims<M, K>> {ssm.name = "a", ssm.role = #ssm.role<input>},
                   %b: tensor<?x?xbf16, #ssm.dims<N, K>> {ssm.name = "b", ssm.role = #ssm.role<input>},
                   %bias: tensor<?xf32, #ssm.dims<N>> {ssm.name = "bias", ssm.role = #ssm.role<param>},
                   %r: tensor<?x?xbf16, #ssm.dims<M, N>> {ssm.name = "r", ssm.role = #ssm.role<input>})
    -> (tensor<?x?xbf16, #ssm.dims<M, N>> {ssm.name = "out", ssm.role = #ssm.role<output>})
    attributes {ssm.dims = [#ssm.dim<M>, #ssm.dim<K>, #ssm.dim<N>]} {
  %c = tile.alloc : tensor<?x?xbf16, #ssm.dims<M, N>>
  %am = tile.tensor_map %a dims [K, M] strides [K] : tensor<?x?xbf16, #ssm.dims<M, K>> -> !am
  %bm = tile.tensor_map %b dims [K, N] strides [K] : tensor<?x?xbf16, #ssm.dims<N, K>> -> !bm
  %cm = tile.tensor_map %c dims [N, M] strides [N] : tensor<?x?xbf16, #ssm.dims<M, N>> -> !cm
  %bv = tile.global_view %bias sizes [N] strides [1] : tensor<?xf32, #ssm.dims<N>> -> !bv
  %rv = tile.global_view %r sizes [M, N] strides [N, 1] : tensor<?x?xbf16, #ssm.dims<M, N>> -> !rv
  %rows = tile.size ceildiv(M, 128)
  %cols = tile.size ceildiv(N, 256)
  %steps = tile.size ceildiv(K, 64)
  tile.launch @gemm grid [min("%sms", mul(ceildiv(M, 128), ceildiv(N, 256))), 1, 1] (%am, %bm, %cm, %bv, %rv, %rows, %cols, %steps)
    : !am, !bm, !cm, !bv, !rv, index, index, index
  return %c : tensor<?x?xbf16, #ssm.dims<M, N>>
}
